// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient/credentials"
)

var set = types.StringValue

// one returns a list of one block.
func one[T any](t *testing.T, block schema.Block, model T) types.List {
	t.Helper()
	list, diags := types.ListValueFrom(t.Context(), block.Type().(attr.TypeWithElementType).ElementType(), []T{model})
	if diags.HasError() {
		t.Fatal(diags)
	}
	return list
}

func oneRole(t *testing.T, m assumeRoleModel) types.List { return one(t, assumeRoleBlock(), m) }

func oneOIDC(t *testing.T, m assumeRoleWithOIDCModel) types.List {
	return one(t, assumeRoleWithOIDCBlock(), m)
}

func lookup(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// profileFile writes a file of the CLI with two profiles.
func profileFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.json")
	const text = `{"current":"a","profiles":[
		{"name":"a","mode":"AK","access_key_id":"canary","access_key_secret":"canary","region_id":"cn-of-a"},
		{"name":"b","mode":"AK","access_key_id":"canary"}]}`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// All methods are set, by arguments and by variables. The test removes the method that is
// used, until none is left.
func TestResolveCredentials_order(t *testing.T) {
	args := providerModel{
		AccessKey: set("id"), SecretKey: set("secret"), Region: set("cn-hangzhou"),
		SharedCredentialsFile: set(profileFile(t)),
		AssumeRoleWithOIDC:    oneOIDC(t, assumeRoleWithOIDCModel{RoleARN: set("role"), OIDCProviderARN: set("arn"), OIDCToken: set("token")}),
	}
	env := map[string]string{
		"ALICLOUD_ACCESS_KEY": "1", "ALICLOUD_SECRET_KEY": "1",
		"ALIBABA_CLOUD_ACCESS_KEY_ID": "2", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "2",
		"ALIBABACLOUD_ACCESS_KEY_ID": "3", "ALIBABACLOUD_ACCESS_KEY_SECRET": "3",
		"ALIBABA_CLOUD_PROFILE": "a", "ALIBABA_CLOUD_CREDENTIALS_URI": "https://uri", "ALIBABA_CLOUD_ECS_METADATA": "ecs",
		"OSS_ACCESS_KEY_ID": "4", "OSS_ACCESS_KEY_SECRET": "4",
	}
	for _, step := range []struct {
		method string
		remove func()
	}{
		{"access_key", func() { args.AccessKey, args.SecretKey = set(""), set("") }},
		{"ALICLOUD_ACCESS_KEY", func() { delete(env, "ALICLOUD_ACCESS_KEY"); delete(env, "ALICLOUD_SECRET_KEY") }},
		{"ALIBABA_CLOUD_ACCESS_KEY_ID", func() { delete(env, "ALIBABA_CLOUD_ACCESS_KEY_ID"); delete(env, "ALIBABA_CLOUD_ACCESS_KEY_SECRET") }},
		{"ALIBABACLOUD_ACCESS_KEY_ID", func() { delete(env, "ALIBABACLOUD_ACCESS_KEY_ID"); delete(env, "ALIBABACLOUD_ACCESS_KEY_SECRET") }},
		{"profile", func() { delete(env, "ALIBABA_CLOUD_PROFILE") }},
		{"credentials_uri", func() { delete(env, "ALIBABA_CLOUD_CREDENTIALS_URI") }},
		{"ecs_role_name", func() { delete(env, "ALIBABA_CLOUD_ECS_METADATA") }},
		{"assume_role_with_oidc", func() { args.AssumeRoleWithOIDC = types.List{} }},
		{"OSS_ACCESS_KEY_ID", func() { delete(env, "OSS_ACCESS_KEY_ID"); delete(env, "OSS_ACCESS_KEY_SECRET") }},
	} {
		conn, diags := resolveConnection(t.Context(), args, lookup(env))
		if expectErrors(t, diags, nil); conn.method != step.method {
			t.Errorf("took %s, want %s", conn.method, step.method)
		}
		step.remove()
	}
	_, diags := resolveConnection(t.Context(), args, lookup(env))
	expectErrors(t, diags, []string{"shared_credentials_file is set, but the provider reads it only if profile is set"})
}

// Each argument has the same effect as each of its variables.
func TestResolveCredentials_methods(t *testing.T) {
	file := profileFile(t)
	profile := credentials.Config{Profile: &credentials.Profile{File: file, Name: "a"}}
	uri := credentials.Config{URI: "http://127.0.0.1/x"}
	ecs := credentials.Config{ECSRoleName: "role"}
	for name, test := range map[string]struct {
		args providerModel
		env  map[string]string
		want credentials.Config
	}{
		"profile":                   {providerModel{Profile: set("a"), SharedCredentialsFile: set(file)}, map[string]string{"ALICLOUD_PROFILE": "x", "ALICLOUD_SHARED_CREDENTIALS_FILE": "x"}, profile},
		"profile, first variables":  {providerModel{}, map[string]string{"ALICLOUD_PROFILE": "a", "ALICLOUD_SHARED_CREDENTIALS_FILE": file, "ALIBABA_CLOUD_PROFILE": "x", "ALIBABA_CLOUD_CREDENTIALS_FILE": "x"}, profile},
		"profile, second variables": {providerModel{}, map[string]string{"ALIBABA_CLOUD_PROFILE": "a", "ALIBABA_CLOUD_CREDENTIALS_FILE": file}, profile},
		"uri":                       {providerModel{CredentialsURI: set(uri.URI)}, map[string]string{"ALICLOUD_CREDENTIALS_URI": "x"}, uri},
		"uri, first variable":       {providerModel{}, map[string]string{"ALICLOUD_CREDENTIALS_URI": uri.URI, "ALIBABA_CLOUD_CREDENTIALS_URI": "x"}, uri},
		"uri, second variable":      {providerModel{CredentialsURI: set("")}, map[string]string{"ALIBABA_CLOUD_CREDENTIALS_URI": uri.URI}, uri},
		"ecs":                       {providerModel{ECSRoleName: set("role")}, map[string]string{"ALICLOUD_ECS_ROLE_NAME": "x"}, ecs},
		"ecs, first variable":       {providerModel{}, map[string]string{"ALICLOUD_ECS_ROLE_NAME": "role", "ALIBABA_CLOUD_ECS_METADATA": "x"}, ecs},
		"ecs, second variable":      {providerModel{}, map[string]string{"ALIBABA_CLOUD_ECS_METADATA": "role"}, ecs},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, diags := resolveCredentials(t.Context(), test.args, lookup(test.env))
			expectErrors(t, diags, nil)
			if test.want.Profile != nil {
				if got.Profile == nil || *got.Profile != *test.want.Profile {
					t.Errorf("got %+v", got.Profile)
				}
				got.Profile, test.want.Profile = nil, nil
			}
			if got != test.want {
				t.Error("got another method")
			}
		})
	}
}

