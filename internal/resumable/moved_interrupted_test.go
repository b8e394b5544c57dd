// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// A run is killed while OSS holds some parts of a mixed plan. The next one makes only the
// others, from the journal, without it, and on another machine.
func TestMoved_crash(t *testing.T) {
	probe := newMovedWorld(t, osstest.Config{}, movedSize, threePieces)
	all := probe.mustUpload(probe.moved()).Stats
	if all.PartsCopied < 3 || all.Parts-all.PartsCopied < 2 {
		t.Fatalf("the plan has too few parts: %+v", all)
	}
	for _, row := range []struct {
		op, when string
		nth      int
		kept     int
		there    bool
	}{
		{"InitiateMultipartUpload", "after", 1, 0, false},
		{"UploadPartCopy", "before", 1, 0, false},
		{"UploadPartCopy", "after", 1, 1, false},
		{"UploadPartCopy", "before", 2, 1, false},
		{"UploadPartCopy", "after", 2, 2, false},
		{"UploadPart", "before", 1, all.PartsCopied, false},
		{"UploadPart", "after", 1, all.PartsCopied + 1, false},
		{"CompleteMultipartUpload", "before", 1, all.Parts, false},
		{"CompleteMultipartUpload", "after", 1, all.Parts, true},
	} {
		for _, checkpoint := range []string{"kept", "deleted"} {
			t.Run(fmt.Sprintf("%s %s %d, checkpoint %s", row.when, row.op, row.nth, checkpoint), func(t *testing.T) {
				t.Parallel()
				w := newMovedWorld(t, osstest.Config{}, movedSize, threePieces)
				w.kill(w.moved(), row.op, row.when, row.nth)
				if checkpoint == "deleted" {
					w.forget()
				}
				stats := w.mustUpload(w.moved()).Stats
				if stats.Adopted != row.there || !row.there && stats.PartsKept != row.kept {
					t.Errorf("%+v", stats)
				}
				made := w.server.Count(osstest.UploadPart) + w.server.Count(osstest.UploadPartCopy)
				if n := w.server.Count(osstest.InitiateMultipartUpload); made > all.Parts+1 || n != 1+len(w.others) {
					t.Errorf("%d parts were sent or copied, want %d; initiated %d times", made, all.Parts, n)
				}
			})
		}
	}
}

// Each part of a mixed plan is refused, or its answer is lost. The object is always the old
// one or the new one. TestUpdate_failpoints has the other requests.
func TestMoved_failpoints(t *testing.T) {
	edit := inserted(3*mib, 5)
	probe := newMovedWorld(t, osstest.Config{}, movedSize, edit)
	all := probe.mustUpload(probe.moved()).Stats
	count := map[osstest.Op]int{}
	for _, r := range probe.server.Requests() {
		if r.Op != osstest.UploadPart && r.Op != osstest.UploadPartCopy {
			continue
		}
		count[r.Op]++
		nth := count[r.Op]
		for _, what := range failures[2:] { // TestMoved_crash kills
			t.Run(fmt.Sprintf("%s %d, %s", r.Op, nth, what), func(t *testing.T) {
				t.Parallel()
				w := newMovedWorld(t, osstest.Config{}, movedSize, edit)
				w.fail(w.moved(), r.Op, nth, what)
				w.mustUpload(w.moved())
				refused := r.Op == osstest.UploadPartCopy && what == "refused 403" // the whole file is sent
				if n := w.bytesSent(); n > all.BytesSent+mib && !refused {
					t.Errorf("%d bytes were sent, want about %d", n, all.BytesSent)
				}
			})
		}
	}
}

// If OSS refuses to copy, the upload continues with what was copied, and sends the rest once.
// A network that breaks is no reason to give up what was copied.
func TestMoved_refused(t *testing.T) {
	edit := func(b []byte) []byte { return inserted(0, mib)(inserted(3*mib, 5)(b)) } // begins with a part that is sent
	probe := newMovedWorld(t, osstest.Config{}, movedSize, edit)
	all := probe.mustUpload(probe.moved()).Stats
	for name, row := range map[string]struct {
		fault   osstest.Fault
		refused bool
	}{
		"changed":       {osstest.Refuse(412, "PreconditionFailed"), true},
		"denied":        {osstest.Refuse(403, "AccessDenied"), true},
		"not supported": {osstest.Refuse(409, "OperationNotSupported"), true},
		"not now":       {osstest.Refuse(503, "ServiceUnavailable"), false},
		"lost":          {osstest.LoseAnswer(), false},
		"expired":       {osstest.Refuse(403, "SecurityTokenExpired"), false},
	} {
		for _, after := range []int{0, 1} {
			if after == 0 && name != "denied" {
				continue // as in TestUpdate_refused
			}
			t.Run(fmt.Sprintf("%s, after %d", name, after), func(t *testing.T) {
				t.Parallel()
				w := newMovedWorld(t, osstest.Config{}, movedSize, edit)
				remove := w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, Nth: after + 1, Fault: row.fault})
				req := w.moved()
				req.Parallelism = 1
				if row.refused {
					stats := w.mustUpload(req).Stats
					if stats.PartsCopied != after || stats.BytesSent+stats.BytesCopied != int64(len(w.after)) || w.bytesSent() != stats.BytesSent {
						t.Errorf("%+v; %d bytes sent", stats, w.bytesSent())
					}
					if begun, ended := w.server.Count(osstest.InitiateMultipartUpload), w.server.Count(osstest.AbortMultipartUpload); begun != 1 || ended != 0 {
						t.Errorf("initiated %d times, aborted %d times", begun, ended)
					}
					return
				}
				_, err := w.upload(req)
				failed := asUploadError(t, err)
				if failed.PartsStored < after || w.server.Count(osstest.AbortMultipartUpload) != 0 {
					t.Errorf("%v; %d uploads aborted", err, w.server.Count(osstest.AbortMultipartUpload))
				}
				remove()
				if stats := w.mustUpload(req).Stats; stats.PartsKept < after || stats.PartsKept+stats.PartsCopied < all.PartsCopied {
					t.Errorf("the next run: %+v", stats)
				}
			})
		}
	}
}

