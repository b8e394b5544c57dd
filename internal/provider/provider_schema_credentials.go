// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// How long STS makes a session, in seconds. Source: API pages AssumeRole and
// AssumeRoleWithOIDC, DurationSeconds; the role itself may allow less.
const (
	minSession = 900
	maxSession = 43200
)

// credentialAttributes say who asks, in the order in which they are looked at.
func credentialAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"access_key": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "AccessKey ID. An ID, its secret and its token are always taken from the same place; " +
				"a pair of which only one half is set is an error. " + inEnvironment(credentialNames.idOf),
		},
		"secret_key": schema.StringAttribute{
			Optional:            true,
			Sensitive:           true,
			MarkdownDescription: "AccessKey secret. " + inEnvironment(credentialNames.secretOf),
		},
		"security_token": schema.StringAttribute{
			Optional:  true,
			Sensitive: true,
			MarkdownDescription: "Security token, which temporary (STS) credentials have beside their ID and secret. " +
				inEnvironment(credentialNames.tokenOf),
		},
		"profile": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Profile of `shared_credentials_file`, in any mode of the Alibaba Cloud CLI. The file is read again " +
				"whenever credentials are renewed. None is used by default. " + environment(profileVariables),
		},
		"shared_credentials_file": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "File that `profile` is looked for in: the CLI's JSON, or the INI file of Alibaba Cloud's SDKs. " +
				"Default: `~/.aliyun/config.json`, or if there is none `~/.alibabacloud/credentials`. " + environment(sharedFileVariables),
		},
		"credentials_uri": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "URL of a service that answers with temporary credentials, such as a sidecar's. It is asked again " +
				"before they end. It must be `https`, unless its host is this machine or on its link (`127.0.0.0/8`, " +
				"`169.254.0.0/16`, `100.64.0.0/10`). " + environment(uriVariables),
		},
		"ecs_role_name": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "RAM role of the ECS instance that Terraform runs on. The metadata service is asked by its second " +
				"version only (IMDSv2), and never through a proxy. " + environment(ecsRoleVariables),
		},
	}
}

func assumeRoleBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "RAM role to assume with the credentials that the other methods bring. The session is renewed " +
			"during a long upload.",
		Validators: []validator.List{listvalidator.SizeAtMost(1)},
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"role_arn": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ARN of the role. Required, here or in the environment. " + environment(roleVariables),
			},
			"session_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of the session in audit logs. Default: `terraform`. " + environment(sessionVariables),
			},
			"session_expiration": sessionExpiration(" " + environment(expirationVariables)),
			"policy":             sessionPolicy(),
			"external_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "External ID that the role's trust policy asks for.",
			},
		}},
	}
}

func assumeRoleWithOIDCBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "RAM role to assume with a token of an OIDC identity provider, as CI systems and Kubernetes (RRSA) " +
			"give to their jobs. Its environment variables count only where the block is.",
		Validators: []validator.List{listvalidator.SizeAtMost(1)},
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"oidc_provider_arn": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ARN of the identity provider. Required, here or in the environment. " + environment(oidcProviderVariable),
			},
			"oidc_token_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "File with the token. It is read again for each session, so whoever writes it may renew it. " +
					"This or `oidc_token` is required, here or in the environment. " + environment(oidcFileVariable),
			},
			"oidc_token": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "The token itself. It ends with its first session: for long uploads use the file. " + environment(oidcTokenVariable),
			},
			"role_arn": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ARN of the role. Required, here or in the environment. " + environment(oidcRoleVariable),
			},
			"role_session_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of the session in audit logs. Default: `terraform`. " + environment(oidcSessionVariable),
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
		MarkdownDescription: fmt.Sprintf("Length of a session in seconds, %d to %d, and no more than the role allows. Default: 3600.",
			minSession, maxSession) + more,
	}
}

func sessionPolicy() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "RAM policy in JSON that narrows what the session may do.",
	}
}

func (n credentialNames) idOf() string     { return n.id }
func (n credentialNames) secretOf() string { return n.secret }
func (n credentialNames) tokenOf() string  { return n.token }

// inEnvironment names the variable of each credential family.
func inEnvironment(of func(credentialNames) string) string {
	var variables []string
	for _, names := range credentialVariables {
		variables = append(variables, of(names))
	}
	return environment(variables) + " After every other method: `" + of(ossToolVariables) + "`."
}
