// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// The limits of STS for the duration of a session, in seconds. Source: API pages
// AssumeRole and AssumeRoleWithOIDC, DurationSeconds. A role can have a lower limit.
const (
	minSession = 900
	maxSession = 43200
)

// credentialAttributes configure the credentials, in order of precedence.
func credentialAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"access_key": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "AccessKey ID. The ID, the secret and the security token always come from the same " +
				"source; an incomplete pair is an error. " + inEnvironment(credentialNames.idOf),
		},
		"secret_key": schema.StringAttribute{
			Optional:            true,
			Sensitive:           true,
			MarkdownDescription: "AccessKey secret. " + inEnvironment(credentialNames.secretOf),
		},
		"security_token": schema.StringAttribute{
			Optional:  true,
			Sensitive: true,
			MarkdownDescription: "Security token of temporary (STS) credentials. " +
				inEnvironment(credentialNames.tokenOf),
		},
		"profile": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Profile in `shared_credentials_file`, in any mode of the Alibaba Cloud CLI. The " +
				"file is read again whenever credentials are renewed. No profile is used by default. " + environment(profileVariables),
		},
		"shared_credentials_file": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "File that contains `profile`: the JSON file of the Alibaba Cloud CLI or the INI " +
				"file of the Alibaba Cloud SDKs. Defaults to `~/.aliyun/config.json`, or to " +
				"`~/.alibabacloud/credentials` if the first does not exist. " + environment(sharedFileVariables),
		},
		"credentials_uri": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "URL of a service that returns temporary credentials, such as a sidecar. The " +
				"provider requests new credentials before they expire. The scheme must be `https`, unless the host is " +
				"this machine or has an address that is not routed on the internet (`127.0.0.0/8`, `169.254.0.0/16`, `100.64.0.0/10`). " + environment(uriVariables),
		},
		"ecs_role_name": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "RAM role of the ECS instance that Terraform runs on. The provider uses version 2 of " +
				"the instance metadata service (IMDSv2) only, and never a proxy. " + environment(ecsRoleVariables),
		},
	}
}

func assumeRoleBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "RAM role to assume with the credentials from the other methods. The session is renewed " +
			"during a long upload.",
		Validators: []validator.List{listvalidator.SizeAtMost(1)},
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"role_arn": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ARN of the role. Required, here or in the environment. " + environment(roleVariables),
			},
			"session_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of the session in audit logs. Defaults to `terraform`. " + environment(sessionVariables),
			},
			"session_expiration": sessionExpiration(" " + environment(expirationVariables)),
			"policy":             sessionPolicy(),
			"external_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "External ID that the trust policy of the role requires.",
			},
		}},
	}
}

func assumeRoleWithOIDCBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "RAM role to assume with a token from an OIDC identity provider, such as a CI system or " +
			"Kubernetes (RRSA). Its environment variables are used only if the block is present.",
		Validators: []validator.List{listvalidator.SizeAtMost(1)},
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"oidc_provider_arn": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ARN of the identity provider. Required, here or in the environment. " + environment(oidcProviderVariable),
			},
			"oidc_token_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "File that contains the token. It is read again for each session, so the token " +
					"can be rotated during an upload. This or `oidc_token` is required, here or in the environment. " + environment(oidcFileVariable),
			},
			"oidc_token": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				MarkdownDescription: "The token itself. It cannot be renewed, so use `oidc_token_file` for long " +
					"uploads. " + environment(oidcTokenVariable),
			},
			"role_arn": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ARN of the role. Required, here or in the environment. " + environment(oidcRoleVariable),
			},
			"role_session_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of the session in audit logs. Defaults to `terraform`. " + environment(oidcSessionVariable),
			},
			"session_expiration": sessionExpiration(""),
			"policy":             sessionPolicy(),
		}},
	}
}

func sessionExpiration(more string) schema.Attribute {
	return schema.Int64Attribute{
		Optional:   true,
		Validators: []validator.Int64{between(minSession, maxSession)},
		MarkdownDescription: fmt.Sprintf("Duration of a session in seconds, between `%d` and `%d`, and at most what the role allows. Defaults to `3600`.",
			minSession, maxSession) + more,
	}
}

func sessionPolicy() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "RAM policy in JSON that restricts the permissions of the session.",
	}
}

func (n credentialNames) idOf() string     { return n.id }
func (n credentialNames) secretOf() string { return n.secret }
func (n credentialNames) tokenOf() string  { return n.token }

// inEnvironment returns the sentences about the variables of each credential family.
func inEnvironment(of func(credentialNames) string) string {
	var variables []string
	for _, names := range credentialVariables {
		variables = append(variables, of(names))
	}
	return environment(variables) + " `" + of(ossToolVariables) + "` is used if no other method is configured."
}
