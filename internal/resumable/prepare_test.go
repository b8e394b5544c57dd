// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const prepared = "id-that-an-action-made"

// prepare sends the parts of the request, as the action does, which knows no owner.
// It checks that nothing is published, and empties the log of the server.
func (w *world) prepare(req resumable.Request) (result resumable.Result, last resumable.Progress) {
	w.t.Helper()
	req.Owner, req.Headers.Mark, req.Replaces = "", prepared, resumable.Replaced{}
	before, existed := w.server.Object(bucket, key)
	result, err := w.uploader(w.oss()).Prepare(w.t.Context(), req, func(p resumable.Progress) { last = p })
	if err != nil {
		w.t.Fatalf("prepare: %v\nlog:\n%s", err, w.logged)
	}
	after, exists := w.server.Object(bucket, key)
	for _, op := range []osstest.Op{osstest.CompleteMultipartUpload, osstest.PutObject, osstest.CopyObject} {
		if n := w.server.Count(op); n > 0 || exists != existed || after.ETag != before.ETag {
			w.t.Fatalf("%d requests %s; the object was %+v and is %+v", n, op, before, after)
		}
	}
	w.server.ResetLog()
	return result, last
}

// checkPrepared uploads, and checks that all parts were there and that the object was
// copied as often as given.
func (w *world) checkPrepared(req resumable.Request, owner string, copies int) {
	w.t.Helper()
	result := w.mustUpload(req)
	if result.Stats.PartsKept != result.Stats.Parts || result.Stats.Parts == 0 || len(sent(w.server)) > 0 {
		w.t.Errorf("sent %v: %+v", sent(w.server), result.Stats)
	}
	if n := w.server.Count(osstest.CopyObject); n != copies || result.Owner != owner {
		w.t.Errorf("%d copies, want %d; owner %q, want %q", n, copies, result.Owner, owner)
	}
	w.checkMark(owner)
}

// Every instance completes what an action has sent, and becomes the owner of the object.
// It needs a copy only if it is not the one that the mark of the object names.
func TestPrepare_thenUpload(t *testing.T) {
	for name, row := range map[string]struct {
		mark   string // of the object; "none": no object
		by     string // the owner of the upload
		owner  string // of the object then
		copies int
	}{
		"create":                          {"none", "", prepared, 0},
		"create over an outsider":         {"", "", prepared, 0},
		"create over another instance":    {other, "", own, 1},
		"update":                          {own, own, own, 0},
		"update of a lost object":         {"none", own, own, 1},
		"update over another instance":    {other, own, own, 1},
		"update after an import":          {"", resumable.Unmarked, prepared, 0},
		"update after an import, marked":  {other, resumable.Unmarked, own, 1},
		"update whose mark was taken off": {"", own, own, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, scenarioSize)
			if row.mark != "none" {
				header := http.Header{"Content-Type": {"application/x-test"}}
				if row.mark != "" {
					header.Set("X-Oss-Meta-Ossresumable-Owner", row.mark)
				}
				w.server.PutObject(bucket, key, []byte("old bytes"), header)
			}
			req := w.creating(own)
			req.Owner = row.by
			w.prepare(req)
			w.checkPrepared(req, row.owner, row.copies)
		})
	}
}

// Without the checkpoint, the parts are found in OSS.
func TestPrepare_checkpointLost(t *testing.T) {
	w := newWorld(t, scenarioSize)
	w.prepare(w.request())
	w.forget()
	w.checkPrepared(w.creating(own), own, 1)
}

// What an update copies inside OSS, an action copies as well.
func TestPrepare_delta(t *testing.T) {
	w := newUpdateWorld(t, osstest.Config{}, updateSize, editAt(3*mib))
	result, last := w.prepare(w.update())
	if stats := result.Stats; stats.PartsCopied != 7 || stats.BytesSent != mib {
		t.Errorf("prepared %+v", stats)
	}
	if last.PartsStored != 8 || last.Copied != updateSize-mib || last.Stored != updateSize {
		t.Errorf("the last progress is %+v", last)
	}
	req := w.update()
	req.Headers.Mark = own
	w.checkPrepared(req, prepared, 0)
}

