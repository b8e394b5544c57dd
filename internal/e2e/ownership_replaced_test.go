// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// replacedBefore is an object that is replaced, with unchanged bytes, when the release
// changes. The new instance is created before the old one is destroyed. Its dependent can
// be created only if the file ready exists.
func replacedBefore(release int, key, source, ready string, more ...string) string {
	dependent := fmt.Sprintf(`
resource "terraform_data" "dependent" {
  triggers_replace = [ossresumable_object.a.id, %d]
  provisioner "local-exec" {
    command = "test -e '%s'"
  }
}
`, release, ready)
	if release == 1 {
		dependent = ""
	}
	more = append(more, "lifecycle {", "  create_before_destroy = true", "  replace_triggered_by  = [terraform_data.release]", "}")
	return fmt.Sprintf("resource \"terraform_data\" \"release\" {\n  input = %d\n}\n", release) + block("a", key, source, more...) + dependent
}

// A replaced instance that stays deposed is destroyed in a later apply, on the same or
// another machine. The new instance owns the object, so it stays.
func TestOwnership_deposed(t *testing.T) {
	for _, c := range []struct {
		name       string
		versioning string
		more       string
		elsewhere  bool // the later apply is on another machine
	}{
		{"on the same machine", "", "", false},
		{"on another machine", "", "", true},
		{"versioned bucket", "Enabled", `deletion_policy = "delete"`, false},
		{"versioned bucket, delete_version", "Enabled", `deletion_policy = "delete_version"`, false},
		{"versioned bucket, delete_all_versions", "Enabled", `deletion_policy = "delete_all_versions"`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newOwners(t, osstest.Config{})
			w.server.SetVersioning(bucket, c.versioning)
			a, ready := w.file("a.img"), filepath.Join(t.TempDir(), "ready")
			w.begin(replacedBefore(1, "k0", a, ready, c.more))
			w.configure(replacedBefore(2, "k0", a, ready, c.more))
			w.mustFail()
			if err := os.WriteFile(ready, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if c.elsewhere {
				w.Env = append(w.Env, "OSSRESUMABLE_CHECKPOINT_DIR="+t.TempDir())
			}
			out := w.converge()
			if !says(out.Text, "deposed object") {
				t.Errorf("there is no deposed object\n%s", out.Text)
			}
		})
	}
}

// The same without a failure, in the usual order of Terraform. The old and the new instance
// are not two owners of one object.
func TestOwnership_replacedInOneApply(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	a := w.file("a.img")
	w.begin(replacedBefore(1, "k0", a, a))
	w.configure(replacedBefore(2, "k0", a, a))
	w.converge()

	w.begin(block("a", "k0", a))
	if out := w.run("apply", "-auto-approve", "-input=false", "-no-color", "-replace=ossresumable_object.a"); out.ExitCode != 0 {
		t.Errorf("apply -replace: exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.checkOwned()
}
