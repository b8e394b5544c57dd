// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// awkwardKeys are keys that a URL, a path, a terminal or HCL could interpret. OSS
// treats them as bytes.
var awkwardKeys = map[string]string{
	"spaces":         " a  b ",
	"plus":           "a+b",
	"escaped":        "a%2eb%2Fc%",
	"query":          "a?x-oss-process=image&b=c",
	"fragment":       "a#b",
	"parent":         "../a",
	"inner parent":   "a/../b",
	"here":           "./a",
	"only dots":      "..",
	"slashes":        "a//b/",
	"backslash":      `a\b`,
	"emoji":          "\u00e9/\u65e5\u672c/\U0001f600",
	"newline":        "a\nb",
	"escape":         "a\x1b[31mb",
	"template":       "${a}%{b}",
	"quote":          `"a'<>&`,
	"longest":        strings.Repeat("\u65e5", 341),
	"another's lock": "v1-0000.lock",
}

// An object keeps its name and its bytes through create, read, copy, import and destroy.
func TestNames_awkwardKeys(t *testing.T) {
	w := newWorld(t)
	defer w.serve()()
	t.Log("FAULT F86: awkward object keys, created, read, copied, imported and destroyed")
	w.content = []byte("small")
	if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
		t.Fatal(err)
	}
	config := strings.Replace(w.config("for_each = var.keys"), fmt.Sprintf("%q", key), "each.value", 1) +
		"variable \"keys\" {\n  type = map(string)\n}\n"
	w.configureWithKeys(config, awkwardKeys)
	w.mustApply()
	w.checkAwkward("")

	config = strings.Replace(config, "for_each = var.keys", "for_each = var.keys\n  cache_control = \"no-cache\"", 1)
	w.configureWithKeys(config, awkwardKeys)
	w.mustApply()
	w.checkAwkward("no-cache")
	if copied, put := w.server.Count(osstest.CopyObject), w.server.Count(osstest.PutObject); copied != len(awkwardKeys) || put != len(awkwardKeys) {
		t.Errorf("%d copies, %d uploads", copied, put)
	}

	if out := w.run("state", "rm", "ossresumable_object.disk"); out.ExitCode != 0 {
		t.Fatal(out.Text)
	}
	w.configureWithKeys(config+"import {\n  for_each = var.keys\n  to = ossresumable_object.disk[each.key]\n  id = \"oss://"+bucket+"/${each.value}\"\n}\n", awkwardKeys)
	w.check(w.mustApply().Text, fmt.Sprintf("%d imported, 0 added", len(awkwardKeys)))
	w.checkAwkward("no-cache")

	if out := w.run("destroy", "-auto-approve", "-input=false", "-no-color"); out.ExitCode != 0 {
		t.Fatal(out.Text)
	}
	for name, awkward := range awkwardKeys {
		if _, found := w.server.Object(bucket, awkward); found {
			t.Errorf("%s: %q is still there", name, awkward)
		}
	}
	w.checkDirEmpty()
	entries, err := os.ReadDir(filepath.Dir(w.dir))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the checkpoint directory: %v %v", entries, err)
	}
}

// checkAwkward checks that every object has its own name and the bytes of the file, and
// that no request used another name.
func (w *world) checkAwkward(cacheControl string) {
	w.t.Helper()
	for name, awkward := range awkwardKeys {
		if got := w.objectAt(awkward); !bytes.Equal(got, w.content) {
			w.t.Errorf("%s: %q holds %q", name, awkward, got)
		}
		object, _ := w.server.Object(bucket, awkward)
		if got := object.Header.Get("Cache-Control"); got != cacheControl {
			w.t.Errorf("%s: %q has Cache-Control %q", name, awkward, got)
		}
	}
	for _, r := range w.server.Requests() {
		if !slices.Contains(slices.Collect(maps.Values(awkwardKeys)), r.Key) {
			w.t.Errorf("asked for %q", r.Key)
		}
	}
}

func (w *world) configureWithKeys(config string, keys map[string]string) {
	w.t.Helper()
	variables, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.Dir, "terraform.tfvars.json"), variables, 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Configure(config); err != nil {
		w.t.Fatal(err)
	}
}

// Keys that OSS does not accept are refused before any request.
func TestNames_impossibleKeys(t *testing.T) {
	w := newWorld(t)
	t.Log("FAULT F86: impossible object keys are refused at plan")
	impossible := map[string]string{"": "", "long": strings.Repeat("a", 1024), "slash": "/a", "back": `\a`, "nul": "a\x00b"}
	config := strings.Replace(w.config("for_each = var.keys"), fmt.Sprintf("%q", key), "each.value", 1) +
		"variable \"keys\" {\n  type = map(string)\n}\n"
	w.configureWithKeys(config, impossible)
	out := w.run("plan", "-input=false", "-no-color")
	if got := strings.Count(out.Text, "Error: Invalid object key"); got != len(impossible) {
		t.Errorf("%d errors\n%s", got, out.Text)
	}
	if len(w.server.Requests()) != 0 {
		t.Error("OSS was asked")
	}
}

// A file name contains terminal sequences, and looks like a line that Terraform prints. It
// is escaped everywhere.
func TestNames_sourceThatTerminalsObey(t *testing.T) {
	const name = "a\x1b[2J\x1b]0;title\x07b\rc\nError: nothing is wrong"
	for _, c := range []struct {
		name  string
		more  string // configuration
		spoil func(w *world)
	}{
		{"missing", "", func(w *world) { _ = os.Remove(w.source) }},
		{"a directory", "", func(w *world) { _ = os.Remove(w.source); _ = os.Mkdir(w.source, 0o700) }},
		{"a FIFO", "", func(w *world) { _ = os.Remove(w.source); _ = syscall.Mkfifo(w.source, 0o600) }},
		{"of other bytes", `source_hash = "` + strings.Repeat("0", 64) + `"`, func(*world) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			t.Log("FAULT F87: escape codes and newlines in the name of the source")
			w.source = filepath.Join(t.TempDir(), name)
			w.write(1)
			c.spoil(w)
			inHCL, err := json.Marshal(w.source) // Go's own quoting has escapes that HCL does not know
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Configure(strings.Replace(w.config(c.more), fmt.Sprintf("%q", w.source), string(inHCL), 1)); err != nil {
				t.Fatal(err)
			}
			out := w.apply()
			if out.ExitCode == 0 {
				t.Error("no error")
			}
			// Terraform itself prints the name in the plan.
			_, diagnostics, _ := strings.Cut(out.Text, "Creating...")
			if diagnostics == "" { // it failed at plan
				diagnostics = out.Text
			}
			for _, bad := range []string{"\x1b", "\x07", "\r", "\nError: nothing"} {
				if strings.Contains(diagnostics, bad) {
					t.Errorf("%q is printed as it is: %q", bad, diagnostics)
				}
			}
		})
	}
}