func TestResolveCredentials_assumeRole(t *testing.T) {
	key := map[string]string{"OSS_ACCESS_KEY_ID": "id", "OSS_ACCESS_KEY_SECRET": "secret"}
	all := assumeRoleModel{set("arn"), set("session"), types.Int64Value(900), set("{}"), set("external")}
	for name, test := range map[string]struct {
		model *assumeRoleModel
		env   map[string]string
		want  *credentials.AssumeRole
	}{
		"arguments": {
			&all,
			map[string]string{"ALICLOUD_ASSUME_ROLE_ARN": "x", "ALICLOUD_ASSUME_ROLE_SESSION_NAME": "x", "ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION": "x"},
			&credentials.AssumeRole{RoleARN: "arn", SessionName: "session", Policy: "{}", ExternalID: "external", Expiration: 15 * time.Minute},
		},
		"first variables": {&assumeRoleModel{}, map[string]string{
			"ALICLOUD_ASSUME_ROLE_ARN": "arn", "ALICLOUD_ASSUME_ROLE_SESSION_NAME": "session", "ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION": "1800",
			"ALIBABA_CLOUD_ROLE_ARN": "x", "ALIBABA_CLOUD_ROLE_SESSION_NAME": "x",
		}, &credentials.AssumeRole{RoleARN: "arn", SessionName: "session", Expiration: 30 * time.Minute}},
		"second variables": {
			&assumeRoleModel{},
			map[string]string{"ALIBABA_CLOUD_ROLE_ARN": "arn", "ALIBABA_CLOUD_ROLE_SESSION_NAME": "session"},
			&credentials.AssumeRole{RoleARN: "arn", SessionName: "session"},
		},
		"variables without a block": {nil, map[string]string{"ALICLOUD_ASSUME_ROLE_ARN": "arn", "ALIBABA_CLOUD_ROLE_ARN": "arn"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var args providerModel
			if test.model != nil {
				args.AssumeRole = oneRole(t, *test.model)
			}
			maps.Copy(test.env, key)
			got, _, diags := resolveCredentials(t.Context(), args, lookup(test.env))
			expectErrors(t, diags, nil)
			if (got.AssumeRole == nil) != (test.want == nil) || test.want != nil && *got.AssumeRole != *test.want {
				t.Errorf("got %+v, want %+v", got.AssumeRole, test.want)
			}
			if got.Static.AccessKeyID != "id" {
				t.Error("other credentials assume the role")
			}
		})
	}
}

