// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"encoding/binary"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Once a plan has read the file, the next plan of the unchanged file does not. inotify
// reports the reads.
func TestPlan_doesNotReadAnUnchangedFile(t *testing.T) {
	w := newWorld(t)
	// The cache does not trust a file that changed within two seconds.
	time.Sleep(2100 * time.Millisecond)
	if reads := w.readsDuring(func() { w.plan() }); reads == 0 {
		t.Fatal("the first plan read nothing")
	}
	if reads := w.readsDuring(func() { w.plan() }); reads != 0 {
		t.Errorf("the second plan read the file %d times", reads)
	}
	if reads := w.readsDuring(func() { w.mustApply() }); reads == 0 {
		t.Error("the apply read nothing")
	}
	if reads := w.readsDuring(w.checkNoChanges); reads != 0 {
		t.Errorf("the plan after the apply read the file %d times", reads)
	}
	if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
		t.Fatal(err)
	}
	if reads := w.readsDuring(w.checkNoChanges); reads == 0 {
		t.Error("the file was written again, but not read")
	}
	w.checkDone()
}

// readsDuring counts the reads of the file or, if the source is a directory, of
// the files in it. inotify merges equal events, so the result only tells zero
// from more than zero.
func (w *world) readsDuring(do func()) (reads int) {
	w.t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = unix.Close(fd) }()
	if _, err := unix.InotifyAddWatch(fd, w.source, unix.IN_ACCESS); err != nil {
		w.t.Fatal(err)
	}
	do()
	buffer := make([]byte, 64<<10)
	n, err := unix.Read(fd, buffer)
	if err == unix.EAGAIN {
		return 0
	}
	if err != nil {
		w.t.Fatal(err)
	}
	for event := buffer[:n]; len(event) >= unix.SizeofInotifyEvent; {
		mask, name := binary.NativeEndian.Uint32(event[4:]), binary.NativeEndian.Uint32(event[12:])
		if mask&unix.IN_ISDIR == 0 { // a program that lists the directory reads no file
			reads++
		}
		event = event[unix.SizeofInotifyEvent+name:]
	}
	return reads
}
