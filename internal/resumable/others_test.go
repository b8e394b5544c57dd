// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// initiate begins an upload as another process does, which stores these parts.
func (w *world) initiate(parts ...[]byte) (id string) {
	w.t.Helper()
	upload, err := w.oss().InitiateMultipartUpload(w.t.Context(), w.request().Destination)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, body := range parts {
		w.server.ReplacePart(upload.UploadID, i+1, body)
	}
	w.others[upload.UploadID] = len(parts)
	return upload.UploadID
}

// Uploads of other processes are not changed, whatever they contain.
func TestOthers_neitherUsedNorAborted(t *testing.T) {
	w := newWorld(t, 4*partSize)
	w.initiate()
	w.initiate(randomBytes(7, partSize))
	w.initiate(randomBytes(8, 33))
	w.initiate(firstContent(4 * partSize)[:partSize], randomBytes(7, partSize))
	w.initiate(nil)
	if got := w.mustUpload(w.request()).Stats; got.PartsKept != 0 {
		t.Errorf("%+v", got)
	}
	if got := w.server.Count(osstest.AbortMultipartUpload); got != 0 {
		t.Errorf("%d aborts", got)
	}
	t.Log("FAULT F70: foreign open uploads of the same key: neither used nor aborted")
}

// A run continues an upload that it has found in OSS while all its parts have the bytes of the
// file. Otherwise, it stays, and a warning names it.
func TestOthers_foundUpload(t *testing.T) {
	const size = 4 * partSize
	for name, row := range map[string]struct {
		then  func(w *world) (warnings []string)
		stays bool // also if no other process stores a part
		ended bool // in any case
	}{
		"a stored part changes": {stays: true, then: func(w *world) []string {
			w.write(slices.Concat(firstContent(size)[:partSize], randomBytes(2, size-partSize)))
			return w.mustUpload(w.owned(own)).Warnings
		}},
		"the rest changes": {then: func(w *world) []string {
			w.write(slices.Concat(firstContent(size)[:2*partSize], randomBytes(2, size-2*partSize)))
			return w.mustUpload(w.owned(own)).Warnings
		}},
		"the file becomes small": {stays: true, then: func(w *world) []string {
			w.write([]byte("small"))
			req := w.owned(own)
			req.MultipartThreshold = partSize
			return w.mustUpload(req).Warnings
		}},
		"the object is there": {stays: true, then: func(w *world) []string {
			w.server.PutObject(bucket, key, firstContent(size), http.Header{"Content-Type": {"application/x-test"}})
			return w.mustUpload(w.request()).Warnings
		}},
		"it is continued": {then: func(w *world) []string {
			return w.mustUpload(w.owned(own)).Warnings
		}},
		"the instance is destroyed": {stays: true, then: func(w *world) []string {
			left, err := w.uploader(w.oss()).Remove(w.t.Context(), w.claim(own), w.dir, nil)
			if err != nil {
				w.t.Error(err)
			}
			if left.Unfinished == nil {
				return nil
			}
			return []string{left.Unfinished.Error()}
		}},
		"a user asks to abort it": {ended: true, then: func(w *world) []string {
			if err := w.uploader(w.oss()).Discard(w.t.Context(), w.request().Object, w.dir); err != nil {
				w.t.Error(err)
			}
			return nil
		}},
	} {
		for _, shared := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, another process stores a part %v", name, shared), func(t *testing.T) {
				w := newWorld(t, size)
				id := w.initiate(firstContent(size)[:partSize])
				for range 2 { // the second run finds it in the journal
					if got := w.interrupted(w.owned(own), 2-w.others[id]).UploadID; got != id {
						t.Fatalf("the run used upload %s", got)
					}
					w.others[id] = 2
				}
				if shared {
					w.server.ReplacePart(id, 3, randomBytes(7, partSize))
					w.others[id] = 3
				}
				stays := (shared || row.stays) && !row.ended
				if !stays {
					delete(w.others, id)
				}
				w.server.ResetLog()
				warnings := strings.Join(row.then(w), "\n")
				w.checkUploads()
				if warned := strings.Contains(warnings, id) && strings.Contains(warnings, "nother process may have begun"); warned != stays {
					t.Errorf("warnings %q", warnings)
				}
			})
		}
	}
}

// An upload that makes an archived object is not continued unless that was requested: the
// object could not be read, and no copy could correct it.
func TestOthers_archived(t *testing.T) {
	for _, class := range []string{"", "Standard", "Archive"} {
		t.Run("requested "+class, func(t *testing.T) {
			w := newWorld(t, 2*partSize)
			dst := w.request().Destination
			dst.Headers.StorageClass = "Archive"
			upload, err := w.oss().InitiateMultipartUpload(t.Context(), dst)
			if err != nil {
				t.Fatal(err)
			}
			w.server.ReplacePart(upload.UploadID, 1, firstContent(2 * partSize)[:partSize])
			req := w.request()
			req.Headers.StorageClass = class
			kept := 1
			if class != "Archive" {
				w.others[upload.UploadID], kept = 1, 0
			}
			if got := w.mustUpload(req).Stats; got.PartsKept != kept {
				t.Errorf("%+v", got)
			}
		})
	}
}

