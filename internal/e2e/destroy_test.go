// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// An update is interrupted, and the next apply does something else. Nothing of the
// unfinished upload remains in the checkpoint directory or in OSS.
func TestDestroy_endsAnInterruptedUpdate(t *testing.T) {
	w := newWorld(t)
	t.Log("FAULT F83: destroy while there is a checkpoint")
	w.interruptUpdate()
	if out := w.run("destroy", "-auto-approve", "-input=false", "-no-color"); out.ExitCode != 0 {
		t.Fatalf("destroy: exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.checkNothingIsLeft()
}

func TestDestroy_otherKeyAfterAnInterruptedUpdate(t *testing.T) {
	w := newWorld(t)
	t.Log("FAULT F83: key changed while there is a checkpoint")
	w.interruptUpdate()
	w.reconfigure(fmt.Sprintf("%q", key), `"images/elsewhere.img"`)
	w.mustApply()
	w.checkNothingIsLeft()
	object, found := w.server.Object(bucket, "images/elsewhere.img")
	if !found || object.Size != int64(len(w.content)) {
		t.Errorf("the object at the new key: %+v", object)
	}
	w.checkNoChanges()
}

// interruptUpdate creates an old object, an incomplete upload and its checkpoint.
func (w *world) interruptUpdate() {
	w.t.Helper()
	w.beginWithOldObject()
	p := w.startPausing(10)
	p.SignalGroup(syscall.SIGINT)
	p.Wait()
	w.settle()
	if len(w.server.OpenUploads(bucket)) != 1 || string(w.object()) != "old bytes" {
		w.t.Fatal("the update was not interrupted")
	}
}

func (w *world) checkNothingIsLeft() {
	w.t.Helper()
	if _, found := w.server.Object(bucket, key); found {
		w.t.Error("the object is still there")
	}
	if open := w.server.OpenUploads(bucket); len(open) != 0 {
		w.t.Errorf("uploads left open: %+v", open)
	}
	if w.server.Count(osstest.AbortMultipartUpload) == 0 {
		w.t.Error("nothing was aborted")
	}
	w.checkDirEmpty()
}
