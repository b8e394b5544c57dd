// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func (w *world) checkMark(want string) {
	w.t.Helper()
	if info, err := w.oss().HeadObject(w.t.Context(), w.request().Object); err != nil || info.Headers.Mark != want || info.Headers.Metadata != nil {
		w.t.Errorf("the object has mark %q and metadata %v, want %q; %v", info.Headers.Mark, info.Headers.Metadata, want, err)
	}
}

// Every way to write an object marks it.
func TestMark_written(t *testing.T) {
	for name, threshold := range map[string]int64{"put": 1 << 30, "parts": 1} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, scenarioSize)
			req := w.creating(own)
			req.MultipartThreshold = threshold
			if result := w.mustUpload(req); result.Owner != own {
				t.Errorf("owner %q", result.Owner)
			}
			w.checkMark(own)
			again := w.owned(own)
			again.Headers.CacheControl = "no-cache"
			info, err := w.uploader(w.oss()).Change(t.Context(), again.Destination, again.Options, w.mustUpload(w.owned(own)).ObjectInfo)
			if err != nil || info.Headers.Mark != own {
				t.Errorf("after a change: %+v, %v", info.Headers, err)
			}
		})
	}
}

// A change that requests no mark keeps the existing one.
func TestMark_keptByACopy(t *testing.T) {
	w := newWorld(t, 1000)
	known := w.mustUpload(w.owned(own)).ObjectInfo
	dst := w.request().Destination
	dst.Headers.CacheControl = "no-cache"
	if _, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, known); err != nil {
		t.Fatal(err)
	}
	w.checkMark(own)
}

// An adopted object is marked by a copy onto itself, even if another instance
// had marked it.
func TestMark_adopted(t *testing.T) {
	for name, header := range map[string]http.Header{
		"without a mark": {"Content-Type": {"application/x-test"}},
		"other's":        {"Content-Type": {"application/x-test"}, "X-Oss-Meta-Ossresumable-Owner": {other}},
	} {
		for _, forbid := range []bool{false, true} {
			w := newWorld(t, 1000)
			w.server.PutObject(bucket, key, randomBytes(1, 1000), header)
			req := w.creating(own)
			req.ForbidOverwrite = forbid
			result := w.mustUpload(req)
			if !result.Stats.Adopted || result.Owner != own || len(result.Warnings) != 0 {
				t.Errorf("%s: %+v, owner %q, %v", name, result.Stats, result.Owner, result.Warnings)
			}
			w.checkMark(own)
			if n := w.server.Count(osstest.CopyObject); n != 1 {
				t.Errorf("%s: %d copies", name, n)
			}
		}
	}
}

// The ID of a killed Create is in its journal. The next Create uses it, for
// parts and for a published object.
func TestMark_ofAnInterruptedCreate(t *testing.T) {
	t.Run("parts", func(t *testing.T) {
		w := newWorld(t, scenarioSize)
		w.interrupted(w.creating(other), 2)
		if result := w.mustUpload(w.creating(own)); result.Owner != other || result.Stats.PartsKept != 2 {
			t.Errorf("owner %q, %+v", result.Owner, result.Stats)
		}
		w.checkMark(other)
		if n := w.server.Count(osstest.CopyObject); n != 0 {
			t.Errorf("%d copies", n)
		}
	})
	t.Run("published", func(t *testing.T) {
		w := newWorld(t, scenarioSize)
		c := w.child()
		c.Request = w.creating(other)
		c.Op, c.When, c.Nth = "CompleteMultipartUpload", "after", 1
		w.crashed(c)
		if result := w.mustUpload(w.creating(own)); result.Owner != other || !result.Stats.Adopted {
			t.Errorf("owner %q, %+v", result.Owner, result.Stats)
		}
		if n := w.server.Count(osstest.CopyObject); n != 0 {
			t.Errorf("%d copies", n)
		}
	})
	t.Run("parts, checkpoint lost", func(t *testing.T) {
		w := newWorld(t, scenarioSize)
		w.interrupted(w.creating(other), 2)
		w.forget()
		if result := w.mustUpload(w.creating(own)); result.Owner != own || result.Stats.PartsKept != 2 {
			t.Errorf("owner %q, %+v", result.Owner, result.Stats)
		}
		w.checkMark(own)
	})
}

