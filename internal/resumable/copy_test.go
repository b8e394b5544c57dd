// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// copyWorld has an object that OSS converts only in parts, and a destination
// with another storage class.
type copyWorld struct {
	*world
	before resumable.ObjectInfo
	dst    resumable.Destination
}

func newCopyWorld(t *testing.T, cfg osstest.Config) *copyWorld {
	t.Helper()
	cfg.ConvertLimit = 1000
	w := &copyWorld{world: newWorldOn(t, cfg, scenarioSize)}
	req := w.request()
	req.Destination = w.full()
	w.before, w.dst = w.mustUpload(req).ObjectInfo, req.Destination
	w.dst.Headers.StorageClass = "Standard"
	if !cfg.CopyWithoutCRC64 { // a bucket without versioning has rules of its own
		w.server.SetVersioning(bucket, "Enabled")
	}
	w.server.ResetLog()
	return w
}

func (w *copyWorld) change() (resumable.ObjectInfo, error) { return w.changeOn(w.oss()) }

// changeOn does what the provider does after a refresh: it applies the
// differences.
func (w *copyWorld) changeOn(oss resumable.OSS) (resumable.ObjectInfo, error) {
	w.t.Helper()
	info := w.head()
	if w.dst.Headers.SatisfiedBy(info.Headers) && info.Tags == len(w.dst.Tags) {
		return info, nil
	}
	return w.uploader(oss).Change(w.t.Context(), w.dst, w.request().Options, info)
}

func (w *copyWorld) mustChange() resumable.ObjectInfo {
	w.t.Helper()
	info, err := w.change()
	if err != nil {
		w.t.Fatalf("change: %v\nlog:\n%s", err, w.logged)
	}
	return info
}

// checkCopied checks everything that a copy must not change, and that nothing is
// left of it.
func (w *copyWorld) checkCopied() {
	w.t.Helper()
	w.checkObject()
	w.checkDestination(w.dst)
	w.checkNothingLeft()
	for _, r := range w.server.Requests() {
		if (r.Op == osstest.PutObject || r.Op == osstest.UploadPart) && r.BodyBytes > 0 {
			w.t.Errorf("bytes were sent: %s", r)
		}
	}
}

func (w *copyWorld) checkNothingLeft() {
	w.t.Helper()
	w.checkUploads()
	w.checkDisk()
}

// forget is [world.forget]. The parts of a copy do not show whom it belongs to.
func (w *copyWorld) forget() {
	w.t.Helper()
	w.world.forget()
	for _, upload := range w.server.OpenUploads(bucket) {
		w.others[upload.UploadID] = len(upload.Parts)
	}
}

// The storage class or encryption of a large object changes, without sending
// bytes. Everything else stays.
func TestCopyInParts(t *testing.T) {
	for name, alter := range map[string]func(w *copyWorld){
		"class":      func(*copyWorld) {},
		"encryption": func(w *copyWorld) { w.dst.Headers.Encryption = resumable.Encryption{Algorithm: "AES256"} },
		"all at once": func(w *copyWorld) {
			w.dst.Headers.ContentType = w.request().Headers.ContentType
			w.dst.Headers.CacheControl, w.dst.ACL, w.dst.Tags = "", "private", map[string]string{"new": "1"}
		},
		"ACL not named": func(w *copyWorld) { w.dst.ACL = "" },
		"other tags":    func(w *copyWorld) { w.dst.Tags = nil },
	} {
		for _, hides := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, CRC-64 hidden %v", name, hides), func(t *testing.T) {
				t.Parallel()
				w := newCopyWorld(t, osstest.Config{CopyWithoutCRC64: hides})
				alter(w)
				info := w.mustChange()
				if info.ETag != w.head().ETag || info.Size != w.before.Size || hides != (info.CRC64 == "") {
					t.Errorf("%+v, was %+v", info, w.before)
				}
				w.dst.ACL = cmp.Or(w.dst.ACL, "public-read")
				w.checkCopied()
				if got := w.server.Count(osstest.UploadPartCopy); got != scenarioParts {
					t.Errorf("%d parts copied", got)
				}
			})
		}
	}
}

// ForbidOverwrite does not prevent a change of the object itself.
func TestCopyInParts_forbidOverwrite(t *testing.T) {
	w := newCopyWorld(t, osstest.Config{CopyWithoutCRC64: true})
	w.dst.ForbidOverwrite = true
	w.mustChange()
	w.checkCopied()
}

