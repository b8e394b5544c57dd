// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func asUploadError(t *testing.T, err error) *resumable.UploadError {
	t.Helper()
	var uploadErr *resumable.UploadError
	if !errors.As(err, &uploadErr) {
		t.Fatalf("got %v, want an UploadError", err)
	}
	return uploadErr
}

// Every operation meets every fault: refusals, lost answers, and invalid
// answers. The same run or the next one succeeds.
func TestUpload_faults(t *testing.T) {
	const parts = 4
	html := "<html><body>502 Bad Gateway</body></html>"
	faults := []struct {
		name  string
		fault osstest.Fault
		same  bool // the same run must survive it, whatever the operation; one that writes survives all but 403
	}{
		{"refused 503", osstest.Refuse(503, "ServiceUnavailable"), true},
		{"refused 500", osstest.Refuse(500, "InternalError"), true},
		{"refused 403", osstest.Refuse(403, "AccessDenied"), false},
		{"refused 429", osstest.Refuse(429, "TooManyRequests", "Retry-After", "1"), true},
		{"answer lost", osstest.LoseAnswer(), true},
		{"answer cut", osstest.CutAnswer(10), true},
		{"body cut", osstest.CutBody(1000), true},
		{"HTML 502", osstest.Garbage(502, "text/html", html), true},
		{"HTML 200", osstest.Garbage(200, "text/html", html), false},
		{"HTML 200 after it was done", osstest.GarbageAfter(200, "text/html", html), false},
		{"error in 200", osstest.Garbage(200, "application/xml", "<Error><Code>InternalError</Code></Error>"), false},
		{"empty 200", osstest.Garbage(200, "application/xml", ""), false},
		{"wrong CRC", osstest.OverrideHeader("X-Oss-Hash-Crc64ecma", "1"), false},
		{"no CRC", osstest.OverrideHeader("X-Oss-Hash-Crc64ecma", ""), false},
		{"no ETag", osstest.OverrideHeader("ETag", ""), false},
	}
	operations := []struct {
		op  osstest.Op
		nth int
	}{
		{osstest.HeadObject, 1},
		{osstest.HeadObject, 2},
		{osstest.ListMultipartUploads, 1},
		{osstest.InitiateMultipartUpload, 1},
		{osstest.UploadPart, 1},
		{osstest.UploadPart, parts},
		{osstest.CompleteMultipartUpload, 1},
		{osstest.PutObject, 1},
	}
	for _, operation := range operations {
		for _, f := range faults {
			t.Run(fmt.Sprintf("%s %d %s", operation.op, operation.nth, f.name), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, parts*partSize-17)
				w.server.PutObject(bucket, key, []byte("old"), nil)
				req := w.request()
				if operation.op == osstest.PutObject {
					req.MultipartThreshold = 0
				}
				if f.name == "refused 403" {
					req.Parallelism = 1 // so that nothing is in flight when the run ends
				}
				remove := w.server.AddRule(osstest.Rule{Op: operation.op, Nth: operation.nth, Times: 1, Fault: f.fault})
				_, err := w.upload(req)
				remove()
				if err != nil {
					if f.same || operation.op.Writes() && !strings.HasPrefix(f.name, "refused 403") {
						t.Errorf("the run did not survive: %v\n%s", err, w.logged)
					}
					if !w.objectIs([]byte("old")) {
						w.checkObject() // done but not verified; the bytes must be right
					}
				}
				w.mustUpload(req)
			})
		}
	}
	t.Log("FAULT F48: connection lost in the body, after the body, in the answer, at each operation; 503, 429, HTML, wrong and missing checksums: the run or the next one ends well, no stored part is sent again")
	t.Log("FAULT F63: Complete answers 200 with an error, empty, HTML, 500: only HeadObject decides")
	t.Log("FAULT F64: UploadPart answers a wrong CRC, none, no ETag: retried")
}

