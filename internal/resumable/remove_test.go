// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// owned returns the request of an instance that already has an object.
func (w *world) owned(id string) resumable.Request {
	req := w.request()
	req.Owner, req.Headers.Mark = id, id
	return req
}

// creating returns the request of a new instance.
func (w *world) creating(id string) resumable.Request {
	req := w.request()
	req.Headers.Mark = id
	return req
}

// claim returns the claim of a state after a refresh.
func (w *world) claim(owner string) resumable.Claim {
	w.t.Helper()
	info, err := w.oss().HeadObject(w.t.Context(), w.request().Object)
	if err != nil && !errors.Is(err, resumable.ErrNoSuchKey) {
		w.t.Fatal(err)
	}
	return resumable.Claim{Object: w.request().Object, Owner: owner, Known: info}
}

// remover removes the object like the provider, and counts.
func (w *world) remover(obj resumable.Object, removed *int) func(context.Context) error {
	return func(context.Context) error {
		*removed++
		w.server.DeleteObject(obj.Bucket, obj.Key)
		return nil
	}
}

const (
	own   = "own-id"
	other = "other-id"
)

// Whether an instance removes an object depends on the mark, on the known ID, on
// changes since the refresh, and on whether the object has moved.
func TestRemove(t *testing.T) {
	put := func(mark string) func(*world) {
		return func(w *world) {
			req := w.request()
			req.Headers.Mark = mark
			w.mustUpload(req)
		}
	}
	again := func(_ *world, claim *resumable.Claim) { // the same bytes, stored again
		claim.Known.LastModified = claim.Known.LastModified.Add(-time.Minute)
	}
	changed := func(w *world, claim *resumable.Claim) {
		again(w, claim)
		claim.Known.CRC64 = "1"
	}
	shared := func(change func(*world, *resumable.Claim)) func(*world, *resumable.Claim) {
		return func(w *world, claim *resumable.Claim) {
			claim.Shared = true
			if change != nil {
				change(w, claim)
			}
		}
	}
	secret := func(_ *world, claim *resumable.Claim) { // as in the state of an object with secret content
		claim.Known = resumable.ObjectInfo{LastModified: claim.Known.LastModified, VersionID: claim.Known.VersionID}
	}
	secretAgain := func(w *world, claim *resumable.Claim) {
		again(w, claim)
		secret(w, claim)
	}
	for name, row := range map[string]struct {
		mark    string
		owner   string
		moved   bool
		change  func(*world, *resumable.Claim)
		removed bool
	}{
		"own":                          {own, own, false, nil, true},
		"own, moved":                   {own, own, true, nil, true},
		"own, changed":                 {own, own, false, changed, false},
		"own, changed, moved":          {own, own, true, changed, true},
		"other's":                      {other, own, false, nil, false},
		"other's, moved":               {other, own, true, nil, false},
		"mark gone":                    {"", own, false, nil, true},
		"mark gone, moved":             {"", own, true, nil, false},
		"imported":                     {"", resumable.Unmarked, false, nil, true},
		"imported, moved":              {"", resumable.Unmarked, true, nil, true},
		"imported, changed":            {"", resumable.Unmarked, false, changed, false},
		"imported, changed, moved":     {"", resumable.Unmarked, true, changed, false},
		"imported, other's now":        {other, resumable.Unmarked, false, nil, false},
		"imported, other's now, moved": {other, resumable.Unmarked, true, nil, false},
		"imported with a mark":         {other, resumable.Unmarked, false, func(_ *world, c *resumable.Claim) { c.Imported = other }, true},
		"imported with a mark, moved":  {other, resumable.Unmarked, true, func(_ *world, c *resumable.Claim) { c.Imported = other }, false},
		"imported, marked since":       {other, resumable.Unmarked, false, func(_ *world, c *resumable.Claim) { c.Imported = "third-id" }, false},
		"own, stored again":            {own, own, false, again, true},
		"mark gone, stored again":      {"", own, false, again, true},
		"other's, stored again":        {other, own, false, again, false},
		"imported, stored again":       {"", resumable.Unmarked, false, again, true},
		"imported, again, moved":       {"", resumable.Unmarked, true, again, false},
		"tainted, stored again":        {own, "", false, again, false},
		"tainted":                      {own, "", false, nil, true},
		"tainted, changed":             {own, "", false, changed, false},
		"tainted, without a mark":      {"", "", false, nil, true},
		"shared":                       {own, own, false, shared(nil), true},
		"shared, changed":              {own, own, false, shared(changed), true},
		"shared, changed, moved":       {own, own, true, shared(changed), false},
		"shared, mark gone":            {"", own, false, shared(changed), true},
		"shared, mark gone, moved":     {"", own, true, shared(nil), true},
		"shared, gone, changed, moved": {"", own, true, shared(changed), false},
		"shared, imported, changed":    {"", resumable.Unmarked, false, shared(changed), true},
		"shared, other's":              {other, own, false, shared(nil), false},
		"shared, tainted, changed":     {other, "", false, shared(changed), false},
		"secret":                       {own, own, false, secret, true},
		"secret, moved":                {own, own, true, secret, true},
		"secret, stored again":         {own, own, false, secretAgain, false},
		"secret, mark gone":            {"", own, false, secret, false},
		"secret, mark gone, moved":     {"", own, true, secret, false},
		"secret, other's":              {other, own, false, secret, false},
		"secret, imported":             {"", resumable.Unmarked, false, secret, false},
		"secret, imported, moved":      {"", resumable.Unmarked, true, secret, false},
		"secret, tainted":              {own, "", false, secret, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1000)
			put(row.mark)(w)
			claim := w.claim(row.owner)
			claim.Renamed = row.moved
			if row.change != nil {
				row.change(w, &claim)
			}
			removed := 0
			left, err := w.uploader(w.oss()).Remove(t.Context(), claim, w.dir, w.remover(claim.Object, &removed))
			if err != nil || left.Unfinished != nil || (removed == 1) != row.removed || (left.Kept == nil) != row.removed {
				t.Errorf("removed %d times, %+v, %v", removed, left, err)
			}
			w.checkDisk()
		})
	}
}

