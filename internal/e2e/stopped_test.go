// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

type stop struct {
	fault string
	now   func(p *terraform.Process)
}

// stops are the ways in which an apply ends early.
var stops = map[string]stop{
	"SIGINT": {"FAULT F08: Ctrl-C once", func(p *terraform.Process) { p.SignalGroup(syscall.SIGINT) }},
	"SIGINT twice": {"FAULT F09: Ctrl-C twice, 100 ms apart", func(p *terraform.Process) {
		p.SignalGroup(syscall.SIGINT)
		time.Sleep(100 * time.Millisecond)
		p.SignalGroup(syscall.SIGINT)
	}},
	"SIGTERM": {"FAULT F10: SIGTERM to Terraform", func(p *terraform.Process) { p.Signal(syscall.SIGTERM) }},
	"SIGTERM, then SIGKILL to the group": {"FAULT F10: CI cancels, SIGTERM to the group and then SIGKILL", func(p *terraform.Process) {
		p.SignalGroup(syscall.SIGTERM)
		time.Sleep(100 * time.Millisecond)
		p.SignalGroup(syscall.SIGKILL)
	}},
	"SIGHUP to the group":  {"FAULT F10: ssh drops, SIGHUP to the group", func(p *terraform.Process) { p.SignalGroup(syscall.SIGHUP) }},
	"SIGKILL":              {"FAULT F01: kill -9 of Terraform, not of the provider", func(p *terraform.Process) { p.Signal(syscall.SIGKILL) }},
	"SIGKILL to the group": {"FAULT F01: kill -9 after so many parts", func(p *terraform.Process) { p.SignalGroup(syscall.SIGKILL) }},
}

// After any kind of stop, at any moment, with or without the checkpoint, the next apply
// sends the missing parts and leaves no upload open. Each kind of stop is tested with each
// state of the checkpoint and each action; a kill is tested with all combinations.
func TestApply_stopped(t *testing.T) {
	for name, stop := range stops {
		moments := []int{20}
		if name == "SIGKILL to the group" {
			moments = []int{0, 1, 31, parts - 1, parts}
		}
		for _, moment := range moments {
			for _, checkpoint := range []string{"kept", "deleted"} {
				for _, action := range []string{"create", "update"} {
					if action == "update" && moment != 20 && moment != 31 {
						continue
					}
					if name != "SIGKILL to the group" && (action == "update") != (checkpoint == "deleted") {
						continue
					}
					t.Run(fmt.Sprintf("%s after %d parts, checkpoint %s, %s", name, moment, checkpoint, action), func(t *testing.T) {
						w := newWorld(t)
						if action == "update" {
							w.beginWithOldObject()
						}
						w.stopAndResume(stop, moment, checkpoint == "deleted")
					})
				}
			}
		}
	}
}

// beginWithOldObject applies another file first.
func (w *world) beginWithOldObject() {
	w.t.Helper()
	if err := os.WriteFile(w.source, []byte("old bytes"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.mustApply()
	w.write(1)
	w.server.ResetLog()
}

func (w *world) stopAndResume(s stop, moment int, deleteCheckpoint bool) {
	w.t.Helper()
	defer func() { w.t.Logf("%s; %d parts sent again", s.fault, w.sentAgain()) }()
	before := w.object()
	priorState, wasThere, _ := w.stateOf()
	if moment == parts { // after the last part, before the object is made
		w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.Stall(time.Minute)})
	}
	p := w.startPausing(moment)
	s.now(p)
	stopped := time.Now()
	out := p.Wait()
	if out.ExitCode == 0 {
		w.t.Fatalf("the apply was not stopped:\n%s", out.Text)
	}
	if took := time.Since(stopped); took > 15*time.Second {
		w.t.Errorf("it took %v to stop", took)
	}
	if out.ExitCode == -1 && wasThere {
		w.restoreState()
	}
	w.checkStopped(before, priorState, wasThere)
	w.settle()
	if deleteCheckpoint {
		w.forget()
	}
	w.server.ClearRules()
	w.mustApply()
	if total := w.server.Count(osstest.UploadPart); total > parts+parallel {
		w.t.Errorf("%d parts sent in all", total)
	}
	w.checkDone()
}