// Whatever is answered to CompleteMultipartUpload, only HeadObject decides.
func TestUpload_completeAnswerLost(t *testing.T) {
	w := newWorld(t, 3*partSize)
	w.server.SetVersioning(bucket, "Enabled")
	w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.LoseAnswer()})
	w.mustUpload(w.request())
	if got := len(w.server.Versions(bucket, key)); got != 1 {
		t.Errorf("%d versions", got)
	}
	if got := len(sent(w.server)); got != 3 {
		t.Errorf("%d parts sent", got)
	}
	t.Logf("FAULT F53: Complete applied, connection reset: success by HeadObject; %d parts sent again", len(sent(w.server))-3)
	t.Log("FAULT F69: bucket with versioning, answer to Complete lost: one new version")
}

// The error of an interrupted run reports the stored parts, and the next run
// sends the rest.
func TestUpload_interruptedReportsStoredParts(t *testing.T) {
	w := newWorld(t, 10*partSize)
	got := w.interrupted(w.request(), 4)
	if got.PartsStored != 4 || got.Parts != 10 || got.BytesStored != 4*partSize || got.PartNumber != 5 {
		t.Errorf("got %+v", got)
	}
	if got.UploadID == "" || !strings.HasPrefix(got.Checkpoint, w.dir) || !errors.Is(got.Err, resumable.ErrAccessDenied) {
		t.Errorf("got %+v", got)
	}
	if text := got.Error(); !strings.Contains(text, "upload part 5 of oss://bucket/dir/image.qcow2") || !strings.Contains(text, "request ID") {
		t.Errorf("text: %s", text)
	}
	w.server.ResetLog()
	result := w.mustUpload(w.request())
	if result.Stats.PartsKept != 4 || result.Stats.BytesKept != 4*partSize || result.Stats.BytesSent != 6*partSize {
		t.Errorf("stats %+v", result.Stats)
	}
}

// Missing parts are sent, and later parts are kept.
func TestUpload_fillsHoles(t *testing.T) {
	w := newWorld(t, 6*partSize)
	remove := w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, PartNumber: 2, Fault: osstest.Refuse(503, "ServiceUnavailable")})
	if _, err := w.upload(w.request()); err == nil {
		t.Fatal("no error")
	}
	remove()
	stored := w.server.OpenUploads(bucket)[0].Parts
	w.server.ResetLog()
	w.mustUpload(w.request())
	if got := len(sent(w.server)); got != 6-len(stored) {
		t.Errorf("%d parts sent, %d were stored", got, len(stored))
	}
}

// Parts that OSS lost, or that another writer replaced, are sent again. Others
// are not.
func TestUpload_serverDiffersFromJournal(t *testing.T) {
	for name, change := range map[string]func(s *osstest.Server, id string){
		"part dropped":  func(s *osstest.Server, id string) { s.DropPart(id, 3) },
		"part replaced": func(s *osstest.Server, id string) { s.ReplacePart(id, 3, randomBytes(9, partSize)) },
		"part resized":  func(s *osstest.Server, id string) { s.ReplacePart(id, 3, randomBytes(9, partSize+1)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 6*partSize)
			failed := w.interrupted(w.request(), 4)
			change(w.server, failed.UploadID)
			w.server.ResetLog()
			w.mustUpload(w.request())
			if got := fmt.Sprint(sent(w.server)); len(sent(w.server)) != 3 || !strings.Contains(got, "3") {
				t.Errorf("sent %s", got)
			}
		})
	}
	t.Log("FAULT F21: OSS forgot recorded part 3: that and the missing ones are sent; 0 others sent again")
	t.Log("FAULT F22: part 3 overwritten by another writer, same and other size: sent again; 0 others sent again")
}