func TestRemove_gone(t *testing.T) {
	w := newWorld(t, 1000)
	removed := 0
	left, err := w.uploader(w.oss()).Remove(t.Context(), w.claim(own), w.dir, w.remover(w.request().Object, &removed))
	if err != nil || left.Kept != nil || removed != 0 {
		t.Errorf("removed %d times, %+v, %v", removed, left, err)
	}
}

func TestRemove_refused(t *testing.T) {
	w := newWorld(t, 1000)
	w.mustUpload(w.owned(own))
	refused := errors.New("refused")
	_, err := w.uploader(w.oss()).Remove(t.Context(), w.claim(own), w.dir, func(context.Context) error { return refused })
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}

// An interrupted update is aborted by the instance that began it, and by no
// other. A Create may be about to resume it.
func TestRemove_interrupted(t *testing.T) {
	for name, row := range map[string]struct {
		begun   func(*world) resumable.Request
		claimed string
		ended   bool
	}{
		"own update":              {func(w *world) resumable.Request { return w.owned(own) }, own, true},
		"update of an import":     {func(w *world) resumable.Request { r := w.owned(own); r.Owner = resumable.Unmarked; return r }, resumable.Unmarked, true},
		"another's update":        {func(w *world) resumable.Request { return w.owned(other) }, own, false},
		"a Create":                {func(w *world) resumable.Request { return w.creating(own) }, own, false},
		"a Create, owner unknown": {func(w *world) resumable.Request { return w.creating(own) }, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, scenarioSize)
			w.server.PutObject(bucket, key, []byte("old"), nil)
			w.interrupted(row.begun(w), 2)
			left, err := w.uploader(w.oss()).Remove(t.Context(), w.claim(row.claimed), w.dir, nil)
			if err != nil || left.Unfinished != nil {
				t.Fatal(left, err)
			}
			if open := w.server.OpenUploads(bucket); (len(open) == 0) != row.ended {
				t.Errorf("open: %+v", open)
			}
		})
	}
}

