// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// secretRequest uploads content that is large enough for parts and for the hash cache.
func (w *world) secretRequest() resumable.Request {
	req := w.request()
	req.Source, req.Content, req.Secret = "", randomBytes(1, scenarioSize), true
	return req
}

// Secret content is sent in one request, and leaves nothing on disk: no journal with
// checksums during the request, and no cached fingerprint after it.
func TestUpload_secret(t *testing.T) {
	w := newWorld(t, scenarioSize)
	hash := w.mustUpload(w.request()).Fingerprint.SHA256 // of the same bytes, not secret
	cached := func() (names []string) {
		err := filepath.WalkDir(w.dir, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				names = append(names, path)
			}
			return err
		})
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
		return names
	}
	if len(cached()) == 0 {
		t.Fatal("nothing is cached of content that is not secret")
	}
	w.forget()
	w.server.DeleteObject(bucket, key)
	w.server.ResetLog()
	w.server.AddRule(osstest.Rule{Op: osstest.PutObject, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		for _, name := range cached() {
			if text, err := os.ReadFile(name); err == nil && containsAll(errors.New(string(text)), hash) {
				t.Errorf("%s has the hash", name)
			}
		}
		return osstest.Fault{}
	})})
	result, err := w.upload(w.secretRequest())
	if err != nil || result.Stats.BytesSent != scenarioSize || w.server.Count(osstest.UploadPart) != 0 {
		t.Errorf("%+v, %v", result.Stats, err)
	}
	w.checkObject()
	if left := cached(); len(left) != 0 {
		t.Errorf("left on disk: %q", left)
	}
}

// known is what a state has of an object with secret content.
func (w *world) knownSecret() resumable.ObjectInfo {
	info := w.head()
	return resumable.ObjectInfo{LastModified: info.LastModified, VersionID: info.VersionID}
}

// An object that is known only by its time is changed and renamed by a copy, unless the
// time is another one. A rename never sends the content of the configuration.
func TestSecret_changedAndRenamed(t *testing.T) {
	w := newWorld(t, scenarioSize)
	if _, err := w.upload(w.secretRequest()); err != nil {
		t.Fatal(err)
	}
	known := w.knownSecret()
	stale := known
	stale.LastModified = stale.LastModified.Add(-time.Second)
	dst := w.full()
	u := w.uploader(w.oss())
	if _, err := u.Change(t.Context(), dst, w.request().Options, stale); !errors.Is(err, resumable.ErrPreconditionFailed) {
		t.Error(err)
	}
	if _, err := u.Change(t.Context(), dst, w.request().Options, known); err != nil {
		t.Error(err)
	}
	w.checkDestination(dst)

	known = w.knownSecret()
	stale.LastModified = known.LastModified.Add(-time.Second)
	req := w.request()
	req.Source, req.Object.Key, req.Secret = "", "elsewhere", true
	if _, err := u.Rename(t.Context(), req, w.request().Object, stale); !errors.Is(err, resumable.ErrPreconditionFailed) {
		t.Error(err)
	}
	w.server.AddRule(osstest.Rule{Op: osstest.CopyObject, Times: 1, Fault: osstest.Refuse(403, "AccessDenied")})
	if _, err := u.Rename(t.Context(), req, w.request().Object, known); !errors.Is(err, resumable.ErrAccessDenied) {
		t.Error(err)
	}
	req.ForbidOverwrite = true
	for range 2 { // the second one finds the copy
		result, err := u.Rename(t.Context(), req, w.request().Object, known)
		if err != nil || result.Size != scenarioSize {
			t.Errorf("%+v, %v", result, err)
		}
	}
	if got := w.server.Count(osstest.PutObject); got != 1 {
		t.Errorf("%d objects were sent", got)
	}
}
