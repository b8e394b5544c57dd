// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
)

const declaredSecret = "variable \"secret\" {\n  sensitive = true\n  default   = %q\n}\n"

// The error about an invalid sensitive value does not contain the value, for any argument.
func TestSecrets_invalidArguments(t *testing.T) {
	const secret = "hunter2\x01"
	w := newWorld(t)
	for _, argument := range []string{
		"acl = var.secret", "cache_control = var.secret", "content_type = var.secret", "source_hash = var.secret", "expires = var.secret",
		"storage_class = var.secret", "deletion_policy = var.secret", "object_worm_mode = var.secret\nobject_worm_retain_until_date = var.secret",
		"server_side_encryption = \"KMS\"\nkms_key_id = var.secret", "metadata = { owner = var.secret }", "tags = { owner = var.secret }",
		"callback = { url = var.secret, body = \"b\" }", "callback = { url = \"http://example.com\", body = \"b\", host = var.secret }",
		"timeouts {\n create = var.secret\n}",
	} {
		if err := w.Configure(w.config(argument) + strings.Replace(fmt.Sprintf(declaredSecret, secret), `\x01`, `\u0001`, 1)); err != nil {
			t.Fatal(err)
		}
		out := w.run("plan", "-input=false", "-no-color")
		if out.ExitCode == 0 || strings.Contains(out.Text, "hunter2") {
			t.Errorf("%s: exit status %d\n%s", argument, out.ExitCode, out.Text)
		}
	}
}

// Plans show these parts of the callback and of sensitive content. As the documentation
// says, they show a SHA-256, from which short content can be guessed.
func TestSecrets_shownInPlans(t *testing.T) {
	const secret = "hunter2"
	w := newWorld(t)
	config := strings.Replace(w.config(`callback = { url = "http://example.com/token-c0ffee04", body = "b", vars = { "x:a" = "var-c0ffee05" } }`),
		fmt.Sprintf("source              = %q", w.source), "content = var.secret", 1)
	if err := w.Configure(config + fmt.Sprintf(declaredSecret, secret)); err != nil {
		t.Fatal(err)
	}
	out := w.run("plan", "-input=false", "-no-color")
	for _, hidden := range []string{secret, "c0ffee04", "c0ffee05"} {
		if strings.Contains(out.Text, hidden) {
			t.Errorf("%s is shown:\n%s", hidden, out.Text)
		}
	}
	w.check(out.Text, "Plan: 1 to add", fmt.Sprintf("%x", sha256.Sum256([]byte(secret))))
}
