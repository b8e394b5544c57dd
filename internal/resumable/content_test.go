// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// ofContent returns a request for content instead of the file, which has the
// same bytes so that the world can check the object.
func (w *world) ofContent(content []byte) resumable.Request {
	w.write(content)
	req := w.request()
	req.Source, req.Content = "", content
	return req
}

func TestUpload_Content(t *testing.T) {
	for _, size := range []int{0, 1, partSize - 1, partSize, partSize + 1, 3*partSize + 1} {
		for _, threshold := range []int64{1, partSize, resumable.DefaultMultipartThreshold} {
			t.Run(fmt.Sprintf("%d bytes, threshold %d", size, threshold), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, 0)
				req := w.ofContent(randomBytes(4, size))
				req.MultipartThreshold = threshold
				result := w.mustUpload(req)
				if result.Stats.BytesSent != int64(size) || (result.Stats.Parts > 0) != (int64(size) >= threshold) {
					t.Errorf("stats %+v", result.Stats)
				}
				fingerprint, err := resumable.FingerprintContent(t.Context(), req.Content)
				if err != nil || fingerprint.SHA256 != result.Fingerprint.SHA256 || fingerprint.CRC64 != result.Fingerprint.CRC64 {
					t.Errorf("%+v, %v, uploaded was %+v", fingerprint, err, result.Fingerprint)
				}
				if again := w.mustUpload(req); !again.Stats.Adopted {
					t.Errorf("a second run: %+v", again.Stats)
				}
			})
		}
	}
}

// Content resumes like a file, even if a part of it has changed, or if it was a
// file before.
func TestUpload_ContentResumes(t *testing.T) {
	const size = 5*partSize - 17
	edited := randomBytes(1, size)
	edited[partSize+5] ^= 1
	for name, tt := range map[string]struct {
		next func(w *world) resumable.Request
		kept int
	}{
		"same":        {func(w *world) resumable.Request { return w.ofContent(randomBytes(1, size)) }, 3},
		"edited":      {func(w *world) resumable.Request { return w.ofContent(edited) }, 2},
		"now a file":  {func(w *world) resumable.Request { return w.request() }, 3},
		"other bytes": {func(w *world) resumable.Request { return w.ofContent(randomBytes(2, size)) }, 0},
		"other size":  {func(w *world) resumable.Request { return w.ofContent(randomBytes(1, size-partSize)) }, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 0)
			w.interrupted(w.ofContent(randomBytes(1, size)), 3)
			req := tt.next(w)
			w.server.ResetLog()
			if got := w.mustUpload(req).Stats; got.PartsKept != tt.kept {
				t.Errorf("stats %+v", got)
			}
		})
	}
}

func TestUpload_contentDiffersFromPlan(t *testing.T) {
	w := newWorld(t, 0)
	req := w.ofContent([]byte("text"))
	req.SHA256 = strings.Repeat("ab", 32)
	_, err := w.upload(req)
	if !errors.Is(err, resumable.ErrSourceNotPlanned) || !containsAll(err, "content has SHA-256", req.SHA256) || len(w.server.Requests()) != 0 {
		t.Errorf("got %v", err)
	}
}

// containsAll reports whether the text of err contains all texts.
func containsAll(err error, texts ...string) bool {
	for _, text := range texts {
		if err == nil || !strings.Contains(err.Error(), text) {
			return false
		}
	}
	return true
}
