// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// A user has the files of all objects in a bucket. A query finds the objects and writes
// their configuration, and the import only reads them.
func TestQuery_takesOverABucket(t *testing.T) {
	needsTerraform(t, queriesAndActions)
	w := newWorld(t)
	const objects = 12
	for i := range objects {
		w.server.PutObject(bucket, fmt.Sprintf("found/%02d.img", i), w.content[:1000], http.Header{"Content-Type": {"application/octet-stream"}})
	}
	if err := os.WriteFile(w.source, w.content[:1000], 0o600); err != nil {
		t.Fatal(err)
	}
	provider, _, _ := strings.Cut(w.config(""), "resource ")
	if err := w.Configure(provider); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(w.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("found.tfquery.hcl", fmt.Sprintf(`
list "ossresumable_object" "found" {
  provider = ossresumable

  config {
    bucket = %q
    prefix = "found/"
  }
}
`, bucket))

	w.server.ResetLog()
	out := w.run("query", "-no-color", "-generate-config-out=found.tf")
	if out.ExitCode != 0 || strings.Count(out.Text, "list.ossresumable_object.found ") != objects {
		t.Fatal(out.Text)
	}
	if n := w.server.Count(osstest.ListObjectsV2); n != 1 || len(w.server.Requests()) != 1 {
		t.Errorf("the query sent %v", w.server.Requests())
	}

	generated, err := os.ReadFile(filepath.Join(w.Dir, "found.tf"))
	if err != nil {
		t.Fatal(err)
	}
	// Terraform aligns the equals signs.
	lines := strings.Split(string(generated), "\n")
	for i, line := range lines {
		if name, value, _ := strings.Cut(line, "="); strings.TrimSpace(name) == "source" && strings.TrimSpace(value) == "null" {
			lines[i] = fmt.Sprintf("  source = %q", w.source)
		}
	}
	write("found.tf", strings.Join(lines, "\n"))
	w.server.ResetLog()
	out = w.run("apply", "-auto-approve", "-input=false", "-no-color")
	if out.ExitCode != 0 || !strings.Contains(out.Text, fmt.Sprintf("%d imported, 0 added", objects)) {
		t.Fatal(out.Text)
	}
	for _, r := range w.server.Requests() {
		if r.Op != osstest.HeadObject {
			t.Errorf("the import sent %v", r)
		}
	}
	if out = w.run("plan", "-input=false", "-no-color", "-detailed-exitcode"); out.ExitCode != 0 {
		t.Error(out.Text)
	}
}