// restoreState restores the state from its backup, as a user would, if Terraform was killed
// while it wrote the state. It writes the file in place, and empties it first.
func (w *world) restoreState() {
	w.t.Helper()
	name := filepath.Join(w.Dir, "terraform.tfstate")
	if text, err := os.ReadFile(name); err == nil && json.Valid(text) {
		return
	}
	if err := os.Rename(name+".backup", name); err != nil {
		w.t.Error(err)
	}
}

// checkStopped checks the object and the state right after Terraform has exited.
func (w *world) checkStopped(before []byte, priorState map[string]any, wasThere bool) {
	w.t.Helper()
	if got := w.object(); string(got) != string(before) {
		w.t.Errorf("the object had %d bytes before and has %d now", len(before), len(got))
	}
	state, found, tainted := w.stateOf()
	if tainted {
		w.t.Error("the state has a tainted resource")
	}
	if found != wasThere || fmt.Sprint(state) != fmt.Sprint(priorState) {
		w.t.Errorf("the state was %v and is %v", priorState, state)
	}
}

// The diagnostic of an interrupted apply says what is safe.
func TestApply_interruptedSaysWhatIsSafe(t *testing.T) {
	w := newWorld(t)
	p := w.startPausing(20)
	p.SignalGroup(syscall.SIGINT)
	out := p.Wait()
	stored := len(w.server.OpenUploads(bucket)[0].Parts)
	for _, want := range []string{
		"Upload interrupted",
		"oss://" + bucket + "/" + key,
		"are stored in OSS and will not be sent again",
		"Run terraform apply again",
	} {
		if !says(out.Text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	// OSS may have stored parts whose answers did not arrive.
	said := false
	for n := stored - parallel; n <= stored; n++ {
		said = said || says(out.Text, fmt.Sprintf("%d of %d parts", n, parts))
	}
	if !said {
		t.Errorf("%d parts are stored", stored)
	}
	if t.Failed() {
		t.Log(out.Text)
	}
	w.mustApply()
	w.checkDone()
}

// After an interrupted update, the plan still shows the change.
func TestApply_interruptedUpdateIsPlannedAgain(t *testing.T) {
	w := newWorld(t)
	defer func() {
		t.Logf("FAULT F82: update interrupted, then planned again; %d parts sent again", w.sentAgain())
	}()
	w.beginWithOldObject()
	p := w.startPausing(10)
	p.SignalGroup(syscall.SIGINT)
	p.Wait()
	if got := w.object(); string(got) != "old bytes" {
		t.Errorf("the old object has %d bytes now", len(got))
	}
	out := w.run("plan", "-input=false", "-no-color", "-detailed-exitcode")
	if out.ExitCode != 2 || !says(out.Text, "0 to add, 1 to change, 0 to destroy") || !strings.Contains(out.Text, "source_hash") {
		t.Errorf("plan: exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.mustApply()
	w.checkDone()
}

// An apply is killed five times, at different moments. Each apply continues where the
// previous one ended.
func TestApply_killedManyTimes(t *testing.T) {
	w := newWorld(t)
	defer func() { t.Logf("FAULT F12: killed five times at other moments; %d parts sent again", w.sentAgain()) }()
	kills := 0
	for _, n := range []int{7, 1, 13, 5, 3} {
		w.killAfter(n)
		kills++
	}
	w.mustApply()
	if total := countOp(w.server.Requests(), osstest.UploadPart); total > parts+kills*parallel {
		t.Errorf("%d parts sent in all", total)
	}
	w.checkDone()
}

// Only Terraform is killed, and the next apply begins at once. It waits until the orphaned
// provider has ended, so the two never send at the same time.
func TestApply_orphanedProvider(t *testing.T) {
	w := newWorld(t)
	defer func() {
		t.Logf("FAULT F80: the next apply meets an orphaned provider; %d parts sent again", w.sentAgain())
	}()
	p := w.startApply(10)
	p.Signal(syscall.SIGKILL)
	p.Wait()
	w.mustApply()
	w.checkDone()
}
