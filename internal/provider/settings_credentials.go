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

// The environment variables of credentials, as the alicloud provider has them.
// Those of the two role blocks count only where the block is.
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
	// ossToolVariables come after every method of alicloud, which does not know
	// them: where both would find credentials, both find the same.
	ossToolVariables = credentialNames{"OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"}
)

// methodVariables are the methods that one argument or one of its variables
// names, in their order.
var methodVariables = []struct {
	argument  string
	variables []string
}{{"profile", profileVariables}, {"credentials_uri", uriVariables}, {"ecs_role_name", ecsRoleVariables}}

// credentialNames names one family of credentials. An id signs only with its
// own secret and token, so the three are never taken from different families.
type credentialNames struct{ id, secret, token string }

// keyArguments are the family of the provider block.
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

// resolveCredentials says who asks, and by which method. The first method of
// which anything is set is taken, in alicloud's order. One that is set in part
// is an error and never passed over: signing with somebody else's key is worse
// than not signing.
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
			diags.Append(errorAt(path.Empty(), "Invalid credentials_uri", escape.Sprintf("The address of credentials_uri, or of %s, %v. "+
				"Over http, it may be on this machine or on its link: localhost, 127.0.0.0/8, 169.254.0.0/16 or 100.64.0.0/10.",
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

// noCredentials says what was looked for.
func noCredentials(args providerModel, getenv func(string) string) diag.Diagnostic {
	looked := []escape.Text{"access_key and secret_key in the provider block"}
	for _, names := range credentialVariables {
		looked = append(looked, escape.Sprintf("%s and %s", names.id, names.secret))
	}
	for _, method := range []struct {
		argument  string
		variables []string
	}{{"profile", profileVariables}, {"credentials_uri", uriVariables}, {"ecs_role_name", ecsRoleVariables}} {
		looked = append(looked, escape.Sprintf("%s in the provider block, or %s", method.argument, strings.Join(method.variables, " or ")))
	}
	looked = append(looked, "an assume_role_with_oidc block", escape.Sprintf("%s and %s", ossToolVariables.id, ossToolVariables.secret))

	detail := "No credentials were found. Looked for, in this order:\n\n  - " + escape.Join(looked, "\n  - ") +
		"\n\nSet one of them. Temporary credentials need their security token as well."
	if firstSet(args.SharedCredentialsFile.ValueString(), sharedFileVariables, getenv) != "" {
		detail += " shared_credentials_file is set, but is read only for the profile that is named."
	}
	if len(args.AssumeRole.Elements()) > 0 {
		detail += " An assume_role block says which role to assume, not who assumes it."
	}
	return errorAt(path.Empty(), "Missing credentials", detail)
}

// firstPair is the first set of keys of which anything is set: the block's, or
// those of the variables. names says which it is.
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

// missing complains about each half of a pair that is not set.
func (n credentialNames) missing(found ossclient.Credentials) diag.Diagnostics {
	var diags diag.Diagnostics
	complain := func(name string) {
		const summary escape.Text = "Incomplete credentials"
		detail := escape.Sprintf("%s is not set, although another of %s, %s and %s is. "+
			"An AccessKey ID, its secret and its token are only ever taken from one place. "+
			"Set %[1]s too, or unset the others.", name, n.id, n.secret, n.token)
		if n == keyArguments {
			diags.Append(errorAt(path.Root(name), summary, detail))
		} else {
			diags.Append(errorAt(path.Empty(), summary, detail))
		}
	}
	if found.AccessKeyID == "" {
		complain(n.id)
	}
	if found.AccessKeySecret == "" {
		complain(n.secret)
	}
	return diags
}

// namedProfile is the profile that is named, if one is: none is taken by
// default, as alicloud takes none.
func namedProfile(args providerModel, getenv func(string) string) *credentials.Profile {
	name := firstSet(args.Profile.ValueString(), profileVariables, getenv)
	if name == "" {
		return nil
	}
	file := expandHome(firstSet(args.SharedCredentialsFile.ValueString(), sharedFileVariables, getenv))
	if file == "" {
		home, _ := os.UserHomeDir() // a user without one gets an error that names the file
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
	diags.Append(needed(at.AtName("role_arn"), role.RoleARN, roleVariables)...)
	if text := firstSet("", expirationVariables, getenv); text != "" && role.Expiration == 0 {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < minSession || seconds > maxSession {
			diags.Append(errorAt(at.AtName("session_expiration"), "Invalid session expiration", escape.Sprintf(
				"%s is not a number of seconds from %d to %d.", expirationVariables[0], minSession, maxSession)))
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
	diags.Append(needed(at.AtName("role_arn"), oidc.RoleARN, oidcRoleVariable)...)
	diags.Append(needed(at.AtName("oidc_provider_arn"), oidc.ProviderARN, oidcProviderVariable)...)
	switch {
	case oidc.Token != "" && oidc.TokenFile != "":
		diags.Append(errorAt(at.AtName("oidc_token_file"), "Two tokens", // not at the token, which Terraform would show
			"Both oidc_token and oidc_token_file are set. Keep the file: it is read again for each session, while a token ends with its first."))
	case oidc.Token == "" && oidc.TokenFile == "":
		oidc.Token, oidc.TokenFile = firstSet("", oidcTokenVariable, getenv), firstSet("", oidcFileVariable, getenv)
		diags.Append(needed(at.AtName("oidc_token_file"), oidc.Token+oidc.TokenFile, append(oidcFileVariable, oidcTokenVariable...))...)
	}
	return oidc, diags
}

// needed complains if nothing stands for a required argument of a block.
func needed(at path.Path, value string, variables []string) diag.Diagnostics {
	if value != "" {
		return nil
	}
	step, _ := at.Steps().LastStep()
	return diag.Diagnostics{errorAt(at, "Missing argument", escape.Sprintf(
		"%s is not set, and neither is %s. Set one of them.", step, strings.Join(variables, " or ")))}
}

// only is the one block that a list of at most one holds, and its path.
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

// sentence makes one of an error.
func sentence(err error) escape.Text {
	text := err.Error()
	return escape.Sprintf("%s%s.", strings.ToUpper(text[:1]), text[1:])
}
