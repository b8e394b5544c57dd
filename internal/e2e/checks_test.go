// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// settle waits until the server has handled every part that a killed or interrupted
// provider has sent.
func (w *world) settle() {
	w.t.Helper()
	if err := w.server.Flush(w.ctx()); err != nil {
		w.t.Fatal(err)
	}
	err := w.server.WaitFor(w.ctx(), func(requests []osstest.Request) bool {
		return !slices.ContainsFunc(requests, func(r osstest.Request) bool {
			return r.Op == osstest.UploadPart && r.Ended.IsZero()
		})
	})
	if err != nil {
		w.t.Fatalf("parts that do not end: %v", err)
	}
}

// checkDone checks all invariants of a finished apply, except for the next plan, which
// mustApply and mustEnd check.
func (w *world) checkDone() {
	w.t.Helper()
	if got := w.object(); !bytes.Equal(got, w.content) {
		w.t.Errorf("the object has %d bytes that are not the file's %d", len(got), len(w.content))
	}
	var open []string
	for _, upload := range w.server.OpenUploads(bucket) {
		open = append(open, upload.UploadID)
	}
	if !slices.Equal(open, w.others) {
		w.t.Errorf("uploads left open: %v, want %v", open, w.others)
	}
	w.checkSentOnce()
	w.checkDirEmpty()
}

// checkDirEmpty checks that the checkpoint directory contains only the hash cache.
func (w *world) checkDirEmpty() {
	w.t.Helper()
	entries, _ := os.ReadDir(w.dir)
	for _, e := range entries {
		if e.Name() != "fingerprints" {
			w.t.Errorf("left in the checkpoint directory: %s", e.Name())
		}
	}
}

// checkSentOnce checks that no part was sent again although the provider knew that it was
// stored.
func (w *world) checkSentOnce() {
	w.t.Helper()
	for _, r := range w.server.ResentParts() {
		w.t.Errorf("sent again although it was stored: %s", r)
	}
}

// sentAgain returns the number of parts that were sent more than once since the log was
// reset. It includes those that had to be, because the apply was killed while it sent them.
func (w *world) sentAgain() int { return max(0, w.server.Count(osstest.UploadPart)-parts) }

// checkNoChanges checks that a plan is empty and sends no request that writes.
func (w *world) checkNoChanges() {
	w.t.Helper()
	before := w.writes()
	out := w.run("plan", "-input=false", "-no-color", "-detailed-exitcode")
	if out.ExitCode != 0 || !strings.Contains(out.Text, "No changes") {
		w.t.Errorf("plan: exit status %d\n%s", out.ExitCode, out.Text)
	}
	if w.writes() != before {
		w.t.Error("the plan wrote to OSS")
	}
}

func (w *world) writes() (n int) {
	for _, r := range w.server.Requests() {
		if r.Op.Writes() {
			n++
		}
	}
	return n
}

func (w *world) object() []byte { return w.objectAt(key) }

// objectAt returns the bytes of an object, or nil if it does not exist.
func (w *world) objectAt(key string) []byte {
	w.t.Helper()
	object, found := w.server.Object(bucket, key)
	if !found {
		return nil
	}
	r, err := object.Open()
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// stateOf returns the attributes of the first resource in the state, and whether it exists
// and is tainted.
func (w *world) stateOf() (attributes map[string]any, found, tainted bool) {
	w.t.Helper()
	for _, r := range w.state() {
		for _, i := range r.Instances {
			return i.Attributes, true, i.Status == "tainted"
		}
	}
	return nil, false, false
}

// stateResource is a resource in a state file of version 4.
type stateResource struct {
	Mode, Type, Name string
	Instances        []struct {
		Status     string // "tainted", or ""
		Deposed    string
		IndexKey   any `json:"index_key"`
		Attributes map[string]any
	}
}

// state reads the state file. There may be no file, or an empty one if
// Terraform was killed before it wrote the first state.
func (w *world) state() []stateResource {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.Dir, "terraform.tfstate"))
	if os.IsNotExist(err) || err == nil && len(text) == 0 {
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	var state struct {
		Version   int
		Resources []stateResource
	}
	if err := json.Unmarshal(text, &state); err != nil {
		w.t.Fatal(err)
	}
	if state.Version != 4 {
		w.t.Fatalf("state version %d", state.Version)
	}
	return state.Resources
}

// check checks that a text printed by Terraform contains all wants.
func (w *world) check(text string, wants ...string) {
	w.t.Helper()
	for _, want := range wants {
		if !says(text, want) {
			w.t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

// says reports whether text contains words, regardless of the frame that Terraform draws
// around a diagnostic and of its line breaks.
func says(text, words string) bool {
	return strings.Contains(unwrap(text), unwrap(words))
}

func unwrap(text string) string {
	text = strings.NewReplacer("│", " ", "╷", " ", "╵", " ", "\n", " ").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}
