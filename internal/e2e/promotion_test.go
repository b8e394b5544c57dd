// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const staging = "staging"

// promotion makes the resource a copy of an object in another bucket.
func (w *world) promotion() {
	w.t.Helper()
	source := fmt.Sprintf("source              = %q", w.source)
	copied := fmt.Sprintf("source_object = { bucket = %q, key = %q }", staging, key)
	if err := w.Configure(strings.Replace(w.config(""), source, copied, 1)); err != nil {
		w.t.Fatal(err)
	}
}

// A copy in parts is killed when OSS has the first of two. The next apply copies the
// second one. The provider neither reads nor sends the object.
func TestPromotion_killed(t *testing.T) {
	t.Parallel()
	const copiedParts = 2 // of at most 256 MiB
	w := newWorldWith(t, osstest.Config{CopyLimit: 1 << 20})
	w.server.CreateBucket(staging)
	part := make([]byte, 7<<20)
	_, _ = rand.NewChaCha8([32]byte{9}).Read(part)
	staged := w.server.PutLargeObject(staging, key, part, 40, nil)
	w.promotion()

	running := make(chan struct{})
	killed := sync.OnceFunc(func() { close(running) })
	t.Cleanup(killed) // the server waits for its requests when it is closed
	resume := w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, PartNumber: copiedParts, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		<-running
		return osstest.Refuse(503, "ServiceUnavailable")
	})})
	p := w.startTerraform()
	err := w.server.WaitFor(w.ctx(), func(requests []osstest.Request) bool {
		done, waiting := 0, 0
		for _, r := range requests {
			if r.Op == osstest.UploadPartCopy && r.Status == 200 {
				done++
			}
			if r.Op == osstest.UploadPartCopy && r.PartNumber == copiedParts {
				waiting++
			}
		}
		return done == copiedParts-1 && waiting > 0
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, p.Text())
	}
	p.Kill()
	resume()
	killed()
	if err := w.server.WaitFor(w.ctx(), osstest.AllEnded); err != nil {
		t.Fatal(err)
	}
	w.check(w.run("plan", "-input=false", "-no-color").Text, "1 to add")
	w.mustApply()
	if got := countOp(w.server.Requests(), osstest.UploadPartCopy); got != copiedParts+1 {
		t.Errorf("%d parts were copied", got)
	}
	w.checkPromoted(staged.CRC64)
	w.checkDirEmpty()
}

// The source is replaced between the plan and its apply: Terraform stops before
// anything is changed.
func TestPromotion_replacedAfterThePlan(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, osstest.Config{})
	w.server.CreateBucket(staging)
	w.server.PutObject(staging, key, []byte("planned"), nil)
	w.promotion()
	w.check(w.run("plan", "-input=false", "-no-color", "-out=saved.tfplan").Text, "1 to add")
	later := w.server.PutObject(staging, key, []byte("later"), nil)
	out := w.run("apply", "-input=false", "-no-color", "saved.tfplan")
	w.check(out.Text, "Provider produced inconsistent final plan", ".crc64")
	if out.ExitCode == 0 || w.writes() != 0 {
		t.Errorf("exit status %d, %d writes\n%s", out.ExitCode, w.writes(), out.Text)
	}
	w.mustApply()
	w.checkPromoted(later.CRC64)
}

// checkPromoted checks that the object has the bytes of the source, and that none of
// them went through this machine.
func (w *world) checkPromoted(crc64 uint64) {
	w.t.Helper()
	if object, found := w.server.Object(bucket, key); !found || object.CRC64 != crc64 {
		w.t.Errorf("the object has CRC-64 %d, want %d", object.CRC64, crc64)
	}
	for _, r := range w.server.Requests() {
		if r.Op == osstest.PutObject || r.Op == osstest.UploadPart || r.Op == osstest.GetObject {
			w.t.Errorf("sent %s", r)
		}
	}
	if open := w.server.OpenUploads(bucket); len(open) != 0 {
		w.t.Errorf("uploads left open: %+v", open)
	}
}
