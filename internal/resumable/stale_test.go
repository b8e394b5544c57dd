// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestUpload_mentionsStaleCheckpoints(t *testing.T) {
	w := newWorld(t, 4*partSize)
	abandoned := w.request()
	abandoned.Key = "abandoned"
	journal := w.interrupted(abandoned, 2).Checkpoint
	recent := w.request()
	recent.Key = "recent"
	w.interrupted(recent, 2)
	longAgo := time.Now().Add(-8 * 24 * time.Hour)
	if err := os.Chtimes(journal, longAgo, longAgo); err != nil {
		t.Fatal(err)
	}

	u := w.uploader(w.oss())
	for i, want := range []int{1, 0} { // said once
		result, err := u.Upload(t.Context(), w.request())
		if err != nil || len(result.Warnings) != want {
			t.Fatalf("upload %d: warnings %q, %v", i, result.Warnings, err)
		}
		if want > 0 && !strings.Contains(result.Warnings[0], w.dir+" contains checkpoints of unfinished uploads that have been idle for more than 7 days: 1.") {
			t.Errorf("got %q", result.Warnings[0])
		}
	}
	if _, err := os.Stat(journal); err != nil {
		t.Errorf("the stale checkpoint: %v", err)
	}
	if open := w.server.OpenUploads(bucket); len(open) != 2 {
		t.Errorf("open: %+v", open)
	}
	t.Log("FAULT F90: one checkpoint of another object, 8 days old, and a recent one")
}