// The upload vanishes between two runs, during a run, or every time.
func TestUpload_uploadVanishes(t *testing.T) {
	t.Run("between runs", func(t *testing.T) {
		w := newWorld(t, 4*partSize)
		w.server.AbortUpload(w.interrupted(w.request(), 2).UploadID)
		w.server.ResetLog()
		w.mustUpload(w.request())
		if got := len(sent(w.server)); got != 4 {
			t.Errorf("%d parts sent", got)
		}
		if !strings.Contains(w.logged.String(), "OSS has discarded the upload") {
			t.Error("the log does not mention it")
		}
	})
	vanish := func(w *world, times int) {
		w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, PartNumber: 3, Times: times, Fault: osstest.Func(func(r osstest.Request) osstest.Fault {
			w.server.AbortUpload(r.UploadID)
			return osstest.Fault{}
		})})
	}
	t.Run("in the middle", func(t *testing.T) {
		w := newWorld(t, 4*partSize)
		vanish(w, 1)
		w.mustUpload(w.request())
	})
	t.Run("always", func(t *testing.T) {
		w := newWorld(t, 4*partSize)
		vanish(w, 0)
		if _, err := w.upload(w.request()); !errors.Is(err, resumable.ErrNoSuchUpload) {
			t.Fatalf("got %v", err)
		}
		if got := w.server.Count(osstest.InitiateMultipartUpload); got > 3 {
			t.Errorf("initiated %d times", got)
		}
	})
	t.Log("FAULT F61: upload discarded between runs: logged, and started again")
	t.Log("FAULT F62: NoSuchUpload in mid-run: started again once; every time: error after a bounded number of uploads")
}

// Headers are fixed when an upload is initiated. New headers are set by a copy
// after the upload, so no part is sent again, with or without the checkpoint.
func TestUpload_headersChangeBetweenRuns(t *testing.T) {
	for name, alter := range map[string]func(*resumable.Destination){
		"type":     func(dst *resumable.Destination) { dst.Headers.ContentType = "text/old" },
		"tags":     func(dst *resumable.Destination) { dst.Tags = map[string]string{"old": "1"} },
		"class":    func(dst *resumable.Destination) { dst.Headers.StorageClass = "IA" },
		"metadata": func(dst *resumable.Destination) { dst.Headers.Metadata = map[string]string{"old": ""} },
		"mark":     func(dst *resumable.Destination) { dst.Owner, dst.Headers.Mark = other, other },
	} {
		for _, checkpoint := range []string{"kept", "lost"} {
			t.Run(name+", checkpoint "+checkpoint, func(t *testing.T) {
				w := newWorld(t, 4*partSize)
				old := w.owned(own)
				alter(&old.Destination)
				w.interrupted(old, 2)
				if checkpoint == "lost" {
					w.forget()
				}
				result := w.mustUpload(w.owned(own))
				if result.Stats.PartsKept != 2 || result.Owner != own {
					t.Errorf("%+v, owner %q", result.Stats, result.Owner)
				}
				if got := w.server.Count(osstest.AbortMultipartUpload); got != 0 {
					t.Errorf("%d aborts", got)
				}
			})
		}
	}
}

// If no copy could set the attributes, a new upload starts, and the old one is
// aborted by the next run at the latest.
func TestUpload_startsOver(t *testing.T) {
	archive := func(dst *resumable.Destination) {
		dst.Headers.StorageClass, dst.Headers.CacheControl = "Archive", "old"
	}
	encrypted := func(dst *resumable.Destination) { dst.Headers.Encryption.Algorithm = "AES256" }
	for name, row := range map[string]struct {
		begun  func(*resumable.Destination)
		denied bool
	}{
		"class of an archive":         {archive, false},
		"encryption":                  {encrypted, false},
		"encryption, abort is denied": {encrypted, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 4*partSize)
			old := w.request()
			row.begun(&old.Destination)
			replaced := w.interrupted(old, 2).UploadID
			if row.denied {
				remove := w.server.AddRule(osstest.Rule{Op: osstest.AbortMultipartUpload, Fault: osstest.Refuse(403, "AccessDenied")})
				if _, err := w.upload(w.request()); err != nil {
					t.Fatal(err)
				}
				remove()
				if open := w.server.OpenUploads(bucket); len(open) != 1 || open[0].UploadID != replaced {
					t.Fatalf("open: %+v", open)
				}
			}
			if result := w.mustUpload(w.request()); result.Stats.PartsKept != 0 {
				t.Errorf("%+v", result.Stats)
			}
		})
	}
	t.Log("FAULT F73: Abort answers 403: the upload ID is kept, the next run aborts it")
}

