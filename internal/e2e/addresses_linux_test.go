// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"strings"
	"testing"
)

// An invalid address is refused before anything is sent. Neither the error nor the line of
// the configuration that Terraform prints with it contains the password.
func TestAddresses_passwordIsNotPrinted(t *testing.T) {
	w := newWorld(t)
	const noKey = "ALIBABA_CLOUD_ACCESS_KEY_ID="
	for _, tt := range []struct{ arguments, variable, says string }{
		{arguments: `  proxy_url = "http://user:canary-proxy word@proxy.example.com:3128"`, says: "proxy_url must be a URL"},
		{arguments: `  endpoint = "https://user:canary-proxy@oss.example.com"`, says: "must not contain a user name or password"},
		{arguments: "  endpoints {\n    sts = \"https://user:canary-proxy@sts.example.com\"\n  }", says: "must not contain a user name or password"},
		{arguments: `  credentials_uri = "http://user:canary-proxy@far.example.com/"`, variable: noKey, says: "must begin with https://"},
		{variable: "HTTPS_PROXY=http://user:canary-proxy#1@proxy.example.com:3128", says: "HTTPS_PROXY must be a URL"},
		{variable: "http_proxy=http://user:canary-proxy%@proxy.example.com:3128", says: "http_proxy must be a URL"},
	} {
		env := w.Env
		w.providerBlock(tt.arguments)
		if tt.variable != "" {
			w.Env = append(w.Env, tt.variable)
		}
		if tt.variable == noKey {
			w.Env = append(w.Env, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=")
		}
		out := w.apply()
		w.Env = env
		text := strings.Join(strings.Fields(strings.ReplaceAll(out.Text, "│", "")), " ")
		if out.ExitCode == 0 || !strings.Contains(text, tt.says) {
			t.Errorf("%s%s: exit code %d, does not say %q:\n%s", tt.arguments, tt.variable, out.ExitCode, tt.says, out.Text)
		}
		if strings.Contains(out.Text, "canary-proxy") {
			t.Errorf("the password is printed:\n%s", out.Text)
		}
		if n := len(w.server.Requests()); n > 0 {
			t.Errorf("%d requests were sent", n)
		}
	}
}