// A kill after the object is removed leaves no upload: all are aborted before.
func TestRemove_abortsFirst(t *testing.T) {
	w := newWorld(t, scenarioSize)
	w.server.PutObject(bucket, key, []byte("old"), nil)
	w.interrupted(w.owned(own), 2)
	elsewhere := w.owned(own)
	elsewhere.Key = "new place"
	w.interrupted(elsewhere, 2)
	claim := w.claim(own)
	open := -1
	_, err := w.uploader(w.oss()).Remove(t.Context(), claim, w.dir, func(context.Context) error {
		open = len(w.server.OpenUploads(bucket))
		return nil
	})
	if err != nil || open != 0 {
		t.Errorf("%v, %d uploads were open when the object was removed", err, open)
	}
}

// The remains of a rename of the same instance to another key are aborted. Those
// of other instances stay.
func TestRemove_interruptedElsewhere(t *testing.T) {
	for name, row := range map[string]struct {
		begun func(*world) resumable.Request
		ended bool
	}{
		"own":       {func(w *world) resumable.Request { return w.owned(own) }, true},
		"another's": {func(w *world) resumable.Request { return w.owned(other) }, false},
		"a Create":  {func(w *world) resumable.Request { return w.creating(own) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, scenarioSize)
			w.interrupted(row.begun(w), 2)
			claim := resumable.Claim{Object: resumable.Object{Bucket: bucket, Key: "old place"}, Owner: own}
			if left, err := w.uploader(w.oss()).Remove(t.Context(), claim, w.dir, nil); err != nil || left.Unfinished != nil {
				t.Fatal(left, err)
			}
			if open := w.server.OpenUploads(bucket); (len(open) == 0) != row.ended {
				t.Errorf("open: %+v", open)
			}
			if row.ended {
				w.checkDisk()
			}
		})
	}
}

// An unusable directory has no upload to wait for.
func TestRemove_withoutDirectory(t *testing.T) {
	w := newWorld(t, 1000)
	w.mustUpload(w.owned(own))
	w.dir = w.source // a file
	removed := 0
	left, err := w.uploader(w.oss()).Remove(t.Context(), w.claim(own), w.dir, w.remover(w.request().Object, &removed))
	if err != nil || left.Kept != nil || removed != 1 {
		t.Errorf("removed %d times, %+v, %v", removed, left, err)
	}
}

// Remove waits for an upload of another process up to LockWait.
func TestRemove_locked(t *testing.T) {
	w := newWorld(t, scenarioSize)
	w.mustUpload(w.owned(own))
	claim := w.claim(own)
	w.write(randomBytes(2, scenarioSize))
	removed := 0
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		elsewhere := resumable.New(uploaderConfig(w.oss(), w.logged, time.Millisecond))
		_, err := elsewhere.Remove(context.Background(), claim, w.dir, w.remover(claim.Object, &removed))
		if !errors.Is(err, resumable.ErrCheckpointLocked) {
			t.Error(err)
		}
		return osstest.Fault{}
	})})
	w.mustUpload(w.owned(own))
	if removed != 0 {
		t.Error("removed under an upload")
	}
}

// Remove waits for an upload of the same process to end, however short LockWait
// is and whatever directory it uses, and does not remove its object.
func TestRemove_waitsForThisProcess(t *testing.T) {
	w := newWorld(t, scenarioSize)
	w.mustUpload(w.owned(own))
	claim := w.claim(own)
	w.write(randomBytes(2, scenarioSize))
	u := resumable.New(uploaderConfig(w.oss(), w.logged, time.Millisecond))
	removed := 0
	done := make(chan error, 1)
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		go func() {
			left, err := u.Remove(context.Background(), claim, t.TempDir(), w.remover(claim.Object, &removed))
			if left.Kept == nil {
				t.Error("nothing was kept")
			}
			done <- err
		}()
		select {
		case err := <-done:
			t.Errorf("Remove did not wait: %v", err)
		case <-time.After(50 * time.Millisecond): // longer than LockWait
		}
		return osstest.Fault{}
	})})
	req := w.creating(other)
	if _, err := u.Upload(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil || removed != 0 {
		t.Errorf("removed %d times, %v", removed, err)
	}
}
