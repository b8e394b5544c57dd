// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// A watch shows the current speed of an upload, and that it has finished.
func TestTracker(t *testing.T) {
	dir := t.TempDir()
	watch := newTracker(dir)
	at := now
	see := func(want string) {
		t.Helper()
		uploads, err := watch.look(at)
		if err != nil || len(uploads) != 1 {
			t.Fatalf("%v %v", uploads, err)
		}
		if got := uploads[0].line(maxColumns); !strings.Contains(string(got), want) {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
	j := write(t, dir, begin("k"), 5, 0)
	see("5 of 11 parts, 512.0 KiB/s, 11s left), uploading")

	// It slows down: one part in half a minute.
	at = at.Add(rateWindow)
	if err := j.PartStored(checkpoint.Part{Number: 6, Size: mib}); err != nil {
		t.Fatal(err)
	}
	see("6 of 11 parts, 34.1 KiB/s, 2m15s left), uploading")

	// Another run found fewer parts. It has its own rate.
	b := begin("k")
	b.Time, b.PartsKept = at, 2
	if err := j.Replace(checkpoint.State{Begin: &b, UploadID: "ID", Parts: map[int]checkpoint.Part{
		1: {Number: 1, Size: mib}, 2: {Number: 2, Size: mib}, 3: {Number: 3, Size: mib},
	}}); err != nil {
		t.Fatal(err)
	}
	at = at.Add(time.Second)
	see("3 of 11 parts, 2.0 MiB kept, 1.0 MiB/s, 8s left), uploading")

	if err := j.Finish(); err != nil {
		t.Fatal(err)
	}
	see("oss://b/k: 100.0 % (10.5 of 10.5 MiB, 11 of 11 parts, 2.0 MiB kept), finished")
	see("finished") // until the watch ends

	write2 := begin("k")
	if err := j.Replace(checkpoint.State{Begin: &write2}); err != nil {
		t.Fatal(err)
	}
	see("0 of 11 parts), starting")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	see("interrupted before it had an upload ID")
}