// The parts of an upload that only OSS knows may be from another object, so a copy leaves
// it alone, even if the copy is interrupted.
func TestCopyInParts_otherUpload(t *testing.T) {
	for _, stored := range []int{0, 1, scenarioParts} {
		t.Run(fmt.Sprintf("%d parts", stored), func(t *testing.T) {
			w := newCopyWorld(t, osstest.Config{CopyWithoutCRC64: true})
			parts := [][]byte{}
			for n := range stored {
				parts = append(parts, randomBytes(9, min(partSize, scenarioSize-n*partSize)))
			}
			w.initiate(parts...)
			w.kill("UploadPartCopy", "after", 2)
			w.mustChange()
			w.checkCopied()
			if got := w.server.Count(osstest.InitiateMultipartUpload); got != 2 {
				t.Errorf("initiated %d times", got)
			}
		})
	}
}

// Tags that the destination does not manage are kept.
func TestCopyInParts_keepsTags(t *testing.T) {
	w := newCopyWorld(t, osstest.Config{})
	dst, known := w.dst, w.before
	dst.Tags, known.Tags = nil, 0
	allow := w.server.DenyActions("oss:GetObjectTagging")
	if _, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, known); !errors.Is(err, resumable.ErrAccessDenied) {
		t.Errorf("tags that may not be read: %v", err)
	}
	allow()
	if _, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, known); err != nil {
		t.Fatal(err)
	}
	w.checkCopied()
}

// Each row is a row of the third crash table in doc.go.
func TestCopyInParts_crash(t *testing.T) {
	rows := []struct {
		name     string
		op, when string
		nth      int
		kept     int  // parts that need not be copied again
		there    bool // the copy was published
	}{
		{"journal begun", "InitiateMultipartUpload", "before", 1, 0, false},
		{"initiated, not journaled", "InitiateMultipartUpload", "after", 1, 0, false},
		{"initiated", "UploadPartCopy", "before", 1, 0, false},
		{"part copied, not journaled", "UploadPartCopy", "after", 1, 1, false},
		{"part journaled", "UploadPartCopy", "before", 3, 2, false},
		{"all parts copied", "CompleteMultipartUpload", "before", 1, scenarioParts, false},
		{"completed, answer lost", "CompleteMultipartUpload", "after", 1, scenarioParts, true},
		{"completed", "HeadObject", "after", 3, scenarioParts, true},
		{"completed, tags not set", "PutObjectTagging", "before", 1, scenarioParts, true},
	}
	for _, row := range rows {
		for _, checkpoint := range []string{"kept", "deleted"} {
			t.Run(row.name+", checkpoint "+checkpoint, func(t *testing.T) {
				t.Parallel()
				w := newCopyWorld(t, osstest.Config{})
				w.kill(row.op, row.when, row.nth)
				if got := w.dst.Headers.SatisfiedBy(w.head().Headers); got != row.there {
					t.Fatalf("after the crash the copy is there: %v", got)
				}
				if checkpoint == "deleted" {
					w.forget()
				}
				w.mustChange()
				again := w.server.Count(osstest.UploadPartCopy) - scenarioParts
				if checkpoint == "kept" && again != 0 || again > row.kept {
					t.Errorf("%d parts were copied again, %d were there", again, row.kept)
				}
				if got := w.server.Count(osstest.InitiateMultipartUpload); got != 1+len(w.others) {
					t.Errorf("initiated %d times", got)
				}
				w.discard() // the next run removes the journal of a published copy
				w.checkCopied()
				if got := len(w.server.Versions(bucket, key)); got != 2 {
					t.Errorf("%d versions, want the old and the new one", got)
				}
			})
		}
	}
}

// kill changes the object in a process that is killed at that call.
func (w *copyWorld) kill(op, when string, nth int) {
	w.t.Helper()
	c := w.child()
	c.Request.Destination, c.Change = w.dst, &w.before
	c.Op, c.When, c.Nth = op, when, nth
	w.crashed(c)
}

func (w *copyWorld) discard() {
	w.t.Helper()
	u := w.uploader(w.oss())
	if err := u.Discard(w.t.Context(), w.dst.Object, w.dir); err != nil {
		w.t.Error(err)
	}
	if _, err := u.Remove(w.t.Context(), resumable.Claim{Object: w.dst.Object}, w.dir, nil); err != nil { // takes the lock of a killed process
		w.t.Error(err)
	}
}

