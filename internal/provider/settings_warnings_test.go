// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// expectWarning expects one warning at the path with all the words, or none if there are
// no words. The warning must not contain a canary.
func expectWarning(t *testing.T, diags diag.Diagnostics, at string, says ...string) {
	t.Helper()
	expectErrors(t, diags, nil)
	if len(says) == 0 {
		if len(diags) > 0 {
			t.Errorf("got %v", diags)
		}
		return
	}
	if len(diags) != 1 {
		t.Fatalf("got %d warnings: %v", len(diags), diags)
	}
	text := diags[0].Summary() + "\n" + diags[0].Detail()
	for _, word := range says {
		if !strings.Contains(text, word) {
			t.Errorf("does not say %q: %s", word, text)
		}
	}
	if got := diags[0].(diag.DiagnosticWithPath).Path().String(); got != at || strings.Contains(text, "canary") {
		t.Errorf("at %q, want %q: %s", got, at, text)
	}
}

// Each method that the block can set is combined with each that can be used, from the
// block or from each variable.
func TestWarnUnusedMethods_pairs(t *testing.T) {
	file := profileFile(t)
	blocks := map[string]func(*providerModel){
		"access_key":      func(m *providerModel) { m.AccessKey, m.SecretKey = set("canary"), set("canary") },
		"profile":         func(m *providerModel) { m.Profile = set("a") },
		"credentials_uri": func(m *providerModel) { m.CredentialsURI = set("http://127.0.0.1/canary") },
		"ecs_role_name":   func(m *providerModel) { m.ECSRoleName = set("canary") },
		"assume_role_with_oidc": func(m *providerModel) {
			m.AssumeRoleWithOIDC = oneOIDC(t, assumeRoleWithOIDCModel{RoleARN: set("canary"), OIDCProviderARN: set("canary"), OIDCToken: set("canary")})
		},
	}
	order := []string{"access_key", "profile", "credentials_uri", "ecs_role_name", "assume_role_with_oidc"}
	rank := map[string]int{} // of each method that can be used
	variables := map[string]map[string]string{}
	for i, names := range credentialVariables {
		rank[names.id] = 1 + i
		variables[names.id] = map[string]string{names.id: "canary", names.secret: "canary", names.token: "canary"}
	}
	for i, name := range order {
		rank[name] = 10 * i
	}
	for _, method := range methodVariables {
		for _, variable := range method.variables {
			rank[variable] = rank[method.argument]
			value := "a"
			if method.argument != "profile" {
				value = "http://127.0.0.1/canary"
			}
			variables[variable] = map[string]string{variable: value}
		}
	}
	rank[ossToolVariables.id] = 1000
	variables[ossToolVariables.id] = map[string]string{ossToolVariables.id: "canary", ossToolVariables.secret: "canary"}

	warned, quiet := 0, 0
	for _, named := range order {
		for other := range rank {
			t.Run(named+" and "+other, func(t *testing.T) {
				args := providerModel{Region: set("cn-hangzhou"), SharedCredentialsFile: set(file), AssumeRole: oneRole(t, assumeRoleModel{RoleARN: set("role")})}
				blocks[named](&args)
				env := variables[other]
				if env == nil {
					blocks[other](&args)
				}
				_, diags := resolveConnection(t.Context(), args, lookup(env))
				switch {
				case rank[other] < rank[named] && env == nil:
					warned++
					expectWarning(t, diags, named, "sets "+named+",", "the credentials of "+other+" in the block", "that you do not use from the block")
				case rank[other] < rank[named]:
					warned++
					says := []string{"sets " + named + ",", "the credentials of " + other + " in the environment", "Unset " + other, "or remove " + named + " from the block"}
					expectWarning(t, diags, named, append(says, slices.Collect(maps.Keys(env))...)...)
				case env == nil && other != named:
					warned++
					expectWarning(t, diags, other, "the credentials of "+named+" in the block")
				default:
					quiet++
					expectWarning(t, diags, "")
				}
			})
		}
	}
	if warned < 30 || quiet < 20 {
		t.Errorf("%d pairs with a warning, %d without", warned, quiet)
	}
}

// One warning names all methods that are not used.
func TestWarnUnusedMethods_several(t *testing.T) {
	args := providerModel{Region: set("r"), Profile: set("a"), SharedCredentialsFile: set(profileFile(t)), CredentialsURI: set("http://127.0.0.1"), ECSRoleName: set("x")}
	_, diags := resolveConnection(t.Context(), args, lookup(map[string]string{"ALICLOUD_ACCESS_KEY": "canary", "ALICLOUD_SECRET_KEY": "canary"}))
	expectWarning(t, diags, "profile", "sets profile, credentials_uri and ecs_role_name, but", "Unset ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY")
	_, diags = resolveConnection(t.Context(), args, lookup(nil))
	expectWarning(t, diags, "credentials_uri", "sets credentials_uri and ecs_role_name, but the provider uses the credentials of profile in the block")
}

