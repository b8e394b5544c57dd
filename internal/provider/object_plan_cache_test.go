// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// leastThreshold is the smallest multipart_threshold.
const leastThreshold = 102400

// A plan that cannot cache the hash of a file says so in the single warning about the
// checkpoint directory, with the effect and what to do.
func TestPlan_withoutCache(t *testing.T) {
	const (
		dirSummary, cacheSummary = "Checkpoint directory cannot be used", "Every plan reads the whole file"
		fails, reads             = "An apply on this machine will fail", "every plan on this machine reads the whole file"
	)
	large, small := strings.Repeat("x", leastThreshold), "hello"
	mkdir := func(w *world, dir string, mode os.FileMode) {
		w.Helper()
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.Chmod(dir, mode)); err != nil {
			w.Fatal(err)
		}
	}
	dir := func(w *world, dir string) { mkdir(w, dir, 0o500) }
	folder := func(w *world, dir string) { mkdir(w, filepath.Join(dir, "fingerprints"), 0o777) }
	for _, test := range []struct {
		name     string
		content  string
		given    bool // source_hash is
		spoil    func(w *world, dir string)
		creating [4]string // summary, two texts of the detail, and one that it must not contain; "": no warning
		existing [4]string
	}{
		{"directory, large file", large, false, dir, [4]string{dirSummary, fails, reads}, [4]string{cacheSummary, reads, "chmod u+rwx", fails}},
		{"directory, small file", small, false, dir, [4]string{}, [4]string{}},
		{"folder, large file", large, false, folder, [4]string{cacheSummary, reads, "chmod go-w", fails}, [4]string{cacheSummary, reads, "chmod go-w", fails}},
		{"folder, small file", small, false, folder, [4]string{}, [4]string{}},
		{"folder, hash given", large, true, folder, [4]string{}, [4]string{}},
		{"nothing", large, false, func(*world, string) {}, [4]string{}, [4]string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := w.serve(nil)
			config := objectConfig(w.write("file", test.content))
			config["multipart_threshold"] = number(leastThreshold)
			created := s.applyCreate(t.Context(), config, s.planCreate(config).PlannedState)
			s.check(nil, created.Diagnostics)
			state := s.attributes(created.NewState)

			bad := filepath.Join(w.dir, "bad")
			test.spoil(w, bad)
			config["checkpoint_dir"] = text(bad)
			if test.given {
				config["source_hash"] = state["source_hash"]
			}
			check := func(when string, diags []*tfprotov6.Diagnostic, want [4]string) {
				t.Helper()
				if want[0] == "" {
					if len(diags) != 0 {
						t.Errorf("%s: %s", when, show(diags))
					}
					return
				}
				for _, says := range append(want[1:3:3], bad) {
					s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityWarning, want[0], "checkpoint_dir", says)
				}
				if want[3] != "" && strings.Contains(diags[0].Detail, want[3]) {
					t.Errorf("%s: also says %q", when, want[3])
				}
			}
			before := tree(t, bad)
			if !test.given { // otherwise the existing object is not known to have the same content
				check("creating", w.serve(nil).planCreate(config).Diagnostics, test.creating)
			}
			check("existing", w.serve(nil).replan(created.NewState, config).Diagnostics, test.existing)
			if after := tree(t, bad); after != before && test.creating[0] != "" {
				t.Errorf("the plans changed %s to %s", before, after)
			}
		})
	}
}

// replan plans an existing object.
func (s *server) replan(state *tfprotov6.DynamicValue, config map[string]tftypes.Value) *tfprotov6.PlanResourceChangeResponse {
	s.Helper()
	proposed := s.attributes(state)
	maps.Copy(proposed, config)
	resp, err := s.PlanResourceChange(s.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: state, ProposedNewState: s.encode(proposed), Config: s.encode(config),
	})
	s.check(err, resp.Diagnostics)
	return resp
}

func tree(t *testing.T, dir string) (names string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		names += " " + path
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return names
}