// A Create resumes the interrupted update of another instance and marks the
// object as its own, because the other instance may be destroyed later.
func TestMark_ofAnotherInstance(t *testing.T) {
	for _, checkpoint := range []string{"kept", "lost"} {
		w := newWorld(t, scenarioSize)
		w.interrupted(w.owned(other), 2)
		if checkpoint == "lost" {
			w.forget()
		}
		if result := w.mustUpload(w.creating(own)); result.Owner != own || result.Stats.PartsKept != 2 {
			t.Errorf("checkpoint %s: owner %q, %+v", checkpoint, result.Owner, result.Stats)
		}
		w.checkMark(own)
	}
}

// If OSS refuses the copy of an adopted object, the file is sent, because the
// mark of another instance would allow it to delete the object.
func TestMark_copyRefused(t *testing.T) {
	for name, row := range map[string]struct {
		header http.Header
		fault  string
	}{
		"archived":                     {http.Header{"Content-Type": {"application/x-test"}, "X-Oss-Storage-Class": {"Archive"}}, ""},
		"archived, with other headers": {http.Header{"Content-Type": {"text/plain"}, "X-Oss-Storage-Class": {"ColdArchive"}}, ""},
		"denied":                       {http.Header{"Content-Type": {"application/x-test"}}, "AccessDenied"},
	} {
		for _, threshold := range []int64{1, 1 << 30} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, scenarioSize)
				row.header.Set("X-Oss-Meta-Ossresumable-Owner", other)
				w.server.PutObject(bucket, key, randomBytes(1, scenarioSize), row.header)
				if row.fault != "" {
					w.server.AddRule(osstest.Rule{Op: osstest.CopyObject, Fault: osstest.Refuse(403, row.fault)})
				}
				req := w.creating(own)
				req.MultipartThreshold = threshold
				req.ForbidOverwrite = threshold == 1 // the bytes are the same
				result := w.mustUpload(req)
				if result.Stats.Adopted || result.Stats.BytesSent != scenarioSize || result.Owner != own {
					t.Errorf("%+v, owner %q", result.Stats, result.Owner)
				}
				if info, _ := w.server.Object(bucket, key); info.Header.Get("x-oss-storage-class") == "Archive" {
					t.Error("the new bytes are archived as the old ones were")
				}
				w.checkMark(own)
			})
		}
	}
}

// An object under retention can be neither copied nor replaced. It is adopted
// without a mark.
func TestMark_retained(t *testing.T) {
	w := newWorld(t, 1000)
	w.server.PutObject(bucket, key, randomBytes(1, 1000), http.Header{"Content-Type": {"application/x-test"}})
	w.server.AddRule(osstest.Rule{Op: osstest.CopyObject, Fault: osstest.Refuse(409, "FileImmutable")})
	result := w.mustUpload(w.creating(own))
	if !result.Stats.Adopted || result.Owner != resumable.Unmarked || !strings.Contains(strings.Join(result.Warnings, ""), "could not be marked") {
		t.Errorf("%+v, owner %q, %v", result.Stats, result.Owner, result.Warnings)
	}
	// One that another instance has marked would go with that one, later.
	w.server.PutObject(bucket, key, randomBytes(1, 1000), http.Header{"Content-Type": {"application/x-test"}, "X-Oss-Meta-Ossresumable-Owner": {other}})
	if _, err := w.upload(w.creating(own)); !errors.Is(err, resumable.ErrObjectImmutable) {
		t.Errorf("got %v", err)
	}
	w.checkMark(other)
}

// A found upload is complete, and the object must not be copied. It carries the
// mark of a killed run, which no state has.
func TestMark_foundAndCopyRefused(t *testing.T) {
	w := newWorld(t, scenarioSize)
	w.interrupted(w.creating(other), 2)
	w.forget()
	w.server.AddRule(osstest.Rule{Op: osstest.CopyObject, Fault: osstest.Refuse(403, "AccessDenied")})
	result := w.mustUpload(w.creating(own))
	if result.Stats.PartsKept != 2 || result.Owner != other || len(result.Warnings) != 1 {
		t.Errorf("%+v, owner %q, %v", result.Stats, result.Owner, result.Warnings)
	}
}

// A symbolic link shows the size, ETag and CRC-64 of its target, and has no
// bytes of its own.
func TestMark_symlink(t *testing.T) {
	const target = "target"
	for name, threshold := range map[string]int64{"put": 1 << 30, "parts": 1} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, scenarioSize)
			w.server.PutObject(bucket, target, randomBytes(1, scenarioSize), nil)
			w.server.PutSymlink(bucket, key, target)
			req := w.creating(own)
			req.MultipartThreshold = threshold
			req.ForbidOverwrite = true
			if _, err := w.upload(req); !errors.Is(err, resumable.ErrObjectExists) {
				t.Errorf("got %v", err)
			}
			req.ForbidOverwrite = false
			if result := w.mustUpload(req); result.Stats.Adopted || result.Stats.BytesSent != scenarioSize {
				t.Errorf("%+v", result.Stats)
			}
			if info, _ := w.server.Object(bucket, key); info.Type == "Symlink" {
				t.Error("the link is still there")
			}
			if _, exists := w.server.Object(bucket, target); !exists {
				t.Error("the target is gone")
			}
		})
	}
}

