// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// The file system does not support locks. The upload is refused.
func TestLock_notSupported(t *testing.T) {
	w := newWorld(t)
	t.Log("FAULT F32: file system of the checkpoint answers ENOLCK")
	w.Via = injecting(t, "flock:error=ENOLCK")
	out := w.apply()
	if out.ExitCode != 1 {
		t.Errorf("exit status %d", out.ExitCode)
	}
	w.check(out.Text, "Checkpoint directory cannot be used", "no locks available", w.dir, "Nothing was sent", "set checkpoint_dir to another")
	if w.writes() != 0 {
		t.Errorf("%d requests that write", w.writes())
	}
	w.Via = nil
	w.mustApply()
	w.checkDone()
}

// On this file system, every process gets the lock, so two applies upload the same object
// at once. OSS refuses CompleteMultipartUpload with an unknown ETag, so the object always
// has the bytes of the file.
func TestLock_withoutEffect(t *testing.T) {
	w := newWorld(t)
	t.Log("FAULT F81: two senders at once, because flock does nothing")
	w.Via = injecting(t, "flock:retval=0")
	other := w.another()
	other.Via = w.Via
	first, release := w.startAndHold(20)
	second, err := other.Start(nil, "apply", "-auto-approve", "-input=false", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	err = w.server.WaitFor(w.ctx(), func(requests []osstest.Request) bool {
		return countOp(requests, osstest.UploadPart) >= 20+2*parallel // both wait for an answer
	})
	if err != nil {
		t.Fatalf("there are no two senders: %v", err)
	}
	release()
	for _, p := range []*terraform.Process{first, second} {
		if out := p.Wait(); out.ExitCode != 0 {
			t.Logf("one of them lost:\n%s", out.Text)
		}
	}
	if !bytes.Equal(w.object(), w.content) {
		t.Error("the object is not the file")
	}
	w.Via = nil
	w.settle()
	w.mustApply() // the one that lost, if there is one, had only to try again
	if open := w.server.OpenUploads(bucket); len(open) != 0 {
		t.Errorf("uploads left open: %+v", open)
	}
	w.checkNoChanges()
}

// The disk of the source fails. The error names the file. The upload is kept, and continues
// when the disk works again.
func TestSource_diskFails(t *testing.T) {
	w := newWorld(t)
	defer func() {
		t.Logf("FAULT F47: disk of the source answers EIO in mid-upload; %d parts sent again", w.sentAgain())
	}()
	dir := filepath.Join(t.TempDir(), "disk")
	disk := newDisk(t, dir)
	w.source = filepath.Join(dir, "disk.img")
	w.write(1)
	if f, err := os.Open(w.source); err != nil || f.Sync() != nil || f.Close() != nil {
		t.Fatal(err)
	}
	if err := w.Configure(w.config("")); err != nil {
		t.Fatal(err)
	}
	p, release := w.startAndHold(20)
	disk.vanish()
	release()
	out := p.Wait()
	if out.ExitCode != 1 || out.Elapsed > time.Minute {
		t.Errorf("exit status %d after %v", out.ExitCode, out.Elapsed)
	}
	w.check(out.Text, "input/output error", w.source, "are stored in OSS and will not be sent again")
	if w.server.Count(osstest.CompleteMultipartUpload) != 0 || len(w.server.OpenUploads(bucket)) != 1 {
		t.Error("the upload was not kept")
	}
	w.server.ClearRules()
	w.settle()
	disk.repair()
	w.mustApply()
	w.checkDone()
}