// The checkpoint is lost and the headers change: the bytes are kept, and the
// headers are set.
func TestUpload_setsAdoptedHeaders(t *testing.T) {
	w := newWorld(t, 4*partSize)
	old := w.request()
	old.Headers.ContentType = "text/old"
	w.interrupted(old, 2)
	w.dir = t.TempDir()
	w.server.ResetLog()
	result := w.mustUpload(w.request())
	if result.Stats.PartsKept != 2 || w.server.Count(osstest.CopyObject) != 1 {
		t.Errorf("stats %+v, %d copies", result.Stats, w.server.Count(osstest.CopyObject))
	}
}

// An open upload keeps its part size when the configuration changes, with and
// without its checkpoint.
func TestUpload_partSizeChangesBetweenRuns(t *testing.T) {
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprintf("checkpoint lost %v", lost), func(t *testing.T) {
			w := newWorld(t, 7*partSize)
			w.interrupted(w.request(), 3)
			if lost {
				w.dir = t.TempDir()
			}
			w.server.ResetLog()
			req := w.request()
			req.PartSize = 2 * partSize
			if got := w.mustUpload(req).Stats; got.PartsKept != 3 || got.Parts != 7 {
				t.Errorf("stats %+v", got)
			}
		})
	}
	t.Run("no part stored", func(t *testing.T) { // a proxy may have refused parts of that size
		w := newWorld(t, 7*partSize)
		w.crash("UploadPart", "before", 1, 1)
		req := w.request()
		req.PartSize = 2 * partSize
		if got := w.mustUpload(req).Stats; got.Parts != 4 || w.server.Count(osstest.InitiateMultipartUpload) != 1 {
			t.Errorf("stats %+v", got)
		}
	})
	t.Run("one part stored, checkpoint lost", func(t *testing.T) { // which says nothing about the size of the others
		w := newWorld(t, 7*partSize)
		w.crash("UploadPart", "after", 1, 1)
		w.forget()
		req := w.request()
		req.PartSize = 2 * partSize
		if got := w.mustUpload(req).Stats; got.PartsKept != 1 || got.Parts != 4 || w.server.Count(osstest.InitiateMultipartUpload) != 1 {
			t.Errorf("stats %+v", got)
		}
	})
	t.Log("FAULT F26: part size of the configuration changed between runs: the running upload keeps its own; 0 parts sent again")
}

func TestUpload_missingPermissions(t *testing.T) {
	t.Run("ListParts", func(t *testing.T) {
		w := newWorld(t, 4*partSize)
		w.interrupted(w.request(), 2)
		remove := w.server.AddRule(osstest.Rule{Op: osstest.ListParts, Fault: osstest.Refuse(403, "AccessDenied")})
		defer remove()
		w.server.ResetLog()
		if got := w.mustUpload(w.request()).Stats; got.PartsKept != 2 {
			t.Errorf("stats %+v", got)
		}
	})
	t.Run("ListMultipartUploads", func(t *testing.T) {
		w := newWorld(t, 4*partSize)
		w.server.AddRule(osstest.Rule{Op: osstest.ListMultipartUploads, Fault: osstest.Refuse(403, "AccessDenied")})
		w.interrupted(w.request(), 2)
		w.server.ResetLog()
		if got := w.mustUpload(w.request()).Stats; got.PartsKept != 2 {
			t.Errorf("stats %+v", got)
		}
	})
}

