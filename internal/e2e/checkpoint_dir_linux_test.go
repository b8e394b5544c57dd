// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// The checkpoint directory cannot be written. The plan warns if it can detect that, and the
// apply fails before it sends anything, because the upload could not be resumed.
func TestCheckpointDir_unusableFromTheStart(t *testing.T) {
	for _, c := range []struct {
		fault, says   string
		foreseen      bool // by the plan
		spoil, repair func(t *testing.T, dir string)
	}{
		{
			"FAULT F29: checkpoint directory on a read-only file system", "read-only file system", true,
			func(t *testing.T, dir string) { remountSmall(t, dir, unix.MS_RDONLY) },
			func(t *testing.T, dir string) { remountSmall(t, dir, 0) },
		},
		{
			"FAULT F29: checkpoint directory on a full file system", "no space left on device", false,
			func(t *testing.T, dir string) { fill(t, dir) },
			func(_ *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "filler")) },
		},
	} {
		t.Run(c.says, func(t *testing.T) {
			w := newWorld(t)
			t.Log(c.fault)
			mountSmall(t, w.dir)
			c.spoil(t, w.dir)

			if warned := says(w.plan(), "Warning: Checkpoint directory cannot be used"); warned != c.foreseen {
				t.Errorf("the plan warns: %v", warned)
			}
			out := w.apply()
			if out.ExitCode != 1 {
				t.Errorf("apply: exit status %d", out.ExitCode)
			}
			w.check(out.Text, "Error: ", c.says, w.dir)
			w.check(out.Text, "Checkpoint directory cannot be used", "Nothing was sent", "set checkpoint_dir to another")
			if w.writes() != 0 {
				t.Errorf("%d requests that write", w.writes())
			}

			c.repair(t, w.dir)
			w.mustApply()
			w.checkDone()
		})
	}
}

// The checkpoint directory is removed during the upload. The upload continues, because the
// parts are worth more than the checkpoint. If it is interrupted, OSS still lists the
// parts.
func TestCheckpointDir_removedWhileUploading(t *testing.T) {
	w := newWorld(t)
	defer func() {
		t.Logf("FAULT F24: checkpoint directory removed in mid-upload; %d parts sent again", w.sentAgain())
	}()
	p, release := w.startAndHold(20)
	if err := os.RemoveAll(w.dir); err != nil {
		t.Fatal(err)
	}
	release()
	w.check(w.mustEnd(p).Text, "Upload succeeded with a warning", "continued without a checkpoint", "was removed")
	w.checkDone()
}

// The file system is full after the beginning of the journal.
func TestCheckpointDir_fullWhileUploading(t *testing.T) {
	w := newWorld(t)
	defer func() {
		t.Logf("FAULT F30: file system of the checkpoint full in mid-upload; %d parts sent again", w.sentAgain())
	}()
	mountSmall(t, w.dir)
	p, release := w.startAndHold(20)
	filler := fill(t, w.dir)
	release()
	out := w.mustEnd(p)
	w.check(out.Text, "Upload succeeded with a warning", "continued without a checkpoint", "no space left on device")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	w.checkDone()
}

// The disk of the checkpoints fails during the upload, with real errors from the kernel.
// When the disk works again, it has an old journal of an upload that is complete. The next
// apply does not use it.
func TestCheckpointDir_brokenWhileUploading(t *testing.T) {
	for _, c := range []struct {
		fault, says string
		lose        func(*disk)
	}{
		{"FAULT F30: file system of the checkpoint read-only in mid-upload", "read-only file system", (*disk).becomeReadOnly},
		{"FAULT F31: disk of the checkpoint answers EIO in mid-upload", "input/output error", (*disk).vanish},
	} {
		t.Run(c.says, func(t *testing.T) {
			w := newWorld(t)
			defer func() { t.Logf("%s; %d parts sent again", c.fault, w.sentAgain()) }()
			disk := newDisk(t, w.dir)
			p, release := w.startAndHold(20)
			c.lose(disk)
			release()
			out := w.mustEnd(p)
			w.check(out.Text, "Upload succeeded with a warning", "continued without a checkpoint", c.says)
			if got := w.server.Count(osstest.UploadPart); got != parts {
				t.Errorf("%d parts sent", got)
			}
			w.checkNoChanges()

			disk.repair()
			if journals, _ := filepath.Glob(filepath.Join(w.dir, "*.journal")); len(journals) == 0 {
				t.Error("the repaired disk has no journal, so this test shows nothing")
			}
			w.write(2)
			w.server.ResetLog()
			w.mustApply()
			w.checkDone()
		})
	}
}

func remountSmall(t *testing.T, dir string, flags uintptr) {
	t.Helper()
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|flags, "size=64k"); err != nil {
		t.Fatal(err)
	}
}
