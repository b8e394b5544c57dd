// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// An apply is killed after 30 parts. Something changes before the next apply.
func TestBetweenRuns(t *testing.T) {
	for _, c := range []struct {
		name, fault string
		change      func(w *world)
		atMost      int // parts sent by the second apply
	}{
		{
			"another part size", "FAULT F26: part_size changed between runs",
			func(w *world) {
				w.reconfigure(fmt.Sprintf("part_size           = %d", partSize), fmt.Sprintf("part_size           = %d", 2*partSize))
			},
			parts - 30,
		},
		{
			"a longer file", "FAULT F39: file appended to between runs",
			func(w *world) { w.resize(len(w.content) + 1000) },
			parts + 1,
		},
		{
			"a shorter file", "FAULT F39: file truncated between runs",
			func(w *world) { w.resize(len(w.content) - partSize) },
			parts - 1,
		},
		{
			"upload gone", "FAULT F61: upload aborted by a lifecycle rule between runs",
			func(w *world) { w.server.AbortUpload(w.server.OpenUploads(bucket)[0].UploadID) },
			parts,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.killAfter(30)
			c.change(w)
			before := w.server.Count(osstest.UploadPart)
			w.mustApply()
			if sent := w.server.Count(osstest.UploadPart) - before; sent > c.atMost {
				t.Errorf("%d parts sent", sent)
			}
			w.checkDone()
			t.Logf("%s; %d parts sent again", c.fault, w.sentAgain())
		})
	}
}

// OSS does not allow the abort of an upload that is no longer needed. The apply succeeds
// and names the upload. The next upload aborts it.
func TestBetweenRuns_abortRefused(t *testing.T) {
	w := newWorld(t)
	t.Log("FAULT F73: not allowed to abort the upload that is given up")
	w.killAfter(10)
	abandoned := w.server.OpenUploads(bucket)[0].UploadID
	if err := w.Configure(w.config(`server_side_encryption = "AES256"`)); err != nil { // a copy cannot set it later
		t.Fatal(err)
	}
	allow := w.server.AddRule(osstest.Rule{Op: osstest.AbortMultipartUpload, Fault: osstest.Refuse(403, "AccessDenied")})
	out := w.mustApply()
	w.check(out.Text, "Upload succeeded with a warning", abandoned)
	if open := w.server.OpenUploads(bucket); len(open) != 1 || open[0].UploadID != abandoned {
		t.Errorf("open uploads: %+v", open)
	}
	w.checkNoChanges()

	allow()
	w.resize(len(w.content) - 500)
	w.server.ResetLog()
	w.mustApply()
	w.checkDone()
}

// reconfigure replaces a part of the configuration.
func (w *world) reconfigure(old, changed string) {
	w.t.Helper()
	config := w.config("")
	if strings.Count(config, old) != 1 {
		w.t.Fatalf("%q is not in the configuration once", old)
	}
	if err := w.Configure(strings.Replace(config, old, changed, 1)); err != nil {
		w.t.Fatal(err)
	}
}

// resize writes w.content, which has another size, to the same file.
func (w *world) resize(size int) {
	w.t.Helper()
	if size > len(w.content) {
		w.content = append(w.content, bytes.Repeat([]byte{'+'}, size-len(w.content))...)
	}
	w.content = w.content[:size]
	if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// Another program changes the object. The next plan shows it, and the next apply
// restores the bytes of the file.
func TestDrift(t *testing.T) {
	for _, c := range []struct {
		name, fault string
		change      func(w *world)
		plan        string
	}{
		{
			"overwritten", "FAULT F71: object overwritten out of band",
			func(w *world) { w.server.PutObject(bucket, key, []byte("other bytes"), nil) },
			"0 to add, 1 to change, 0 to destroy",
		},
		{
			"deleted", "FAULT F71: object deleted out of band",
			func(w *world) { w.server.DeleteObject(bucket, key) },
			"1 to add, 0 to change, 0 to destroy",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			defer w.serve()()
			t.Log(c.fault)
			w.mustApply()
			w.server.ResetLog()
			c.change(w)
			w.check(w.plan(), c.plan)
			w.mustApply()
			w.checkDone()
		})
	}
}