func TestResolveCredentials_oidc(t *testing.T) {
	all := assumeRoleWithOIDCModel{
		OIDCProviderARN: set("provider"), OIDCTokenFile: set("file"), RoleARN: set("arn"), RoleSessionName: set("session"),
		SessionExpiration: types.Int64Value(900), Policy: set("{}"),
	}
	token := assumeRoleWithOIDCModel{OIDCProviderARN: set("provider"), OIDCToken: set("token"), RoleARN: set("arn")}
	variables := map[string]string{
		"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "provider", "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "file", "ALIBABA_CLOUD_ROLE_ARN": "arn",
		"ALIBABA_CLOUD_ROLE_SESSION_NAME": "session",
	}
	for name, test := range map[string]struct {
		model *assumeRoleWithOIDCModel
		env   map[string]string
		want  credentials.OIDC
	}{
		"arguments": {
			&all,
			map[string]string{"ALIBABA_CLOUD_OIDC_TOKEN": "x", "ALIBABA_CLOUD_ROLE_ARN": "x", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "x"},
			credentials.OIDC{AssumeRole: credentials.AssumeRole{RoleARN: "arn", SessionName: "session", Policy: "{}", Expiration: 15 * time.Minute}, ProviderARN: "provider", TokenFile: "file"},
		},
		"token": {&token, nil, credentials.OIDC{AssumeRole: credentials.AssumeRole{RoleARN: "arn"}, ProviderARN: "provider", Token: "token"}},
		"variables": {
			&assumeRoleWithOIDCModel{}, variables,
			credentials.OIDC{AssumeRole: credentials.AssumeRole{RoleARN: "arn", SessionName: "session"}, ProviderARN: "provider", TokenFile: "file"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, diags := resolveCredentials(t.Context(), providerModel{AssumeRoleWithOIDC: oneOIDC(t, *test.model)}, lookup(test.env))
			expectErrors(t, diags, nil)
			if got.OIDC == nil || *got.OIDC != test.want {
				t.Errorf("role %q, provider %q, file %q", got.OIDC.RoleARN, got.OIDC.ProviderARN, got.OIDC.TokenFile)
			}
		})
	}
	_, _, diags := resolveCredentials(t.Context(), providerModel{}, lookup(variables))
	expectErrors(t, diags, []string{"an assume_role_with_oidc block"})
}