// Each call of a copy is a crash point, before and after OSS has acted; is
// refused; or loses its answer. The object is always the old one or the new one,
// and the next change leaves nothing behind.
func TestCopyInParts_failpoints(t *testing.T) {
	t.Log("FAULT F48: each call of a copy in parts killed, refused, its answer lost")
	probe := newCopyWorld(t, osstest.Config{})
	known := probe.before
	probe.server.ResetLog()
	if _, err := probe.uploader(probe.oss()).Change(t.Context(), probe.dst, probe.request().Options, known); err != nil {
		t.Fatal(err)
	}
	count := map[osstest.Op]int{}
	for _, r := range probe.server.Requests() {
		count[r.Op]++
		nth := count[r.Op]
		for _, what := range failures {
			t.Run(fmt.Sprintf("%s %d, %s", r.Op, nth, what), func(t *testing.T) {
				t.Parallel()
				w := newCopyWorld(t, osstest.Config{})
				if when, killed := strings.CutPrefix(what, "killed "); killed {
					w.kill(string(r.Op), when, nth)
				} else {
					remove := w.server.AddRule(osstest.Rule{Op: r.Op, Nth: nth, Times: 1, Fault: faultOf(what)})
					_, err := w.uploader(w.oss()).Change(t.Context(), w.dst, w.request().Options, w.before)
					if err != nil && what != "refused 403" {
						t.Errorf("the run did not survive: %v\n%s", err, w.logged)
					}
					remove()
					w.settle()
				}
				w.checkObject()
				w.mustChange()
				w.discard()
				w.checkCopied()
				if got := len(w.server.Versions(bucket, key)); got != 2 {
					t.Errorf("%d versions, want the old and the new one", got)
				}
			})
		}
	}
}

// A copy that is no longer needed is aborted by the run that finds it.
func TestCopyInParts_abandoned(t *testing.T) {
	for name, next := range map[string]func(w *copyWorld) error{
		"destroyed": func(w *copyWorld) error {
			return w.uploader(w.oss()).Discard(w.t.Context(), w.dst.Object, w.dir)
		},
		"other bytes": func(w *copyWorld) error {
			w.write(randomBytes(2, scenarioSize))
			req := w.request()
			req.Destination = w.dst
			_, err := w.upload(req)
			return err
		},
		"same bytes": func(w *copyWorld) error {
			req := w.request()
			req.Destination = w.dst
			_, err := w.upload(req)
			return err
		},
		"other class": func(w *copyWorld) error {
			w.dst.Headers.StorageClass = "Archive"
			_, err := w.change()
			return err
		},
		"old class, other type": func(w *copyWorld) error {
			w.dst.Headers.StorageClass, w.dst.Headers.CacheControl = "IA", ""
			_, err := w.change()
			return err
		},
		"old class, other tags": func(w *copyWorld) error {
			w.dst.Headers.StorageClass, w.dst.Tags = "IA", map[string]string{"a": "b"}
			_, err := w.uploader(w.oss()).Change(w.t.Context(), w.dst, w.request().Options, w.before)
			return err
		},
		"object was replaced": func(w *copyWorld) error {
			w.server.PutObject(bucket, key, randomBytes(3, scenarioSize), http.Header{"X-Oss-Storage-Class": {"IA"}})
			_, err := w.change()
			w.write(randomBytes(3, scenarioSize))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCopyWorld(t, osstest.Config{})
			w.kill("UploadPartCopy", "after", 2)
			abandoned := w.server.OpenUploads(bucket)[0].UploadID
			if err := next(w); err != nil {
				t.Fatalf("%v\n%s", err, w.logged)
			}
			w.checkObject()
			w.checkNothingLeft()
			for _, r := range w.server.Requests() {
				if r.Op == osstest.CompleteMultipartUpload && r.UploadID == abandoned {
					t.Errorf("the abandoned copy was completed: %s", r)
				}
			}
			if name != "destroyed" {
				w.checkDestination(w.dst)
			}
		})
	}
}

// A change that needs no journal leaves an open upload alone. A copy in parts
// abandons it, because its bytes are outdated.
func TestCopyInParts_meetsUpload(t *testing.T) {
	w := newCopyWorld(t, osstest.Config{})
	w.write(randomBytes(2, scenarioSize))
	w.interrupted(w.request(), 2)
	w.write(randomBytes(1, scenarioSize))
	tagged := w.full()
	tagged.Tags = map[string]string{"a": "b"}
	w.server.ResetLog()
	if _, err := w.uploader(w.oss()).Change(t.Context(), tagged, w.request().Options, w.before); err != nil {
		t.Fatal(err)
	}
	if len(w.server.OpenUploads(bucket)) != 1 {
		t.Error("the upload is gone")
	}
	w.mustChange()
	w.checkCopied()
}

