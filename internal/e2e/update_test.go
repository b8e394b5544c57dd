// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// A file of 256 MiB is edited in place, appended to and truncated. Each apply
// sends what has changed, and OSS copies the rest.
func TestUpdate_sendsOnlyWhatChanged(t *testing.T) {
	const mib, size, partSize = 1 << 20, 256 << 20, 8 << 20
	t.Parallel()
	w := newWorldWith(t, osstest.Config{})
	w.reconfigure(fmt.Sprintf("part_size           = %d", 256*kib), "")
	w.content = make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(w.content)
	w.resize(size)
	w.mustApply()
	w.checkDone()

	for _, step := range []struct {
		name   string
		edit   func()
		parts  int // that are sent, at most
		copied int
	}{
		{"edited in place", func() { w.content[100*mib+5] ^= 1 }, 1, 31},
		{"appended to", func() { w.content = append(w.content, make([]byte, 3*mib)...) }, 1, 32},
		{"truncated", func() { w.content = w.content[:200*mib-1] }, 1, 24},
	} {
		step.edit()
		w.resize(len(w.content))
		w.server.ResetLog()
		w.mustApply()
		w.checkDone()
		parts, copied := w.server.Count(osstest.UploadPart), w.server.Count(osstest.UploadPartCopy)
		if parts > step.parts || copied != step.copied {
			t.Errorf("%s: %d parts were sent, want %d at most; %d copied, want %d", step.name, parts, step.parts, copied, step.copied)
		}
		t.Logf("%s: %d parts of %d bytes were sent, %d copied", step.name, parts, int64(partSize), copied)
	}
}

// An update is killed with parts of both kinds there. What was copied is not
// copied again, nor sent.
func TestUpdate_killed(t *testing.T) {
	w := newWorld(t)
	w.mustApply()
	before := w.object()
	for i := range 4 { // every other MiB of the first eight, in parts of 256 KiB
		w.content[i*2<<20] ^= 1
	}
	w.resize(len(w.content))
	w.server.ResetLog()
	p, release := w.startAndHold(6)
	p.SignalGroup(syscall.SIGKILL)
	p.Wait()
	release()
	w.settle()
	if got := w.object(); string(got) != string(before) {
		t.Error("the object is not the old one any more")
	}
	copied := w.server.Count(osstest.UploadPartCopy)
	w.mustApply()
	w.checkDone()
	sent, all := len(w.acked()), w.server.Count(osstest.UploadPartCopy)
	if sent != 16 || copied == 0 || all > parts-16+parallel {
		t.Errorf("%d parts were sent, want 16; %d were copied before the kill, %d in all, want %d", sent, copied, all, parts-16)
	}
}