// Two machines send the same bytes. After the first has completed their upload,
// the second finds the object and sends nothing more.
func TestUpload_completedByAnotherMachine(t *testing.T) {
	w := newWorld(t, scenarioSize)
	w.interrupted(w.creating(other), 2)
	elsewhere := w.owned(other)
	elsewhere.CheckpointDir = t.TempDir()
	sentBefore := 0
	w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		sentBefore = len(sent(w.server))
		u := resumable.New(uploaderConfig(w.oss(), w.logged, time.Second))
		if _, err := u.Upload(w.t.Context(), elsewhere); err != nil {
			t.Error(err)
		}
		return osstest.Fault{}
	})})
	w.mustUpload(w.creating(own))
	if n := len(sent(w.server)); n != sentBefore {
		t.Errorf("%d parts were sent after the other machine was done", n-sentBefore)
	}
}

// Another writer replaces the object before or after the copy that sets its mark. Its object
// stays, and the run fails.
func TestMark_replacedMeanwhile(t *testing.T) {
	for _, adopted := range []bool{false, true} {
		for _, when := range []string{"before", "after"} {
			t.Run(fmt.Sprintf("adopted %v, %s the copy", adopted, when), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, scenarioSize)
				if adopted {
					w.server.PutObject(bucket, key, firstContent(scenarioSize), http.Header{"Content-Type": {"application/x-test"}})
				} else {
					w.interrupted(w.creating(other), 2)
					w.forget()
				}
				replace := osstest.Func(func(osstest.Request) osstest.Fault {
					w.server.PutObject(bucket, key, []byte("of another writer"), nil)
					return osstest.Fault{}
				})
				rule := osstest.Rule{Op: osstest.CopyObject, Times: 1, Fault: replace}
				if when == "after" {
					rule = osstest.Rule{Op: osstest.HeadObject, Times: 1, Fault: replace}
					w.server.AddRule(osstest.Rule{Op: osstest.CopyObject, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
						w.server.AddRule(rule)
						return osstest.Fault{}
					})})
				} else {
					w.server.AddRule(rule)
				}
				result, err := w.upload(w.creating(own))
				if err == nil || strings.Contains(err.Error(), "could not be marked") {
					t.Errorf("%v, %q", err, result.Warnings)
				}
				if info, _ := w.server.Object(bucket, key); info.Size != int64(len("of another writer")) {
					t.Errorf("the object has %d bytes", info.Size)
				}
			})
		}
	}
}

// The same for an object that is made or renamed by a copy: an object at its key has the bytes
// already, and is replaced before the copy that sets its headers.
func TestMark_replacedBeforeACopy(t *testing.T) {
	elsewhere := resumable.Object{Bucket: bucket, Key: "elsewhere"}
	for name, run := range map[string]func(*world, resumable.Request, resumable.ObjectInfo) error{
		"source object": func(w *world, req resumable.Request, _ resumable.ObjectInfo) error {
			req.Source, req.SourceObject = "", resumable.SourceObject{Object: elsewhere}
			_, err := w.uploader(w.oss()).Upload(w.t.Context(), req)
			return err
		},
		"rename": func(w *world, req resumable.Request, known resumable.ObjectInfo) error {
			_, err := w.uploader(w.oss()).Rename(w.t.Context(), req, elsewhere, known)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1000)
			for _, at := range []string{key, elsewhere.Key} {
				w.server.PutObject(bucket, at, firstContent(1000), http.Header{"Content-Type": {"application/x-test"}})
			}
			known, err := w.oss().HeadObject(t.Context(), elsewhere)
			if err != nil {
				t.Fatal(err)
			}
			w.server.AddRule(osstest.Rule{Op: osstest.CopyObject, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
				w.server.PutObject(bucket, key, []byte("of another writer"), nil)
				return osstest.Fault{}
			})})
			if err := run(w, w.owned(own), known); !errors.Is(err, resumable.ErrPreconditionFailed) {
				t.Errorf("got %v", err)
			}
			if info, _ := w.server.Object(bucket, key); info.Size != int64(len("of another writer")) {
				t.Errorf("the object has %d bytes", info.Size)
			}
		})
	}
}
