// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient/credentials"
)

// The environment variables for credentials are those of the alicloud provider. Those of
// the two role blocks are used only if the block is present.
var (
	profileVariables     = []string{"ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"}
	sharedFileVariables  = []string{"ALICLOUD_SHARED_CREDENTIALS_FILE", "ALIBABA_CLOUD_CREDENTIALS_FILE"}
	uriVariables         = []string{"ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI"}
	ecsRoleVariables     = []string{"ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"}
	roleVariables        = []string{"ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"}
	sessionVariables     = []string{"ALICLOUD_ASSUME_ROLE_SESSION_NAME", "ALIBABA_CLOUD_ROLE_SESSION_NAME"}
	expirationVariables  = []string{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION"}
	oidcProviderVariable = []string{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN"}
	oidcFileVariable     = []string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE"}
	oidcTokenVariable    = []string{"ALIBABA_CLOUD_OIDC_TOKEN"}
	oidcRoleVariable     = []string{"ALIBABA_CLOUD_ROLE_ARN"}
	oidcSessionVariable  = []string{"ALIBABA_CLOUD_ROLE_SESSION_NAME"}

	credentialVariables = []credentialNames{
		{"ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"},
		{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"},
		{"ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_SECURITY_TOKEN"},
	}
	// ossToolVariables come after all methods of alicloud, which does not use them. If
	// both providers find credentials, they find the same.
	ossToolVariables = credentialNames{"OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"}
)

// methodVariables are the methods that an argument or one of its variables selects, in
// order of precedence.
var methodVariables = []struct {
	argument  string
	variables []string
}{{"profile", profileVariables}, {"credentials_uri", uriVariables}, {"ecs_role_name", ecsRoleVariables}}

// credentialNames are the names for one family of credentials. An AccessKey ID works
// only with its own secret and token, so the three never come from different families.
type credentialNames struct{ id, secret, token string }

// keyArguments is the family of the provider block.
var keyArguments = credentialNames{"access_key", "secret_key", "security_token"}

type assumeRoleModel struct {
	RoleARN           types.String `tfsdk:"role_arn"`
	SessionName       types.String `tfsdk:"session_name"`
	SessionExpiration types.Int64  `tfsdk:"session_expiration"`
	Policy            types.String `tfsdk:"policy"`
	ExternalID        types.String `tfsdk:"external_id"`
}

type assumeRoleWithOIDCModel struct {
	OIDCProviderARN   types.String `tfsdk:"oidc_provider_arn"`
	OIDCTokenFile     types.String `tfsdk:"oidc_token_file"`
	OIDCToken         types.String `tfsdk:"oidc_token"`
	RoleARN           types.String `tfsdk:"role_arn"`
	RoleSessionName   types.String `tfsdk:"role_session_name"`
	SessionExpiration types.Int64  `tfsdk:"session_expiration"`
	Policy            types.String `tfsdk:"policy"`
}

// resolveCredentials returns the configuration of the credentials and the method that
// selects them. It takes the first method that is set, in the order of alicloud. A method
// that is set only in part is an error. The next method could belong to another user,
// whose key must not sign the requests.
func resolveCredentials(ctx context.Context, args providerModel, getenv func(string) string) (cfg credentials.Config, method string, diags diag.Diagnostics) {
	cfg.AssumeRole, diags = resolveAssumeRole(ctx, args, getenv)

	found, names, pairDiags := firstPair(args, getenv, credentialVariables)
	if found != (ossclient.Credentials{}) {
		cfg.Static = found
		return cfg, names.id, append(diags, pairDiags...)
	}
	if profile := namedProfile(args, getenv); profile != nil {
		cfg.Profile = profile
		if _, err := profile.Region(); err != nil {
			diags.Append(errorAt(path.Root("profile"), "Profile cannot be used", sentence(err)))
		}
		return cfg, "profile", diags
	}
	if cfg.URI = firstSet(args.CredentialsURI.ValueString(), uriVariables, getenv); cfg.URI != "" {
		if _, err := credentials.ParseURI(cfg.URI); err != nil {
			diags.Append(errorAt(path.Empty(), "Invalid credentials_uri", escape.Sprintf("The address in credentials_uri or in %s %v. "+
				"An http address is allowed only for this machine and addresses that are not routed on the internet: localhost, 127.0.0.0/8, 169.254.0.0/16 or 100.64.0.0/10.",
				strings.Join(uriVariables, " or "), err)))
		}
		return cfg, "credentials_uri", diags
	}
	if cfg.ECSRoleName = firstSet(args.ECSRoleName.ValueString(), ecsRoleVariables, getenv); cfg.ECSRoleName != "" {
		return cfg, "ecs_role_name", diags
	}
	oidc, oidcDiags := resolveOIDC(ctx, args, getenv)
	if diags.Append(oidcDiags...); oidc != nil || oidcDiags.HasError() {
		cfg.OIDC = oidc
		return cfg, "assume_role_with_oidc", diags
	}
	found, names, pairDiags = firstPair(providerModel{}, getenv, []credentialNames{ossToolVariables})
	if found != (ossclient.Credentials{}) {
		cfg.Static = found
		return cfg, names.id, append(diags, pairDiags...)
	}
	diags.Append(noCredentials(args, getenv))
	return cfg, "", diags
}

// noCredentials returns the error that lists all methods.
func noCredentials(args providerModel, getenv func(string) string) diag.Diagnostic {
	looked := []escape.Text{"access_key and secret_key in the provider block"}
	for _, names := range credentialVariables {
		looked = append(looked, escape.Sprintf("%s and %s", names.id, names.secret))
	}
	for _, method := range methodVariables {
		looked = append(looked, escape.Sprintf("%s in the provider block, or %s", method.argument, strings.Join(method.variables, " or ")))
	}
	looked = append(looked, "an assume_role_with_oidc block", escape.Sprintf("%s and %s", ossToolVariables.id, ossToolVariables.secret))

	detail := "The provider found no credentials. It looks for these, in this order:\n\n  - " + escape.Join(looked, "\n  - ") +
		"\n\nSet one of them. Temporary credentials also need their security token."
	if firstSet(args.SharedCredentialsFile.ValueString(), sharedFileVariables, getenv) != "" {
		detail += " shared_credentials_file is set, but the provider reads it only if profile is set as well."
	}
	if len(args.AssumeRole.Elements()) > 0 {
		detail += " An assume_role block sets the role to assume, but not the credentials that assume it."
	}
	return errorAt(path.Empty(), "Missing credentials", detail)
}

// firstPair returns the first family that is set, at least in part: that of the block, or
// those of the variables.
func firstPair(args providerModel, getenv func(string) string, families []credentialNames) (found ossclient.Credentials, names credentialNames, diags diag.Diagnostics) {
	found = ossclient.Credentials{
		AccessKeyID:     args.AccessKey.ValueString(),
		AccessKeySecret: args.SecretKey.ValueString(),
		SecurityToken:   args.SecurityToken.ValueString(),
	}
	if found != (ossclient.Credentials{}) {
		return found, keyArguments, keyArguments.missing(found)
	}
	for _, names = range families {
		found = ossclient.Credentials{
			AccessKeyID:     getenv(names.id),
			AccessKeySecret: getenv(names.secret),
			SecurityToken:   getenv(names.token),
		}
		if found != (ossclient.Credentials{}) {
			return found, names, names.missing(found)
		}
	}
	return found, names, nil
}

// missing returns an error for the ID and for the secret if it is not set.
func (n credentialNames) missing(found ossclient.Credentials) diag.Diagnostics {
	var diags diag.Diagnostics
	report := func(name string) {
		const summary escape.Text = "Incomplete credentials"
		detail := escape.Sprintf("%s is not set, but another of %s, %s and %s is. An AccessKey ID, its secret and its token must "+
			"come from the same source. Set %[1]s as well, or unset the others.", name, n.id, n.secret, n.token)
		if n == keyArguments {
			diags.Append(errorAt(path.Root(name), summary, detail))
		} else {
			diags.Append(errorAt(path.Empty(), summary, detail))
		}
	}
	if found.AccessKeyID == "" {
		report(n.id)
	}
	if found.AccessKeySecret == "" {
		report(n.secret)
	}
	return diags
}

// namedProfile returns the configured profile, or nil. As in alicloud, there is no default
// profile.
func namedProfile(args providerModel, getenv func(string) string) *credentials.Profile {
	name := firstSet(args.Profile.ValueString(), profileVariables, getenv)
	if name == "" {
		return nil
	}
	file := expandHome(firstSet(args.SharedCredentialsFile.ValueString(), sharedFileVariables, getenv))
	if file == "" {
		home, _ := os.UserHomeDir() // without one, the error of the profile names the file
		file = credentials.DefaultFile(home)
	}
	return &credentials.Profile{File: file, Name: name}
}

func resolveAssumeRole(ctx context.Context, args providerModel, getenv func(string) string) (*credentials.AssumeRole, diag.Diagnostics) {
	block, at, diags := only[assumeRoleModel](ctx, args.AssumeRole, "assume_role")
	if block == nil {
		return nil, diags
	}
	role := &credentials.AssumeRole{
		RoleARN:     firstSet(block.RoleARN.ValueString(), roleVariables, getenv),
		SessionName: firstSet(block.SessionName.ValueString(), sessionVariables, getenv),
		Policy:      block.Policy.ValueString(),
		ExternalID:  block.ExternalID.ValueString(),
		Expiration:  time.Duration(block.SessionExpiration.ValueInt64()) * time.Second,
	}
	diags.Append(requireArgument(at.AtName("role_arn"), role.RoleARN, roleVariables)...)
	if text := firstSet("", expirationVariables, getenv); text != "" && role.Expiration == 0 {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < minSession || seconds > maxSession {
			diags.Append(errorAt(at.AtName("session_expiration"), "Invalid session expiration", escape.Sprintf(
				"%s must be a number of seconds from %d to %d.", expirationVariables[0], minSession, maxSession)))
		}
		role.Expiration = time.Duration(seconds) * time.Second
	}
	return role, diags
}

func resolveOIDC(ctx context.Context, args providerModel, getenv func(string) string) (*credentials.OIDC, diag.Diagnostics) {
	block, at, diags := only[assumeRoleWithOIDCModel](ctx, args.AssumeRoleWithOIDC, "assume_role_with_oidc")
	if block == nil {
		return nil, diags
	}
	oidc := &credentials.OIDC{
		AssumeRole: credentials.AssumeRole{
			RoleARN:     firstSet(block.RoleARN.ValueString(), oidcRoleVariable, getenv),
			SessionName: firstSet(block.RoleSessionName.ValueString(), oidcSessionVariable, getenv),
			Policy:      block.Policy.ValueString(),
			Expiration:  time.Duration(block.SessionExpiration.ValueInt64()) * time.Second,
		},
		ProviderARN: firstSet(block.OIDCProviderARN.ValueString(), oidcProviderVariable, getenv),
		Token:       block.OIDCToken.ValueString(),
		TokenFile:   expandHome(block.OIDCTokenFile.ValueString()),
	}
	diags.Append(requireArgument(at.AtName("role_arn"), oidc.RoleARN, oidcRoleVariable)...)
	diags.Append(requireArgument(at.AtName("oidc_provider_arn"), oidc.ProviderARN, oidcProviderVariable)...)
	switch {
	case oidc.Token != "" && oidc.TokenFile != "":
		diags.Append(errorAt(at.AtName("oidc_token_file"), "Conflicting token arguments", // not at the token, which Terraform would show
			"Both oidc_token and oidc_token_file are set. Remove oidc_token: the provider reads the file again for each session, but cannot "+
				"renew a token."))
	case oidc.Token == "" && oidc.TokenFile == "":
		oidc.Token, oidc.TokenFile = firstSet("", oidcTokenVariable, getenv), firstSet("", oidcFileVariable, getenv)
		diags.Append(requireArgument(at.AtName("oidc_token_file"), oidc.Token+oidc.TokenFile, append(oidcFileVariable, oidcTokenVariable...))...)
	}
	return oidc, diags
}

// requireArgument returns an error if a required argument of a block has no value.
func requireArgument(at path.Path, value string, variables []string) diag.Diagnostics {
	if value != "" {
		return nil
	}
	step, _ := at.Steps().LastStep()
	return diag.Diagnostics{errorAt(at, "Missing argument", escape.Sprintf(
		"%s is required. Set it in the block, or set %s in the environment.", step, strings.Join(variables, " or ")))}
}

// only returns the block in a list of at most one, or nil, and its path.
func only[T any](ctx context.Context, blocks types.List, name string) (*T, path.Path, diag.Diagnostics) {
	at := path.Root(name).AtListIndex(0)
	if len(blocks.Elements()) == 0 {
		return nil, at, nil
	}
	var all []T
	if diags := blocks.ElementsAs(ctx, &all, false); diags.HasError() {
		return nil, at, diags
	}
	return &all[0], at, nil
}

// sentence returns the text of an error as a sentence.
func sentence(err error) escape.Text {
	text := err.Error()
	return escape.Sprintf("%s%s.", strings.ToUpper(text[:1]), text[1:])
}
