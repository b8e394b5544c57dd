// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// A named upload is aborted, unless a process is sending to its object. The
// interrupted upload starts again.
func TestAbort(t *testing.T) {
	w := newWorld(t, 5*partSize)
	w.interrupted(w.request(), 3)
	obj, u := w.request().Object, w.uploader(w.oss())
	id := w.server.OpenUploads(bucket)[0].UploadID

	held, err := checkpoint.Open(t.Context(), w.dir, checkpoint.Key{Endpoint: "oss.example.com", Bucket: bucket, Object: key}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Abort(t.Context(), obj, id, w.dir); !errors.Is(err, resumable.ErrCheckpointLocked) {
		t.Errorf("of a running upload: %v", err)
	}
	if n := len(w.server.OpenUploads(bucket)); n != 1 {
		t.Fatalf("%d uploads are open", n)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}

	for range 2 { // the second time, the upload does not exist
		if err := u.Abort(t.Context(), obj, id, w.dir); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.server.OpenUploads(bucket)); n != 0 {
		t.Errorf("%d uploads are open", n)
	}
	w.server.ResetLog()
	if stats := w.mustUpload(w.request()).Stats; stats.PartsKept != 0 {
		t.Errorf("%+v", stats)
	}
}

// Abort needs no checkpoint directory, and creates none.
func TestAbort_withoutCheckpoints(t *testing.T) {
	w := newWorld(t, 1)
	up, err := w.oss().InitiateMultipartUpload(t.Context(), w.request().Destination)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.uploader(w.oss()).Abort(t.Context(), up.Object, up.UploadID, w.dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(w.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: %v", w.dir, err)
	}
	if n := len(w.server.OpenUploads(bucket)); n != 0 {
		t.Errorf("%d uploads are open", n)
	}
}