// An invalid configuration is an error at the argument that says what is missing.
func TestResolveCredentials_refuses(t *testing.T) {
	file := profileFile(t)
	role := func(m assumeRoleModel) providerModel {
		return providerModel{AccessKey: set("id"), SecretKey: set("secret"), AssumeRole: oneRole(t, m)}
	}
	oidc := func(m assumeRoleWithOIDCModel) providerModel {
		return providerModel{AssumeRoleWithOIDC: oneOIDC(t, m)}
	}
	for name, test := range map[string]struct {
		args  providerModel
		env   map[string]string
		paths []string // of one error each
		says  string
	}{
		"half a pair":              {providerModel{AccessKey: set("id")}, nil, []string{"secret_key"}, "secret_key is not set"},
		"token alone":              {providerModel{SecurityToken: set("t")}, nil, []string{"access_key", "secret_key"}, "is not set"},
		"half a pair of variables": {providerModel{Profile: set("a")}, map[string]string{"ALICLOUD_SECRET_KEY": "x"}, []string{""}, "ALICLOUD_ACCESS_KEY is not set"},
		"no such profile":          {providerModel{Profile: set("c"), SharedCredentialsFile: set(file)}, nil, []string{"profile"}, `Credentials from profile "c" of ` + file + ": the file does not contain this profile."},
		"half a profile":           {providerModel{Profile: set("b"), SharedCredentialsFile: set(file)}, nil, []string{"profile"}, "access_key_secret is not set, but mode AK requires it"},
		"no file":                  {providerModel{Profile: set("a"), SharedCredentialsFile: set(file + "x")}, nil, []string{"profile"}, "does not exist"},
		"role without ARN":         {role(assumeRoleModel{}), nil, []string{"assume_role[0].role_arn"}, "role_arn is required. Set it in the block, or set ALICLOUD_ASSUME_ROLE_ARN or ALIBABA_CLOUD_ROLE_ARN"},
		"wrong expiration":         {role(assumeRoleModel{RoleARN: set("a")}), map[string]string{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION": "1h"}, []string{"assume_role[0].session_expiration"}, "number of seconds from 900 to 43200"},
		"short expiration":         {role(assumeRoleModel{RoleARN: set("a")}), map[string]string{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION": "899"}, []string{"assume_role[0].session_expiration"}, "number of seconds from 900 to 43200"},
		"role without credentials": {providerModel{AssumeRole: oneRole(t, assumeRoleModel{RoleARN: set("a")})}, nil, []string{""}, "but not the credentials"},
		"oidc without all": {
			oidc(assumeRoleWithOIDCModel{}), nil,
			[]string{"assume_role_with_oidc[0].role_arn", "assume_role_with_oidc[0].oidc_provider_arn", "assume_role_with_oidc[0].oidc_token_file"},
			"is required. Set it in the block, or set ALIBABA_CLOUD_",
		},
		"two tokens": {
			oidc(assumeRoleWithOIDCModel{RoleARN: set("a"), OIDCProviderARN: set("p"), OIDCToken: set("t"), OIDCTokenFile: set("f")}), nil,
			[]string{"assume_role_with_oidc[0].oidc_token_file"},
			"Both oidc_token and oidc_token_file are set",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.args.Region = set("cn-hangzhou")
			_, diags := resolveConnection(t.Context(), test.args, lookup(test.env))
			expectPaths(t, diags, test.paths, test.says)
		})
	}
}

// expectPaths expects one error at each path, with text and without secrets.
func expectPaths(t *testing.T, diags diag.Diagnostics, paths []string, text string) {
	t.Helper()
	if len(diags) != len(paths) {
		t.Fatalf("got %v, want errors at %q", diags, paths)
	}
	for i, d := range diags {
		at := ""
		if d, ok := d.(diag.DiagnosticWithPath); ok {
			at = d.Path().String()
		}
		if at != paths[i] || !strings.Contains(d.Detail(), text) || strings.Contains(d.Detail(), "canary") {
			t.Errorf("at %q: %s\nwant %q at %q", at, d.Detail(), text, paths[i])
		}
	}
}

func TestResolveConnection_sources(t *testing.T) {
	yes := types.BoolValue(true)
	base := providerModel{AccessKey: set("id"), SecretKey: set("secret"), Region: set("cn-hangzhou")}
	for name, test := range map[string]struct {
		change   func(*providerModel)
		env      map[string]string
		endpoint string
		sts      string
		proxy    string
		paths    []string
		says     string
	}{
		"endpoints.oss": {change: func(m *providerModel) {
			m.Endpoints = one(t, endpointsBlock(), endpointsModel{set("oss.example.com"), set("sts.example.com")})
		}, env: map[string]string{"OSS_ENDPOINT": "x", "STS_ENDPOINT": "x"}, endpoint: "oss.example.com", sts: "sts.example.com"},
		"variables":                     {env: map[string]string{"ALIBABA_CLOUD_ENDPOINT_OSS": "o", "OSS_ENDPOINT": "x", "ALIBABA_CLOUD_ENDPOINT_STS": "s", "STS_ENDPOINT": "x"}, endpoint: "o", sts: "s"},
		"internal, before a variable":   {change: func(m *providerModel) { m.UseInternalEndpoint = yes }, env: map[string]string{"OSS_ENDPOINT": "x"}},
		"accelerate, before a variable": {change: func(m *providerModel) { m.UseAccelerateEndpoint = yes }, env: map[string]string{"OSS_ENDPOINT": "x"}},
		"proxy":                         {change: func(m *providerModel) { m.ProxyURL = set("http://user:pw@proxy:3128") }, proxy: "http://user:pw@proxy:3128"},
		"two endpoints": {change: func(m *providerModel) {
			m.Endpoint = set("a")
			m.Endpoints = one(t, endpointsBlock(), endpointsModel{set("b"), set("")})
		}, paths: []string{"endpoints[0].oss"}, says: "Both endpoint and endpoints.oss"},
		"STS over http": {change: func(m *providerModel) {
			m.Endpoints = one(t, endpointsBlock(), endpointsModel{set(""), set("http://sts")})
		}, paths: []string{"endpoints[0].sts"}, says: "STS requires https"},
	} {
		t.Run(name, func(t *testing.T) {
			args := base
			if test.change != nil {
				test.change(&args)
			}
			conn, diags := resolveConnection(t.Context(), args, lookup(test.env))
			if expectPaths(t, diags, test.paths, test.says); len(test.paths) > 0 {
				return
			}
			proxy := ""
			if conn.proxy != nil {
				proxy = conn.proxy.String()
			}
			if conn.endpoint != test.endpoint || conn.credentials.STSEndpoint != test.sts || proxy != test.proxy || conn.credentials.Proxy != conn.proxy {
				t.Errorf("endpoint %q, STS %q, proxy %q", conn.endpoint, conn.credentials.STSEndpoint, proxy)
			}
		})
	}
}

// As in alicloud, a configured profile sets the region, even if other credentials are used.
func TestResolveConnection_regionOfProfile(t *testing.T) {
	args := providerModel{Profile: set("a"), SharedCredentialsFile: set(profileFile(t))}
	for _, env := range []map[string]string{nil, {"ALICLOUD_ACCESS_KEY": "id", "ALICLOUD_SECRET_KEY": "secret"}} {
		conn, diags := resolveConnection(t.Context(), args, lookup(env))
		if expectErrors(t, diags, nil); conn.region != "cn-of-a" || conn.credentials.Region != "cn-of-a" {
			t.Errorf("region %q", conn.region)
		}
	}
	conn, _ := resolveConnection(t.Context(), args, lookup(map[string]string{"ALICLOUD_REGION": "cn-other"}))
	if conn.region != "cn-other" || conn.credentials.Static != (ossclient.Credentials{}) {
		t.Errorf("region %q", conn.region)
	}
}