// If there is nothing to send, nothing is begun.
func TestPrepare_nothing(t *testing.T) {
	w := newWorld(t, scenarioSize)
	small := w.request()
	small.MultipartThreshold = scenarioSize + 1
	if result, _ := w.prepare(small); result.Stats != (resumable.Stats{}) || result.Fingerprint.Size != scenarioSize {
		t.Errorf("a small file: %+v", result)
	}
	w.mustUpload(w.owned(own))
	w.server.ResetLog()
	other := w.request()
	other.Headers.CacheControl = "no-cache"
	if result, _ := w.prepare(other); result.Stats != (resumable.Stats{Adopted: true}) {
		t.Errorf("only a header differs: %+v", result)
	}
	w.checkDisk()
	if n := len(w.server.OpenUploads(bucket)); n > 0 {
		t.Errorf("%d uploads are open", n)
	}
}

// An action continues what it or a resource has begun.
func TestPrepare_continues(t *testing.T) {
	for name, begun := range map[string]resumable.Request{"create": {}, "update": {Destination: resumable.Destination{Owner: own}}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, scenarioSize)
			req := w.creating(own)
			if req.Owner = begun.Owner; req.Owner != "" {
				w.server.PutObject(bucket, key, []byte("old bytes"), http.Header{"X-Oss-Meta-Ossresumable-Owner": {own}})
			}
			w.interrupted(req, 2)
			w.server.ResetLog()
			if result, _ := w.prepare(req); result.Stats.PartsKept != 2 {
				t.Errorf("prepared %+v", result.Stats)
			}
			w.checkPrepared(req, own, 0)
		})
	}
}

// A destroy leaves what an action has sent: with new for_each keys, it may be for the
// instance that takes over the key.
func TestPrepare_thenDestroyOfTheOldInstance(t *testing.T) {
	w := newWorld(t, scenarioSize)
	w.server.PutObject(bucket, key, []byte("old bytes"), http.Header{"X-Oss-Meta-Ossresumable-Owner": {other}})
	w.prepare(w.request())
	removed := 0
	claim := w.claim(other)
	if left, err := w.uploader(w.oss()).Remove(t.Context(), claim, w.dir, w.remover(claim.Object, &removed)); err != nil || removed != 1 {
		t.Errorf("removed %d times, %+v, %v", removed, left, err)
	}
	w.checkPrepared(w.creating(own), own, 1)
}

// A new header does not end the upload that an action has begun. So it leaves the mark
// to the instance that will complete the upload: no two have the same one.
func TestPrepare_thenChange(t *testing.T) {
	w := newWorld(t, scenarioSize)
	w.server.PutObject(bucket, key, []byte("old bytes"), nil)
	known, err := w.oss().HeadObject(t.Context(), w.request().Object)
	if err != nil {
		t.Fatal(err)
	}
	w.prepare(w.request())
	imported := w.owned(own)
	imported.Owner = resumable.Unmarked
	info, err := w.uploader(w.oss()).Change(t.Context(), imported.Destination, imported.Options, known)
	if err != nil || info.Headers.Mark != own {
		t.Errorf("the object has the mark %s; %v", info.Headers.Mark, err)
	}
	w.server.ResetLog()
	w.checkPrepared(w.creating(other), prepared, 0)
}

// A rename makes the same object by a copy, so the parts are not needed.
func TestPrepare_thenRename(t *testing.T) {
	w := newRenameWorld(t, osstest.Config{}, otherBucket)
	w.prepare(w.request())
	w.mustRename()
	if n := len(w.server.OpenUploads(bucket)); n > 0 {
		t.Errorf("%d uploads are open", n)
	}
	w.checkDisk()
}

// An update of the resource was interrupted, and the file has changed since. The action keeps
// what it can of the same upload, whose owner it learns from the object.
func TestPrepare_interruptedUpdate(t *testing.T) {
	for _, mark := range []string{own, other} {
		t.Run(mark, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, scenarioSize)
			w.server.PutObject(bucket, key, []byte("old bytes"), http.Header{"X-Oss-Meta-Ossresumable-Owner": {mark}})
			id := w.interrupted(w.owned(own), 2).UploadID
			w.write(slices.Concat(randomBytes(2, partSize), firstContent(scenarioSize)[partSize:]))
			result, _ := w.prepare(w.request())
			kept, open := 1, 1
			if mark == other { // the upload is not that of the resource that the action is for
				kept, open = 0, 2
			}
			warned := strings.Contains(strings.Join(result.Warnings, ""), id)
			if n := len(w.server.OpenUploads(bucket)); result.Stats.PartsKept != kept || n != open || warned != (mark == other) {
				t.Errorf("%+v, %d uploads are open, warnings %q", result.Stats, n, result.Warnings)
			}
		})
	}
}
