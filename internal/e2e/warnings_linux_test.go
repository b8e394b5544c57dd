// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An environment variable takes precedence over the method that the provider block names,
// as in the alicloud provider. The plan warns once, with what to do.
func TestWarnings_otherCredentialsThanTheBlockNames(t *testing.T) {
	const summary = "Warning: Credentials of the provider block are not used"
	profiles := filepath.Join(t.TempDir(), "config.json")
	const text = `{"profiles":[{"name":"ci","mode":"AK","access_key_id":"canary","access_key_secret":"canary"}]}`
	if err := os.WriteFile(profiles, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for method, arguments := range map[string]string{
		"profile":               `profile = "ci"`,
		"credentials_uri":       `credentials_uri = "http://127.0.0.1:1/"`,
		"ecs_role_name":         `ecs_role_name = "uploader"`,
		"assume_role_with_oidc": "assume_role_with_oidc {}",
	} {
		t.Run(method, func(t *testing.T) {
			w := newWorld(t)
			w.Env = append(w.Env, "ALICLOUD_SHARED_CREDENTIALS_FILE="+profiles)
			w.providerBlock(arguments)
			plan := w.plan()
			w.check(plan, summary, "sets "+method+",", "the credentials of ALIBABA_CLOUD_ACCESS_KEY_ID in the environment", "Unset ALIBABA_CLOUD_ACCESS_KEY_ID")
			if n := strings.Count(plan, "Warning:"); n != 1 {
				t.Errorf("%d warnings\n%s", n, plan)
			}
		})
	}
	t.Run("the same method", func(t *testing.T) {
		w := newWorld(t)
		w.providerBlock("assume_role {\n    role_arn = \"" + uploader + "\"\n  }")
		if out := w.run("plan", "-input=false", "-no-color"); says(out.Text, summary) {
			t.Errorf("warns of a role on top\n%s", out.Text)
		}
	})
}

// Each plan warns if TLS is off or not verified. OSS is reached through a proxy, so that
// the endpoint can have a public name: loopback addresses give no warning.
func TestWarnings_notEncrypted(t *testing.T) {
	const public = "oss-cn-hangzhou.aliyuncs.com"
	for name, test := range map[string]struct {
		arguments string
		env       []string
		says      []string
	}{
		"endpoint":      {`endpoint = "http://` + public + `"`, []string{"OSS_ENDPOINT="}, []string{"Warning: Requests to OSS are not encrypted", "endpoint in the provider block"}},
		"endpoints.oss": {"endpoints {\n    oss = \"http://" + public + "\"\n  }", []string{"OSS_ENDPOINT="}, []string{"Warning: Requests to OSS are not encrypted", "endpoints[0].oss in the provider block"}},
		"a variable":    {"", []string{"OSS_ENDPOINT=http://" + public}, []string{"Warning: Requests to OSS are not encrypted", "OSS_ENDPOINT in the environment"}},
		"the other one": {"", []string{"OSS_ENDPOINT=", "ALIBABA_CLOUD_ENDPOINT_OSS=http://" + public}, []string{"Warning: Requests to OSS are not encrypted", "ALIBABA_CLOUD_ENDPOINT_OSS in the environment"}},
		"insecure":      {"insecure = true\n  max_retries = 0", []string{"OSS_ENDPOINT=" + public, "HTTPS_PROXY=http://127.0.0.1:1"}, []string{"Warning: Certificate of OSS is not verified", "SSL_CERT_FILE"}},
		"loopback":      {"insecure = true", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Env = append(w.Env, append([]string{"HTTP_PROXY=" + w.server.URL()}, test.env...)...)
			w.providerBlock(test.arguments)
			plan := w.run("plan", "-input=false", "-no-color").Text
			w.check(plan, test.says...)
			if n := strings.Count(plan, "Warning:"); n != min(len(test.says), 1) {
				t.Errorf("%d warnings\n%s", n, plan)
			}
		})
	}
}
