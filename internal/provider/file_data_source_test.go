// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// The plan defers the data source while the build is pending, even if the file of the
// last build exists.
func TestAccFile_builtInSameApply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("built.zip", "stale")
	config := func(content, build string) string {
		return w.built(file, content, build, "source_hash = data.ossresumable_file.built.sha256") + fmt.Sprintf(`
data "ossresumable_file" "built" {
  path       = %q
  depends_on = [terraform_data.build]
}
`, file)
	}
	has := func(attribute string, value knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.ossresumable_file.built", tfjsonpath.New(attribute), value)
	}
	w.test(
		resource.TestStep{
			Config:           config("hello", "1"),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate), unknown("source_hash", "crc64")),
			ConfigStateChecks: []statecheck.StateCheck{
				has("sha256", knownvalue.StringExact(sha256Hello)),
				has("crc64", knownvalue.NotNull()),
				has("size", knownvalue.Int64Exact(5)),
				has("content_type", knownvalue.StringExact("application/zip")),
			},
			Check: w.holds("hello", "text/plain"),
		},
		resource.TestStep{
			Config:           config("world", "2"),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), unknown("source_hash", "etag")),
			Check:            w.holds("world", "text/plain"),
		},
	)
}

func TestFile_cannotBeRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, path    string
		severity      tfprotov6.DiagnosticSeverity
		summary, says string
	}{
		{"absent", "absent", tfprotov6.DiagnosticSeverityWarning, "File does not exist", "checksums and its size are null"},
		{"directory", "", tfprotov6.DiagnosticSeverityError, "File cannot be read", "regular file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			s := w.serve(nil)
			attributes, diags := s.read("ossresumable_file", map[string]tftypes.Value{"path": text(filepath.Join(w.dir, test.path))})
			s.expectDiagnostic(diags, test.severity, test.summary, "path", test.says)
			for _, name := range []string{"sha256", "crc64", "size"} {
				if !attributes[name].IsNull() {
					t.Errorf("%s is %s", name, attributes[name])
				}
			}
		})
	}
}

// Neither a client nor credentials are needed.
func TestFile_unconfiguredProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(map[string]tftypes.Value{"region": unknownValue})
	attributes := s.mustRead("ossresumable_file", map[string]tftypes.Value{"path": text(w.write("file", "hello"))})
	if want := text(sha256Hello); !attributes["sha256"].Equal(want) {
		t.Errorf("sha256 is %s", attributes["sha256"])
	}
}

func TestFile_memory(t *testing.T) { // not parallel: it counts what the process allocates
	const size = 64 << 20
	w := newWorld(t)
	s := w.serve(nil)
	file := filepath.Join(w.dir, "large")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, size); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.mustRead("ossresumable_file", map[string]tftypes.Value{"path": text(file)})
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > size/4 {
		t.Errorf("allocated %d bytes for a file of %d", allocated, size)
	}
}