func TestWarnWeakTLS(t *testing.T) {
	yes := types.BoolValue(true)
	const open, unverified = "Requests to OSS are not encrypted", "Certificate of OSS is not verified"
	endpoint := func(text string) func(*providerModel) {
		return func(m *providerModel) { m.Endpoint = set(text) }
	}
	insecure := func(text string) func(*providerModel) {
		return func(m *providerModel) { m.Endpoint, m.Insecure = set(text), yes }
	}
	type env = map[string]string
	for name, test := range map[string]struct {
		change func(*providerModel)
		env    env
		at     string
		says   []string // nil: no warning
	}{
		"the region's":                {},
		"https":                       {change: endpoint("https://oss.example.com")},
		"no scheme":                   {change: endpoint("oss.example.com:80")},
		"http":                        {change: endpoint("http://oss.example.com"), at: "endpoint", says: []string{open, "endpoint in the provider block", "An attacker on the network", "Use https://"}},
		"HTTP":                        {change: endpoint("HTTP://oss.example.com"), at: "endpoint", says: []string{open}},
		"http to an address":          {change: endpoint("http://canary:canary@10.0.0.1:9000"), at: "endpoint", says: []string{open}},
		"http to all addresses":       {change: endpoint("http://0.0.0.0"), at: "endpoint", says: []string{open}},
		"http to another localhost":   {change: endpoint("http://localhost.example.com"), at: "endpoint", says: []string{open}},
		"http to another 127.0.0.1":   {change: endpoint("http://127.0.0.1.example.com"), at: "endpoint", says: []string{open}},
		"http to loopback":            {change: endpoint("http://127.8.9.1:9000")},
		"http to loopback, version 6": {change: endpoint("http://[::1]:9000")},
		"http to loopback, mapped":    {change: endpoint("http://[::ffff:127.0.0.1]")},
		"http to localhost":           {change: endpoint("http://LOCALHOST:9000")},
		"http to loopback, by a proxy": {change: func(m *providerModel) {
			m.Endpoint, m.ProxyURL = set("http://127.0.0.1"), set("http://canary:canary@proxy:3128")
		}, at: "endpoint", says: []string{open}},
		"endpoints.oss": {change: func(m *providerModel) {
			m.Endpoints = one(t, endpointsBlock(), endpointsModel{set("http://oss"), set("")})
		}, at: "endpoints[0].oss", says: []string{open, "endpoints[0].oss in the provider block"}},
		"first variable":            {env: env{"ALIBABA_CLOUD_ENDPOINT_OSS": "http://oss", "OSS_ENDPOINT": "x"}, says: []string{open, "ALIBABA_CLOUD_ENDPOINT_OSS in the environment", "sets no endpoint", "unset it"}},
		"second variable":           {env: env{"OSS_ENDPOINT": "http://oss"}, says: []string{open, "OSS_ENDPOINT in the environment"}},
		"variable, loopback":        {env: env{"OSS_ENDPOINT": "http://127.0.0.1:9000"}},
		"variable, but an argument": {change: endpoint("oss.example.com"), env: env{"OSS_ENDPOINT": "http://oss"}},
		"variable, but internal":    {change: func(m *providerModel) { m.UseInternalEndpoint = yes }, env: env{"OSS_ENDPOINT": "http://oss"}},
		"insecure":                  {change: insecure(""), at: "insecure", says: []string{unverified, "Remove insecure", "SSL_CERT_FILE"}},
		"insecure, named host":      {change: insecure("oss.example.com"), at: "insecure", says: []string{unverified}},
		"insecure to loopback":      {change: insecure("127.0.0.1:9000")},
		"insecure to localhost":     {change: insecure("https://localhost:9000")},
		"insecure and no TLS":       {change: insecure("http://oss.example.com"), at: "endpoint", says: []string{open}},
		"insecure, no":              {change: func(m *providerModel) { m.Insecure = types.BoolValue(false) }},
		"credentials, https": {change: func(m *providerModel) {
			m.AccessKey, m.SecretKey, m.CredentialsURI = set(""), set(""), set("https://sidecar/")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			args := providerModel{AccessKey: set("id"), SecretKey: set("secret"), Region: set("cn-hangzhou")}
			if test.change != nil {
				test.change(&args)
			}
			_, diags := resolveConnection(t.Context(), args, lookup(test.env))
			expectWarning(t, diags, test.at, test.says...)
		})
	}
}

func TestOnLoopback_notAnAddress(t *testing.T) {
	for _, address := range []string{"", "http://", "http://%zz", "127.0.0.1@example.com", "http://127.0.0.1@example.com"} {
		if onLoopback(address, nil) {
			t.Errorf("%q is taken for a loopback address", address)
		}
	}
	if onLoopback("127.0.0.1", &url.URL{}) {
		t.Error("a proxy is no loopback address")
	}
}