// Another writer replaces the object while it is copied. The new object stays.
func TestCopyInParts_replacedDuringCopy(t *testing.T) {
	w := newCopyWorld(t, osstest.Config{})
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, Nth: 3, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		w.server.PutObject(bucket, key, randomBytes(3, scenarioSize), nil)
		return osstest.Fault{}
	})})
	_, err := w.change()
	up := asUploadError(t, err)
	if !errors.Is(err, resumable.ErrPreconditionFailed) || !up.Copy || up.UploadID == "" || !strings.Contains(err.Error(), "copy part ") {
		t.Errorf("got %v", err)
	}
	w.write(randomBytes(3, scenarioSize))
	w.dst.Headers = resumable.Headers{ContentType: w.request().Headers.ContentType, StorageClass: "IA"}
	w.mustChange()
	w.checkCopied()
}

// rangeOSS copies another range than requested, a limited number of times.
type rangeOSS struct {
	resumable.OSS
	times *int
	other resumable.Range
}

func (o rangeOSS) UploadPartCopy(ctx context.Context, up resumable.Upload, number int, from resumable.Range) (resumable.StoredPart, error) {
	if number == 2 && *o.times > 0 {
		*o.times--
		part, err := o.OSS.UploadPartCopy(ctx, up, number, resumable.Range{CopySource: from.CopySource, Offset: o.other.Offset, Size: o.other.Size})
		part.Size = from.Size
		return part, err
	}
	return o.OSS.UploadPartCopy(ctx, up, number, from)
}

// OSS copies the whole object instead of a range that it does not accept. The
// part is copied again; nothing is published with it.
func TestCopyInParts_rangeIgnored(t *testing.T) {
	w := newCopyWorld(t, osstest.Config{})
	once := 1
	if _, err := w.changeOn(rangeOSS{w.oss(), &once, resumable.Range{Offset: 0, Size: scenarioSize}}); err != nil {
		t.Fatal(err)
	}
	w.checkCopied()
	if got := w.server.Count(osstest.UploadPartCopy); got != scenarioParts+1 {
		t.Errorf("%d parts copied", got)
	}
}

// Another machine completes the same change while OSS holds unexpected parts.
// The copy is no longer needed and is aborted.
func TestCopyInParts_completedByAnotherMachine(t *testing.T) {
	w := newCopyWorld(t, osstest.Config{})
	w.server.AddRule(osstest.Rule{Op: osstest.ListParts, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		w.server.SetHeader(bucket, key, "x-oss-storage-class", "Standard")
		return osstest.Fault{}
	})})
	once := 1
	if _, err := w.changeOn(rangeOSS{w.oss(), &once, resumable.Range{Offset: 0, Size: scenarioSize}}); err != nil {
		t.Fatal(err)
	}
	w.checkCopied()
	if got := w.server.Count(osstest.CompleteMultipartUpload); got != 0 {
		t.Errorf("completed %d times", got)
	}
}

// Parts that do not add up to the object are not published, and are aborted.
func TestCopyInParts_wrongBytes(t *testing.T) {
	w := newCopyWorld(t, osstest.Config{})
	once := 1
	_, err := w.changeOn(rangeOSS{w.oss(), &once, resumable.Range{Offset: 0, Size: partSize}})
	if err == nil || !strings.Contains(err.Error(), "OSS copied the wrong bytes") {
		t.Errorf("got %v", err)
	}
	if open := w.server.OpenUploads(bucket); len(open) != 0 || w.head().ETag != w.before.ETag {
		t.Errorf("uploads %+v, object %+v", open, w.head())
	}
	w.mustChange()
	w.checkCopied()
}

// An upload that finds its bytes copies them in parts to change the storage
// class.
func TestUpload_setsHeadersOfLargeObject(t *testing.T) {
	w := newCopyWorld(t, osstest.Config{})
	req := w.request()
	req.Destination = w.dst
	if result := w.mustUpload(req); !result.Stats.Adopted || result.Headers.StorageClass != "Standard" {
		t.Errorf("%+v", result)
	}
	w.checkCopied()
}

// An archived object cannot be copied before it is restored.
func TestChange_archived(t *testing.T) {
	w := newCopyWorld(t, osstest.Config{})
	w.server.SetHeader(bucket, key, "x-oss-storage-class", "ColdArchive")
	if _, err := w.change(); !errors.Is(err, resumable.ErrArchived) || !strings.Contains(err.Error(), "InvalidObjectState") {
		t.Errorf("got %v", err)
	}
	w.checkObject()
	w.discard()
	w.checkNothingLeft()
}
