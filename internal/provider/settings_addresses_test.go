// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Configure refuses an invalid address from any source. The error does not repeat it, and
// does not point at a line that contains it.
func TestAddresses_refused(t *testing.T) {
	base := map[string]string{"OSS_REGION": "cn-1", "OSS_ACCESS_KEY_ID": "id", "OSS_ACCESS_KEY_SECRET": "secret"}
	for _, tt := range []struct {
		args  providerModel
		env   map[string]string
		says  string
		shown bool // at the argument
	}{
		{args: providerModel{ProxyURL: types.StringValue("http://user:canary word@proxy")}, says: "proxy_url must be a URL"},
		{args: providerModel{ProxyURL: types.StringValue("http://user:canary#x@proxy:1")}, says: "proxy_url must be a URL"},
		{args: providerModel{ProxyURL: types.StringValue("ftp://canary@proxy")}, says: "proxy_url must be a URL"},
		{args: providerModel{ProxyURL: types.StringValue("http://canary@proxy:99999")}, says: "proxy_url port must be"},
		{args: providerModel{ProxyURL: types.StringValue("proxy:3128")}, says: "proxy_url must begin with http://"},
		{env: map[string]string{"HTTPS_PROXY": "http://user:can#ary@proxy:1"}, says: "variable HTTPS_PROXY must be a URL"},
		{env: map[string]string{"https_proxy": "http://user:canary%@proxy:1"}, says: "variable https_proxy must be a URL"},
		{env: map[string]string{"HTTP_PROXY": "canary proxy"}, says: "variable HTTP_PROXY must be a URL"},
		{env: map[string]string{"http_proxy": "ftp://canary"}, says: "variable http_proxy must be a URL"},
		{env: map[string]string{"HTTPS_PROXY": "http://canary:0"}, says: "variable HTTPS_PROXY port must be"},
		{env: map[string]string{"HTTPS_PROXY": "http://good:1", "https_proxy": "http://can ary"}}, // the first takes precedence
		{env: map[string]string{"HTTPS_PROXY": "user:pass@proxy:3128", "HTTP_PROXY": "socks5://proxy:1080"}},
		{env: map[string]string{"STS_ENDPOINT": "http://canary"}, says: "STS must have the scheme https", shown: true},
		{env: map[string]string{"ALIBABA_CLOUD_ENDPOINT_STS": "user:canary@sts"}, says: "STS must not contain a user name"},
		{env: map[string]string{"STS_ENDPOINT": "sts/canary"}, says: "STS must not contain a path", shown: true},
		{env: map[string]string{"STS_ENDPOINT": "sts?canary"}, says: "STS must not contain a query"},
		{env: map[string]string{"STS_ENDPOINT": "https://sts.example.com:8443"}},
		{args: providerModel{CredentialsURI: types.StringValue("http://example.com/canary")}, says: "must begin with https://"},
		{args: providerModel{CredentialsURI: types.StringValue("canary")}, says: "must be a URL"},
		{env: map[string]string{"ALIBABA_CLOUD_CREDENTIALS_URI": "ftp://localhost/canary"}, says: "must be a URL"},
		{args: providerModel{CredentialsURI: types.StringValue("http://localhost/x?token=y")}},
		{args: providerModel{CredentialsURI: types.StringValue("https://example.com/x")}},
	} {
		_, diags := resolveConnection(t.Context(), tt.args, func(name string) string {
			if value, set := tt.env[name]; set {
				return value
			}
			return base[name]
		})
		if tt.says == "" {
			expectErrors(t, diags, nil)
			continue
		}
		expectErrors(t, diags, []string{tt.says})
		mustNotShow(t, diags, tt.shown)
	}
	_, diags := configure(t, map[string]tftypes.Value{"endpoint": text("https://user:canary@oss.example.com")})
	expectErrors(t, diags, []string{"must not contain a user name or password"})
	mustNotShow(t, diags, false)
}

func mustNotShow(t *testing.T, diags diag.Diagnostics, shown bool) {
	t.Helper()
	for _, d := range diags {
		if text := d.Summary() + d.Detail(); strings.Contains(text, "canary") || strings.Contains(text, "can#ary") {
			t.Errorf("repeats the address: %s", text)
		}
		if _, points := d.(diag.DiagnosticWithPath); points != shown {
			t.Errorf("points at its argument: %t, want %t: %s", points, shown, d.Detail())
		}
	}
}