// If a list fails, the run fails. It does not start over.
func TestUpload_listFails(t *testing.T) {
	for _, op := range []osstest.Op{osstest.ListParts, osstest.ListMultipartUploads} {
		t.Run(string(op), func(t *testing.T) {
			w := newWorld(t, 4*partSize)
			w.interrupted(w.request(), 2)
			if op == osstest.ListMultipartUploads {
				w.dir = t.TempDir()
			}
			remove := w.server.AddRule(osstest.Rule{Op: op, Fault: osstest.Refuse(503, "ServiceUnavailable")})
			w.server.ResetLog()
			if _, err := w.upload(w.request()); err == nil {
				t.Error("no error")
			}
			if got := w.server.Count(osstest.InitiateMultipartUpload); got != 0 {
				t.Errorf("initiated %d times", got)
			}
			remove()
			w.server.ResetLog()
			if got := w.mustUpload(w.request()).Stats; got.PartsKept != 2 {
				t.Errorf("stats %+v", got)
			}
		})
	}
}

func TestUpload_forbidOverwrite(t *testing.T) {
	w := newWorld(t, 3*partSize)
	w.server.PutObject(bucket, key, []byte("precious"), nil)
	req := w.request()
	req.ForbidOverwrite = true
	if _, err := w.upload(req); !errors.Is(err, resumable.ErrObjectExists) {
		t.Fatalf("got %v", err)
	}
	for _, r := range w.server.Requests() {
		if r.Op.Writes() {
			t.Errorf("sent %s", r)
		}
	}
	w.server.DeleteObject(bucket, key)

	// Another writer publishes the object before CompleteMultipartUpload.
	remove := w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		w.server.PutObject(bucket, key, []byte("faster"), nil)
		return osstest.Fault{}
	})})
	if _, err := w.upload(req); !errors.Is(err, resumable.ErrObjectExists) {
		t.Fatalf("got %v", err)
	}
	if got := string(w.objectBytes()); got != "faster" {
		t.Fatalf("object is %q", got)
	}
	remove()
	w.server.DeleteObject(bucket, key)
	w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.LoseAnswer()})
	if got := w.mustUpload(req).Stats; got.PartsKept != 3 {
		t.Errorf("stats %+v", got)
	}
	t.Log("FAULT F67: an object that must not be overwritten exists: error before anything is sent")
}

// The same bytes are there already: adopted, with our headers, sending none.
func TestUpload_adoptsIdenticalObject(t *testing.T) {
	w := newWorld(t, 3*partSize)
	w.server.PutObject(bucket, key, randomBytes(1, 3*partSize), http.Header{"Content-Type": {"text/other"}})
	w.server.ResetLog()
	if got := w.mustUpload(w.request()).Stats; !got.Adopted || w.server.BodyBytes() != 0 {
		t.Errorf("stats %+v, %d bytes sent", got, w.server.BodyBytes())
	}

	// Known to differ by SHA-256, for all that CRC-64 and size say.
	req := w.request()
	object, _ := w.server.Object(bucket, key)
	req.Replaces.ETag = strings.Trim(object.ETag, `"`)
	if got := w.mustUpload(req).Stats; got.Adopted || got.BytesSent != 3*partSize {
		t.Errorf("stats %+v", got)
	}
}

func TestDiscard(t *testing.T) {
	w := newWorld(t, 4*partSize)
	obj := w.request().Object
	u := w.uploader(w.oss())
	if err := u.Discard(t.Context(), obj, w.dir); err != nil {
		t.Fatal(err)
	}
	if len(w.server.Requests()) != 0 {
		t.Error("requests without a journal")
	}
	w.interrupted(w.request(), 2)
	remove := w.server.AddRule(osstest.Rule{Op: osstest.AbortMultipartUpload, Fault: osstest.Refuse(403, "AccessDenied")})
	if err := u.Discard(t.Context(), obj, w.dir); !errors.Is(err, resumable.ErrAccessDenied) {
		t.Fatalf("got %v", err)
	}
	remove()
	if err := u.Discard(t.Context(), obj, w.dir); err != nil {
		t.Fatal(err)
	}
	if open := w.server.OpenUploads(bucket); len(open) != 0 {
		t.Errorf("open: %+v", open)
	}
	w.checkDisk()
	t.Log("FAULT F83: destroy with an open upload: aborted, checkpoint gone; when Abort is denied, kept for the next time")
	t.Log("FAULT F73: Abort denied at destroy: error, and repeated by the next one")
}
