// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

func (w *world) plan(args ...string) string {
	w.t.Helper()
	out := w.run(append([]string{"plan", "-input=false", "-no-color"}, args...)...)
	if out.ExitCode != 0 && out.ExitCode != 2 {
		w.t.Fatalf("plan: exit status %d\n%s", out.ExitCode, out.Text)
	}
	return out.Text
}

// The file changes after the plan was saved. The apply fails, because Terraform plans again
// or because of our own check, and sends nothing.
func TestSource_changedAfterThePlan(t *testing.T) {
	w := newWorld(t)
	t.Log("FAULT F43: file changed between plan and apply")
	w.plan("-out=saved.tfplan")
	w.write(2)
	out := w.run("apply", "-input=false", "-no-color", "saved.tfplan")
	if out.ExitCode == 0 || !says(out.Text, "inconsistent final plan") {
		t.Errorf("exit status %d\n%s", out.ExitCode, out.Text)
	}
	if w.writes() != 0 || w.object() != nil {
		t.Error("something was sent")
	}
	w.mustApply()
	w.checkDone()
}

// The file changes during the upload. The apply fails, and nothing is published.
func TestSource_changesWhileUploading(t *testing.T) {
	for _, c := range []struct {
		fault, action string
		change        func(w *world)
	}{
		{"FAULT F40: file rewritten in mid-upload", "create", func(w *world) { w.write(2) }},
		{"FAULT F40: file rewritten in mid-upload", "update", func(w *world) { w.write(2) }},
		{"FAULT F41: file truncated in mid-upload", "update", func(w *world) { w.resize(len(w.content) / 2) }},
		{"FAULT F42: file replaced by another in mid-upload", "update", (*world).replaceFile},
	} {
		_, name, _ := strings.Cut(c.fault, ": ")
		t.Run(name+", "+c.action, func(t *testing.T) {
			w := newWorld(t)
			t.Log(c.fault)
			if c.action == "update" {
				w.beginWithOldObject()
			}
			before := w.object()
			priorState, wasThere, _ := w.stateOf()
			p, release := w.startAndHold(20)
			c.change(w)
			release()
			out := p.Wait()
			w.check(out.Text, "Source file changed while it was read", w.source, "Nothing was published")
			w.checkStopped(before, priorState, wasThere)
			w.server.ClearRules()
			w.server.ResetLog() // parts of the old bytes are sent again, rightly
			w.mustApply()
			w.checkDone()
		})
	}
}

// replaceFile replaces the source by another file, as editors do.
func (w *world) replaceFile() {
	w.t.Helper()
	path := w.source
	w.source += ".new"
	w.write(2)
	if err := os.Rename(w.source, path); err != nil {
		w.t.Fatal(err)
	}
	w.source = path
}

// The file is edited between two applies, with the same size and modification time. The
// object has the new bytes, never a mixture.
func TestSource_editedWithTimesKept(t *testing.T) {
	w := newWorld(t)
	w.killAfter(30)
	info, err := os.Stat(w.source)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{3, 5 * partSize, 50*partSize + 1} {
		w.content[at] ^= 0xff
	}
	if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(w.source, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	w.server.ResetLog()
	w.mustApply()
	if got := countOp(w.server.Requests(), osstest.UploadPart); got > parts-30+3+parallel {
		t.Errorf("%d parts sent", got)
	}
	w.checkDone()
}

func TestSource_touchedOrMoved(t *testing.T) {
	w := newWorld(t)
	defer w.serve()()
	t.Log("FAULT F38: file touched, then moved")
	w.mustApply()
	w.server.ResetLog()
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(w.source, later, later); err != nil {
		t.Fatal(err)
	}
	w.checkNoChanges()

	moved := filepath.Join(t.TempDir(), "elsewhere.img")
	if err := os.Rename(w.source, moved); err != nil {
		t.Fatal(err)
	}
	w.source = moved
	if err := w.Configure(w.config("")); err != nil {
		t.Fatal(err)
	}
	if text := w.plan(); !says(text, "0 to add, 1 to change, 0 to destroy") || strings.Contains(text, "known after apply") {
		t.Errorf("plan:\n%s", text)
	}
	w.mustApply()
	w.checkDone()
	if w.writes() != 0 {
		t.Errorf("%d requests that write", w.writes())
	}
}

// The same apply creates the file. Its hash is unknown at plan.
func TestSource_madeInTheSameApply(t *testing.T) {
	w := newWorld(t)
	defer w.serve()()
	made := filepath.Join(t.TempDir(), "made.img")
	content := w.source
	w.source = made
	config := w.config("source_hash = terraform_data.maker.output") + `
resource "terraform_data" "maker" {
  input = filesha256("` + content + `")
  provisioner "local-exec" {
    command = "cp '` + content + `' '` + made + `'"
  }
}
`
	if err := w.Configure(config); err != nil {
		t.Fatal(err)
	}
	w.mustApply()
	w.checkDone()
}

// A symbolic link is followed. The object has the bytes of the file.
func TestSource_link(t *testing.T) {
	w := newWorld(t)
	defer w.serve()()
	t.Log("FAULT F46: source is a link to a file")
	file := w.source
	w.source = filepath.Join(t.TempDir(), "link.img")
	if err := os.Symlink(file, w.source); err != nil {
		t.Fatal(err)
	}
	if err := w.Configure(w.config("")); err != nil {
		t.Fatal(err)
	}
	w.mustApply()
	w.checkDone()
}
