// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// another returns a second workspace with the same configuration and its own state, like
// that of a colleague or of another job.
func (w *world) another() *terraform.Workspace {
	w.t.Helper()
	other, err := w.Sibling(w.t.TempDir(), w.config(""))
	if err != nil {
		w.t.Fatal(err)
	}
	return other
}

// Twenty resources upload one file to twenty keys. All objects are correct, and the number
// of parts that are sent at once stays within the limit of the provider.
func TestMany_resourcesOfOneFile(t *testing.T) {
	const resources, limit = 20, 6
	w := newWorld(t)
	t.Log("FAULT F78: 20 resources upload one file at once")
	w.content = w.content[:5*partSize+1]
	if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
		t.Fatal(err)
	}
	config := strings.NewReplacer(
		fmt.Sprintf("%q", key), `"images/${each.key}.img"`,
		`provider "ossresumable" {}`, fmt.Sprintf("provider \"ossresumable\" {\n  max_parallel_parts = %d\n}", limit),
	).Replace(w.config(fmt.Sprintf("for_each = toset([for i in range(%d) : tostring(i)])", resources)))
	if err := w.Configure(config); err != nil {
		t.Fatal(err)
	}
	var inFlight, most atomic.Int64
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		defer inFlight.Add(-1) // before the answer, so never more than there are
		for n := inFlight.Add(1); ; {
			if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		time.Sleep(10 * time.Millisecond)
		return osstest.Fault{}
	})})

	w.mustApply()
	for i := range resources {
		object, found := w.server.Object(bucket, fmt.Sprintf("images/%d.img", i))
		if !found {
			t.Errorf("object %d is missing", i)
			continue
		}
		r, err := object.Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, w.content) {
			t.Errorf("object %d: %d bytes that are not the file's: %v", i, len(got), err)
		}
		_ = r.Close()
	}
	if got := w.server.Count(osstest.UploadPart); got != 6*resources {
		t.Errorf("%d parts sent", got)
	}
	if got := most.Load(); got > limit || got < 2 {
		t.Errorf("%d parts at once", got)
	}
	if open := w.server.OpenUploads(bucket); len(open) != 0 {
		t.Errorf("uploads left open: %+v", open)
	}
	w.checkDirEmpty()
}

// Two Terraform processes with two states upload the same file to one key. The second waits
// for the first, finds the object, and sends nothing.
func TestMany_processesOnOneKey(t *testing.T) {
	w := newWorld(t)
	defer func() {
		t.Logf("FAULT F80: two Terraform processes upload to one key; %d parts sent again", w.sentAgain())
	}()
	other := w.another()
	first, release := w.startAndHold(20)
	second, err := other.Start(nil, "apply", "-auto-approve", "-input=false", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	for waited := 0; waited < 10; { // half a second after it has begun
		if strings.Contains(second.Text(), "Creating...") {
			waited++
		}
		select {
		case <-second.Done():
			t.Fatalf("the second did not wait:\n%s", second.Text())
		case <-time.After(50 * time.Millisecond):
		}
	}
	release()
	firstOut := first.Wait() // no plan yet: the second one still marks the object
	if secondOut := second.Wait(); firstOut.ExitCode != 0 || secondOut.ExitCode != 0 {
		t.Fatalf("%s\n%s", firstOut.Text, secondOut.Text)
	}
	w.checkNoChanges()
	if sent, begun := w.server.Count(osstest.UploadPart), w.server.Count(osstest.InitiateMultipartUpload); sent != parts || begun != 1 {
		t.Errorf("%d parts sent in %d uploads", sent, begun)
	}
	w.checkDone()
	w.Workspace = other
	w.checkDone()
	w.checkNoChanges()
}

// One apply has two resources with one key, in two provider processes that do not know of
// each other. This is a mistake of the user, but the object is correct.
func TestMany_resourcesOnOneKey(t *testing.T) {
	w := newWorld(t)
	defer func() {
		t.Logf("FAULT F80: two resources of one apply upload to one key; %d parts sent again", w.sentAgain())
	}()
	settings, resource, _ := strings.Cut(w.config(""), "resource ")
	other := strings.Replace(resource, `"disk" {`, "\"other\" {\n  provider = ossresumable.other", 1)
	if err := w.Configure(settings + "provider \"ossresumable\" {\n  alias = \"other\"\n}\nresource " + resource + "resource " + other); err != nil {
		t.Fatal(err)
	}
	w.mustApply()
	if got := w.server.Count(osstest.UploadPart); got != parts {
		t.Errorf("%d parts sent", got)
	}
	w.checkDone()
}
