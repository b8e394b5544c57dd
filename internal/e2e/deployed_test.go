// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// TestExamples_deployed applies the example of a function, and applies it again after a
// pipeline has deployed another version. Until the source changes, that version stays. A
// destroy removes it.
func TestExamples_deployed(t *testing.T) {
	const name = "resource_deployed.tf"
	for _, how := range []string{
		`remote_changes = "keep"`,
		"lifecycle {\n    ignore_changes = all\n  }",
	} {
		t.Run(how[:strings.IndexAny(how, " {")], func(t *testing.T) {
			t.Parallel()
			e := &example{T: t, server: osstest.Start(t, osstest.Config{}), folder: filepath.Join(examples, "resources", "ossresumable_object")}
			w := e.workspace(name)
			e.write(filepath.Join(w.Dir, name), strings.Replace(e.text(name), `remote_changes = "keep"`, how, 1))
			e.applied(w)

			const deployed = "a version of the pipeline"
			e.server.PutObject("my-functions", "thumbnails.zip", []byte(deployed), nil)
			e.server.SetHeader("my-functions", "thumbnails.zip", "Content-Type", "application/zip")
			e.server.ResetLog()
			e.applied(w)
			for _, r := range e.server.Requests() {
				if r.Op.Writes() {
					t.Errorf("sent %s", r)
				}
			}
			if stored := e.stored("my-functions/thumbnails.zip"); string(stored) != deployed {
				t.Errorf("OSS has %q", stored)
			}

			e.must(w, "destroy", "-auto-approve", "-input=false", "-no-color")
			if stored := e.stored("my-functions/thumbnails.zip"); stored != nil {
				t.Errorf("after the destroy, OSS has %q", stored)
			}
		})
	}
}