// Another process still works on the upload that a run has found, because both files begin
// with the same bytes. It stays, and the run makes its own.
func TestOthers_foundUploadIsInUse(t *testing.T) {
	for _, last := range []bool{false, true} {
		t.Run(fmt.Sprintf("after the last part %v", last), func(t *testing.T) {
			const parts = 4
			w := newWorld(t, parts*partSize)
			id := w.initiate(firstContent(parts * partSize)[:partSize])
			at := osstest.Rule{Op: osstest.UploadPart, Nth: 2, Times: 1}
			if last {
				at = osstest.Rule{Op: osstest.ListParts, Nth: 2, Times: 1}
			}
			at.Fault = osstest.Func(func(osstest.Request) osstest.Fault {
				w.server.ReplacePart(id, 2, randomBytes(7, partSize))
				return osstest.Fault{}
			})
			w.server.AddRule(at)
			w.server.ResetLog()
			req := w.request()
			req.Parallelism = 1
			result, err := w.upload(req)
			if err != nil {
				t.Fatal(err)
			}
			w.others[id] = parts
			w.checkObject()
			w.checkUploads()
			if !strings.Contains(strings.Join(result.Warnings, "\n"), id) || w.server.Count(osstest.InitiateMultipartUpload) != 1 {
				t.Errorf("warnings %q, initiated %d times", result.Warnings, w.server.Count(osstest.InitiateMultipartUpload))
			}
		})
	}
}

// The answer to InitiateMultipartUpload is lost, or the run is killed before it has one. The
// upload is used if it is the only one that was opened since, also by the next run.
func TestOthers_unansweredInitiate(t *testing.T) {
	for name, row := range map[string]struct {
		before, meanwhile bool // another process opens an upload
		open              int  // at the end
	}{
		"alone":               {open: 0},
		"another one is open": {before: true, open: 1},
		"another one opens":   {meanwhile: true, open: 2}, // nothing tells them apart
	} {
		for _, killed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, killed %v", name, killed), func(t *testing.T) {
				w := newWorld(t, 3*partSize)
				if row.before {
					w.initiate()
				}
				w.server.AddRule(osstest.Rule{Op: osstest.InitiateMultipartUpload, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
					if row.meanwhile {
						id := w.server.BeginUpload(bucket, key, nil)
						w.server.DropPart(id, 1)
						w.others[id] = 0
					}
					return osstest.LoseAnswer()
				})})
				w.server.ResetLog()
				if killed {
					w.crash("InitiateMultipartUpload", "after", 1, 1)
				}
				if _, err := w.upload(w.request()); err != nil {
					t.Fatal(err)
				}
				w.checkObject()
				open := w.server.OpenUploads(bucket)
				for id := range w.others {
					if !slices.ContainsFunc(open, func(u osstest.UploadInfo) bool { return u.UploadID == id }) {
						t.Error("the upload of the other process is gone")
					}
				}
				if len(open) != row.open {
					t.Errorf("open: %+v", open)
				}
			})
		}
	}
}

// Another resource with the same checkpoint directory has begun the upload in the journal. It
// is continued only while all its parts have the bytes of the file.
func TestOthers_journalOfAnotherResource(t *testing.T) {
	const size = 4 * partSize
	for name, row := range map[string]struct {
		content []byte
		with    func(*resumable.Request)
		kept    int
	}{
		"same content":        {content: firstContent(size), kept: 2},
		"same beginning":      {content: slices.Concat(firstContent(size)[:2*partSize], randomBytes(2, partSize)), kept: 2},
		"other content":       {content: slices.Concat(firstContent(size)[:partSize], randomBytes(2, size-partSize))},
		"one request":         {content: []byte("small"), with: func(req *resumable.Request) { req.MultipartThreshold = partSize }},
		"other encryption":    {content: firstContent(size), with: func(req *resumable.Request) { req.Headers.Encryption.Algorithm = "AES256" }},
		"parts of other size": {content: randomBytes(2, size), with: func(req *resumable.Request) { req.PartSize = 2 * partSize }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, size)
			id := w.interrupted(w.owned("another"), 2).UploadID
			w.write(row.content)
			req := w.owned(own)
			if row.with != nil {
				row.with(&req)
			}
			if row.kept == 0 {
				w.others[id] = 2
			}
			w.server.ResetLog()
			got := w.mustUpload(req)
			w.checkUploads()
			if warned := strings.Contains(strings.Join(got.Warnings, "\n"), id); got.Stats.PartsKept != row.kept || warned != (row.kept == 0) {
				t.Errorf("%+v, warnings %q", got.Stats, got.Warnings)
			}
			if row.kept == 0 {
				w.write(firstContent(size)) // the other resource finds its upload in OSS
				w.server.DeleteObject(bucket, key)
				delete(w.others, id)
				if got := w.mustUpload(w.owned("another")).Stats; got.PartsKept != 2 {
					t.Errorf("the other resource: %+v", got)
				}
			}
		})
	}
}

// OSS does not list the parts of an upload that another process uses, too. It stays.
func TestOthers_partsNotListed(t *testing.T) {
	const size = 4 * partSize
	for code, status := range map[string]int{"AccessDenied": 403, "NoSuchUpload": 404} {
		for name, content := range map[string][]byte{"same": firstContent(size), "small": []byte("small")} {
			t.Run(code+", "+name, func(t *testing.T) {
				w := newWorld(t, size)
				id := w.initiate(firstContent(size)[:partSize])
				w.interrupted(w.owned(own), 1)
				w.server.ReplacePart(id, 4, randomBytes(7, 33))
				w.others[id] = 3
				w.write(content)
				req := w.owned(own)
				if name == "small" {
					req.MultipartThreshold = partSize
				}
				defer w.server.AddRule(osstest.Rule{Op: osstest.ListParts, Fault: osstest.Refuse(status, code)})()
				w.server.ResetLog()
				w.mustUpload(req)
				w.checkUploads()
			})
		}
	}
}
