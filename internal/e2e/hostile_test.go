// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// hostileKey is a key with terminal sequences and shell commands.
const hostileKey = "a\x1b]0;title\x07b\x1b[2J\u009b2J\u202e\nError: nothing is wrong\t'\"`touch x`$(touch x)${d}%{e}\\"

// obeyed are the characters of hostileKey that must not reach a terminal.
const obeyed = "\x1b\x07\u009b\u202e"

// configureHostile configures a small object with the key.
func (w *world) configureHostile(more string) {
	w.t.Helper()
	config := strings.Replace(w.config(more), fmt.Sprintf("%q", key), "var.keys[\"k\"]", 1) +
		"variable \"keys\" {\n  type = map(string)\n}\n"
	w.configureWithKeys(config, map[string]string{"k": hostileKey})
}

// Terminal sequences in a key are escaped in everything that the provider prints: warnings
// of a plan, errors of an apply, the message of a destroy that leaves the object, the ID in
// progress lines of Terraform, and the log.
func TestHostile_key(t *testing.T) {
	w := newWorld(t)
	stop := w.serve()
	t.Log("FAULT F87: escape codes, quotes and line breaks in a key")
	w.content = []byte("small")
	if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
		t.Fatal(err)
	}
	w.configureHostile("forbid_overwrite = true")
	w.server.PutObject(bucket, hostileKey, []byte("other"), nil)
	w.checkSays(w.run("plan", "-input=false", "-no-color").Text, "Object already exists")
	w.checkSays(w.apply().Text, "Object already exists")

	w.configureHostile("")
	w.checkSays(w.run("plan", "-input=false", "-no-color").Text, "Object exists and will be overwritten")
	w.server.AddRule(osstest.Rule{Op: osstest.PutObject, Times: 1, Fault: osstest.Refuse(403, "AccessDenied")})
	w.checkSays(w.apply().Text, "Access denied")

	stop() // Terraform writes the log of a provider that it starts
	log := filepath.Join(w.Dir, "debug.log")
	w.Env = append(w.Env, "TF_LOG_PROVIDER=DEBUG", "TF_LOG_PATH="+log)
	w.checkSays(w.apply().Text, "Creation complete")
	text, err := os.ReadFile(log)
	if err != nil || !strings.Contains(string(text), "title") || strings.ContainsAny(string(text), obeyed) {
		t.Errorf("%v: the log is %d bytes, and begins %.2000q", err, len(text), text)
	}

	w.configureHostile(`deletion_policy = "retain"`)
	w.checkSays(w.apply().Text, "Modifications complete")
	w.checkSays(w.run("plan", "-destroy", "-input=false", "-no-color").Text, "Object stays in OSS")
	destroyed := w.run("destroy", "-auto-approve", "-input=false", "-no-color").Text
	w.checkSays(destroyed, "Object stays in OSS")
	w.checkSays(w.run("import", "-input=false", "-no-color", "ossresumable_object.disk", "oss://-/"+hostileKey).Text, "Invalid import ID")

	// The user pastes the text of the destroy into the configuration.
	w.configureHostile(`deletion_policy = "retain"` + "\n}\n" + strings.TrimSuffix(strings.TrimSpace(importBlock(t, destroyed)), "}"))
	out := w.run("apply", "-auto-approve", "-input=false", "-no-color")
	w.check(out.Text, "1 imported, 0 added")
	for _, r := range w.server.Requests() {
		if r.Key != hostileKey && r.Key != "" {
			t.Errorf("asked for %q", r.Key)
		}
	}
	if _, err := os.Stat(filepath.Join(w.Dir, "x")); err == nil {
		t.Error("a shell has run the key")
	}
}

// ownLines are lines in which Terraform itself prints a value of the configuration
// unchanged: in a plan, and the ID of an import.
var ownLines = regexp.MustCompile(`(?ms)<<-EOT$.*?^ *EOT|^ossresumable_object\.disk: Importing from ID.*?^`)

// checkSays checks that text contains words, and no character that controls a terminal.
func (w *world) checkSays(text, words string) {
	w.t.Helper()
	w.check(text, words)
	for line := range strings.Lines(ownLines.ReplaceAllString(text, "")) {
		if strings.ContainsAny(line, obeyed) || strings.HasPrefix(strings.TrimLeft(line, "│ "), "Error: nothing") {
			w.t.Errorf("a terminal obeys %q", line)
		}
	}
}

// importBlock returns the import block in a diagnostic, without the frame that Terraform
// draws.
func importBlock(t *testing.T, text string) string {
	t.Helper()
	text = strings.ReplaceAll(text, "\n│ ", "\n")
	block := regexp.MustCompile(`(?m)^ *import \{\n.*\n.*\n *\}$`).FindString(text)
	if block == "" {
		t.Fatalf("no import block in\n%s", text)
	}
	return strings.Replace(block, "ADDRESS", "ossresumable_object.disk", 1)
}

// The command in a hint names exactly the object when it is pasted into a shell.
func TestHostile_importCommand(t *testing.T) {
	w := newWorld(t)
	w.server.PutObject(bucket, key, []byte("other"), nil)
	text := w.run("plan", "-input=false", "-no-color").Text
	command := regexp.MustCompile(`terraform import .*`).FindString(text)
	out, err := exec.Command("sh", "-c", "terraform() { printf '%s\\n' \"$@\"; }\n"+command).CombinedOutput()
	if want := "import\nADDRESS\n" + bucket + "/" + key + "\n"; err != nil || string(out) != want {
		t.Errorf("%q: %v, %q, want %q", command, err, out, want)
	}
}
