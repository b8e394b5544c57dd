// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
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

// The file changed after the plan was saved: Terraform's own check, in the
// plan that it makes again, or ours. Either way nothing is sent.
func TestSource_changedAfterThePlan(t *testing.T) {
	w := newWorld(t)
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

// The file changes while it is uploaded: our error, and nothing is published.
func TestSource_changesWhileUploading(t *testing.T) {
	for _, action := range []string{"create", "update"} {
		t.Run(action, func(t *testing.T) {
			w := newWorld(t)
			if action == "update" {
				w.beginWithOldObject()
			}
			before := w.object()
			priorState, wasThere, _ := w.stateOf()
			var once sync.Once
			w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, PartNumber: 20, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
				once.Do(func() { w.write(2) })
				return osstest.Fault{}
			})})
			out := w.apply()
			for _, want := range []string{"Source file is being changed", w.source, "Nothing was published"} {
				if !says(out.Text, want) {
					t.Errorf("%q is missing:\n%s", want, out.Text)
				}
			}
			w.checkStopped(before, priorState, wasThere)
			w.server.ClearRules()
			w.server.ResetLog() // parts of the old bytes are sent again, rightly
			w.mustApply()
			w.checkDone()
		})
	}
}

// Edited between two runs with size and modification time kept: the new bytes
// are published, never a mixture.
func TestSource_editedWithTimesKept(t *testing.T) {
	w := newWorld(t)
	p := w.startApply(30)
	p.SignalGroup(9)
	p.Wait()
	w.settle()
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

// A file that is made by the same apply: its hash is left unknown.
func TestSource_madeInTheSameApply(t *testing.T) {
	w := newWorld(t)
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
