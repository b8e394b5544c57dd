// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A source that cannot be uploaded: the error says what to do instead, and nothing
// is sent.
func TestSource_notAFile(t *testing.T) {
	const hash = `source_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"` // of no bytes
	for _, c := range []struct {
		name, source, more string
		says               []string
	}{
		{"a URL", "https://example.com/disk.img", "", []string{"URLs are not supported", "Download other files before Terraform runs"}},
		{"the empty device", os.DevNull, "", []string{"is a device", `content = ""`}},
		{"a file of the system", "/proc/version", "", []string{"Source is not a regular file", "/proc/version", "copy"}},
		{"a file of the system, not read by the plan", "/proc/version", hash, []string{"Source is not a regular file", "/proc/version"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			t.Log("FAULT F46: source is " + c.name)
			w.source = c.source
			if err := w.Configure(w.config(c.more)); err != nil {
				t.Fatal(err)
			}
			out := w.apply()
			if out.ExitCode != 1 || w.writes() != 0 {
				t.Errorf("exit status %d, %d requests that write", out.ExitCode, w.writes())
			}
			w.check(out.Text, c.says...)
		})
	}
}

// Terraform converts every name to NFC, also what fileset returns. It cannot name a
// file in the form NFD, in which macOS unpacks archives. The error shows the name
// of that file.
func TestSource_otherNormalization(t *testing.T) {
	w := newWorld(t)
	const decomposed = "Caf" + "e\u0301.img"
	if err := os.Rename(w.source, filepath.Join(filepath.Dir(w.source), decomposed)); err != nil {
		t.Fatal(err)
	}
	config := strings.Replace(w.config("for_each = fileset("+fmt.Sprintf("%q", filepath.Dir(w.source))+`, "*.img")`),
		fmt.Sprintf("%q", w.source), fmt.Sprintf("%q", filepath.Dir(w.source)+"/${each.value}"), 1)
	config = strings.Replace(config, fmt.Sprintf("%q", key), "each.value", 1)
	if err := w.Configure(config); err != nil {
		t.Fatal(err)
	}
	w.check(w.plan(), "Warning: Source file does not exist yet", `Cafe\u0301.img`, "NFC", "Rename")
	out := w.apply()
	w.check(out.Text, "Error: Source file does not exist", `Cafe\u0301.img`)
	if w.writes() != 0 {
		t.Errorf("%d requests that write", w.writes())
	}
}
