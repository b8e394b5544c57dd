// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// finished continues an upload that another run began. It checks that the object
// has the requested attributes, and that setting them took only the requests in
// want.
func (w *world) finished(want map[osstest.Op]int) resumable.Result {
	w.t.Helper()
	w.server.ResetLog()
	req := w.request()
	req.Destination = w.full()
	result := w.mustUpload(req)
	w.checkDestination(req.Destination)
	for _, op := range []osstest.Op{osstest.CopyObject, osstest.PutObjectACL, osstest.PutObjectTagging} {
		if got := w.server.Count(op); got != want[op] {
			w.t.Errorf("%d %s, want %d", got, op, want[op])
		}
	}
	return result
}

var setByCopy = map[osstest.Op]int{osstest.CopyObject: 1, osstest.PutObjectTagging: 1}

// An adopted object gets headers, ACL and tags, and no bytes.
func TestUpload_adoptedIsMended(t *testing.T) {
	w := newWorld(t, 3*partSize)
	w.server.PutObject(bucket, key, randomBytes(1, 3*partSize), http.Header{"X-Oss-Tagging": {"other=1"}})
	if got := w.finished(setByCopy); !got.Stats.Adopted || w.server.Count(osstest.UploadPart) != 0 {
		t.Errorf("stats %+v", got.Stats)
	}
	// The next run finds all in place. It cannot know without asking, but it
	// does not copy.
	if got := w.finished(map[osstest.Op]int{osstest.PutObjectACL: 1, osstest.PutObjectTagging: 1}); !got.Stats.Adopted {
		t.Errorf("stats %+v", got.Stats)
	}
}

// An adopted object keeps what the bucket chose, if the configuration leaves it
// open.
func TestUpload_adoptedKeepsBucketDefaults(t *testing.T) {
	w := newWorld(t, 1000)
	w.server.SetEncryption(bucket, "KMS", "key-of-the-bucket")
	w.server.PutObject(bucket, key, randomBytes(1, 1000), http.Header{"Content-Type": {"application/x-test"}, "X-Oss-Storage-Class": {"IA"}})
	w.server.SetACL(bucket, key, "public-read")
	if got := w.mustUpload(w.request()); !got.Stats.Adopted {
		t.Errorf("stats %+v", got.Stats)
	}
	w.checkWrites(map[osstest.Op]int{})
}

// A failure to set attributes is reported, and the next run sets them.
func TestUpload_adoptedHeadersCannotBeSet(t *testing.T) {
	w := newWorld(t, 1000)
	w.server.PutObject(bucket, key, randomBytes(1, 1000), nil)
	remove := w.server.AddRule(osstest.Rule{Op: osstest.PutObjectTagging, Fault: osstest.Refuse(403, "AccessDenied")})
	req := w.request()
	req.Destination = w.full()
	if _, err := w.upload(req); !containsAll(err, "the bytes were stored", string(osstest.PutObjectTagging)) {
		t.Errorf("got %v", err)
	}
	remove()
	if _, err := w.upload(req); err != nil {
		t.Error(err)
	}
	w.checkDestination(req.Destination)
}

// An upload whose checkpoint was lost may have other attributes. This is also
// true in the run after the one that found it.
func TestUpload_foundGetsHeaders(t *testing.T) {
	for name, interrupt := range map[string]func(w *world){
		"at once": func(*world) {},
		"after another interruption": func(w *world) {
			req := w.request()
			req.Destination = w.full()
			w.interrupted(req, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 4*partSize)
			w.interrupted(w.request(), 2)
			w.dir = t.TempDir()
			interrupt(w)
			// The ACL comes with CompleteMultipartUpload and again with the copy.
			result := w.finished(setByCopy)
			if n := w.server.Count(osstest.InitiateMultipartUpload); n != 0 || result.Stats.PartsKept < 2 {
				t.Errorf("initiated %d times, stats %+v", n, result.Stats)
			}
		})
	}
}

// The answer to InitiateMultipartUpload is lost. The found upload most likely
// has the right headers, so no copy is needed.
func TestUpload_foundAfterLostInitiate(t *testing.T) {
	w := newWorld(t, 3*partSize)
	w.server.AddRule(osstest.Rule{Op: osstest.InitiateMultipartUpload, Times: 1, Fault: osstest.LoseAnswer()})
	w.finished(map[osstest.Op]int{osstest.PutObjectACL: 1, osstest.PutObjectTagging: 1})
	if n := w.server.Count(osstest.InitiateMultipartUpload); n != 1 {
		t.Errorf("initiated %d times", n)
	}
}

// The found upload vanishes, and the run initiates its own, which needs no copy.
func TestUpload_foundVanishes(t *testing.T) {
	w := newWorld(t, 4*partSize)
	lost := w.interrupted(w.request(), 2).UploadID
	w.dir = t.TempDir()
	var once sync.Once
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		once.Do(func() { w.server.AbortUpload(lost) })
		return osstest.Fault{}
	})})
	w.finished(nil)
	if n := w.server.Count(osstest.InitiateMultipartUpload); n != 1 {
		t.Errorf("initiated %d times", n)
	}
}
