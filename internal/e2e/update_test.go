// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// A file of 64 MiB is edited in place, appended to and truncated. Each apply sends what has
// changed, and OSS copies the rest.
func TestUpdate_sendsOnlyWhatChanged(t *testing.T) {
	const mib, size, partSize = 1 << 20, 64 << 20, 2 << 20
	t.Parallel()
	w := newWorldWith(t, osstest.Config{})
	defer w.serve()()
	w.reconfigure(fmt.Sprintf("part_size           = %d", 128*kib), fmt.Sprintf("part_size           = %d", partSize))
	w.content = make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(w.content)
	w.resize(size)
	w.mustApply()
	w.checkDone()

	for _, step := range []struct {
		name string
		edit func()
	}{
		{"edited in place", func() { w.content[25*mib+5] ^= 1 }},
		{"appended to", func() { w.content = append(w.content, make([]byte, mib)...) }},
		{"truncated", func() { w.content = w.content[:50*mib-1] }},
		{"inserted", func() { w.content = slices.Insert(w.content, 3*mib, []byte("inserted")...) }},
	} {
		step.edit()
		w.resize(len(w.content))
		w.server.ResetLog()
		w.mustApply()
		w.checkDone()
		sent, copied := w.bytesSent(), w.server.Count(osstest.UploadPartCopy)
		if sent > partSize || copied == 0 {
			t.Errorf("%s: %d bytes were sent, want %d at most; %d parts were copied", step.name, sent, partSize, copied)
		}
		t.Logf("%s: %d bytes were sent, %d parts copied", step.name, sent, copied)
	}
}

// An update is killed after it has sent and copied parts. The next apply neither sends nor
// copies them again.
func TestUpdate_killed(t *testing.T) {
	w := newWorld(t)
	w.mustApply()
	before := w.object()
	copy(w.content[1<<20:], make([]byte, 1<<20)) // 8 parts
	w.content[5<<20] ^= 1
	w.resize(len(w.content))
	w.server.ResetLog()
	p, release := w.startAndHold(6)
	if err := w.server.WaitFor(w.ctx(), func(requests []osstest.Request) bool {
		return slices.ContainsFunc(requests, func(r osstest.Request) bool { return r.Op == osstest.UploadPartCopy && r.Status == 200 })
	}); err != nil {
		t.Fatal(err)
	}
	p.Kill()
	release()
	w.settle()
	if got := w.object(); string(got) != string(before) {
		t.Error("the object has changed")
	}
	copied := w.server.Count(osstest.UploadPartCopy)
	w.mustApply()
	w.checkDone()
	made, numbers := 0, map[int]bool{}
	for _, r := range w.server.Requests() {
		if r.Status == http.StatusOK && (r.Op == osstest.UploadPart || r.Op == osstest.UploadPartCopy) {
			made++
			numbers[r.PartNumber] = true
		}
	}
	if sent := w.bytesSent(); copied == 0 || made > len(numbers)+parallel || sent > 3<<20 {
		t.Errorf("%d bytes were sent; %d parts were copied before the kill; %d were made in all, want %d", sent, copied, made, len(numbers))
	}
}

// bytesSent returns the number of bytes of the file that were sent.
func (w *world) bytesSent() (sent int64) {
	for _, r := range w.server.Requests() {
		if r.Op == osstest.UploadPart || r.Op == osstest.PutObject {
			sent += r.BodyBytes
		}
	}
	return sent
}

// An apply that renames the object is killed after the copy, or after the removal of the
// old object, before Terraform writes the state. Nothing is lost, and nothing is sent.
func TestRename_killed(t *testing.T) {
	const otherKey = "images/other disk.img"
	for _, op := range []osstest.Op{osstest.CopyObject, osstest.DeleteObject} {
		for _, done := range []bool{false, true} { // the request that is killed
			t.Run(fmt.Sprintf("%s done %v", op, done), func(t *testing.T) {
				w := newWorld(t)
				w.mustApply()
				w.reconfigure(fmt.Sprintf("%q", key), fmt.Sprintf("%q", otherKey))
				w.server.ResetLog()

				reached, gate := make(chan struct{}), make(chan struct{})
				fault := osstest.Refuse(503, "ServiceUnavailable")
				if done {
					fault = osstest.LoseAnswer()
				}
				remove := w.server.AddRule(osstest.Rule{Op: op, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
					close(reached)
					<-gate
					return fault
				})})
				p, err := w.Start(nil, "apply", "-auto-approve", "-input=false", "-no-color")
				if err != nil {
					t.Fatal(err)
				}
				select {
				case <-reached:
				case <-p.Done():
					t.Fatalf("it ended: %s", p.Text())
				}
				p.Kill()
				close(gate)
				if err := w.server.WaitFor(w.ctx(), osstest.AllEnded); err != nil {
					t.Fatal(err)
				}
				remove()
				if w.object() == nil && w.objectAt(otherKey) == nil {
					t.Fatal("the object is lost")
				}

				w.mustApply()
				if w.object() != nil || string(w.objectAt(otherKey)) != string(w.content) {
					t.Errorf("the old object is there: %v; the new one has %d bytes", w.object() != nil, len(w.objectAt(otherKey)))
				}
				if n := w.server.Count(osstest.UploadPart) + w.server.Count(osstest.PutObject); n != 0 {
					t.Errorf("%d requests sent bytes", n)
				}
				// No later apply uses the old key, so the lock file of the killed process
				// remains. A journal would mean that an upload remains.
				if left, _ := filepath.Glob(filepath.Join(w.dir, "*.journal")); len(left) != 0 || len(w.server.OpenUploads(bucket)) != 0 {
					t.Errorf("left: %v, %v", left, w.server.OpenUploads(bucket))
				}
			})
		}
	}
}