// One copy is refused while OSS makes others. They are kept, and none of them replaces a part
// that is sent later.
func TestMoved_refusedWhileOthersAreMade(t *testing.T) {
	w := newMovedWorld(t, osstest.Config{}, movedSize, threePieces)
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, Nth: 1, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		_ = w.server.WaitFor(t.Context(), func([]osstest.Request) bool { return w.server.Count(osstest.UploadPartCopy) == 3 })
		return osstest.Refuse(403, "AccessDenied")
	})})
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, Fault: osstest.Delay(300 * time.Millisecond)})
	req := w.moved()
	req.Parallelism = 3
	stats := w.mustUpload(req).Stats
	if n := w.bytesSent(); n != stats.BytesSent || n+stats.BytesCopied != int64(len(w.after)) || stats.PartsCopied != 2 {
		t.Errorf("%d bytes were sent; %+v", n, stats)
	}
	if n := w.server.Count(osstest.CompleteMultipartUpload); n != 1 {
		t.Errorf("%d requests to complete the upload", n)
	}
}

// An upload whose copies were refused is killed. The next run, which knows nothing of the
// refusal, continues with the parts that were sent.
func TestMoved_killedAfterRefusal(t *testing.T) {
	for _, checkpoint := range []string{"kept", "deleted"} {
		t.Run(checkpoint, func(t *testing.T) {
			t.Parallel()
			w := newMovedWorld(t, osstest.Config{}, movedSize, inserted(3*mib, 5))
			defer w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, Fault: osstest.Refuse(403, "AccessDenied")})()
			w.kill(w.moved(), "UploadPart", "after", 4)
			if checkpoint == "deleted" {
				w.forget()
			}
			stats := w.mustUpload(w.moved()).Stats
			if stats.PartsKept != 4 || w.server.Count(osstest.InitiateMultipartUpload) != 1 {
				t.Errorf("%+v, initiated %d times", stats, w.server.Count(osstest.InitiateMultipartUpload))
			}
		})
	}
}

// While an update with copies is interrupted, another program replaces or removes the old
// object, or the state loses its table. The journal has the offsets of the parts, so the next
// runs keep them and send the rest.
func TestMoved_nothingToCopyAnyMore(t *testing.T) {
	for name, change := range map[string]func(w *updateWorld, req *resumable.Request){
		"replaced": func(w *updateWorld, _ *resumable.Request) {
			w.server.PutObject(bucket, key, []byte("of another program"), nil)
		},
		"removed":   func(w *updateWorld, _ *resumable.Request) { w.server.DeleteObject(bucket, key) },
		"no table":  func(_ *updateWorld, req *resumable.Request) { req.Replaces.Chunks = nil },
		"no object": func(_ *updateWorld, req *resumable.Request) { req.Replaces = resumable.Replaced{} },
		"file appended": func(w *updateWorld, req *resumable.Request) {
			w.after = append(w.after, randomBytes(3, mib)...)
			w.write(w.after)
			req.Replaces.Chunks = nil
		},
		"file edited": func(w *updateWorld, req *resumable.Request) { // in the longest copied part
			w.after[2*mib] ^= 1
			w.write(w.after)
			req.Replaces.Chunks = nil
		},
	} {
		for _, kills := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, killed %d times", name, kills), func(t *testing.T) {
				t.Parallel()
				w := newMovedWorld(t, osstest.Config{}, movedSize, threePieces)
				for range kills {
					w.forget()                                  // the second run finds the upload in OSS
					w.kill(w.moved(), "UploadPart", "after", 1) // the journal does not have this part
				}
				req := w.moved()
				change(w, &req)
				w.server.ResetLog()
				if name == "file edited" && kills == 2 { // no part of an upload that was found is replaced
					for _, upload := range w.server.OpenUploads(bucket) {
						w.others[upload.UploadID] = len(upload.Parts)
					}
					w.mustUpload(req)
					return
				}
				stats := w.mustUpload(req).Stats
				parts := 3 + kills
				if name == "file edited" {
					parts--
				}
				if n := w.bytesSent(); n != int64(len(w.after))-stats.BytesKept || stats.PartsKept != parts {
					t.Errorf("%d bytes were sent; %+v", n, stats)
				}
				for _, r := range w.server.Requests() {
					if r.Op == osstest.UploadPart && r.BodyBytes > mib {
						t.Errorf("part %d of %d bytes was sent", r.PartNumber, r.BodyBytes)
					}
				}
				if n := w.server.Count(osstest.InitiateMultipartUpload) + w.server.Count(osstest.AbortMultipartUpload); n != 0 {
					t.Errorf("%d uploads were initiated or aborted", n)
				}
			})
		}
	}
}

// threePieces is an edit after which three ranges are copied.
func threePieces(b []byte) []byte { return inserted(mib, 5)(inserted(4*mib, 7)(b)) }
