// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const markHeader = "x-oss-meta-ossresumable-owner"

// newSourceWorld is a renameWorld whose object belongs to another instance. The
// destination asks for other headers than that object has.
func newSourceWorld(t *testing.T, cfg osstest.Config, from resumable.Object) *renameWorld {
	t.Helper()
	w := newRenameWorld(t, cfg, from)
	w.server.SetHeader(from.Bucket, from.Key, markHeader, "staging")
	w.dst = w.request().Destination
	w.dst.Headers.CacheControl = "no-store"
	w.dst.Headers.Mark = "production"
	w.logged.Reset()
	return w
}

func (w *renameWorld) hideCRC64() {
	w.known.CRC64 = ""
	w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader("x-oss-hash-crc64ecma", "")})
}

func (w *renameWorld) promotion() resumable.Request {
	req := w.renaming()
	req.Source = ""
	req.SourceObject = resumable.SourceObject{Object: w.from, CRC64: w.known.CRC64, Size: &w.known.Size}
	return req
}

func (w *renameWorld) promote() (resumable.Result, error) {
	w.t.Helper()
	return w.uploader(w.oss()).Upload(w.t.Context(), w.promotion())
}

func (w *renameWorld) mustPromote() resumable.Result {
	w.t.Helper()
	result, err := w.promote()
	if err != nil {
		w.t.Fatalf("%v\nlog:\n%s", err, w.logged)
	}
	w.checkPromoted()
	if info := w.head(); result.ETag != info.ETag || result.CopiedFrom.ETag != w.known.ETag || result.Owner != info.Headers.Mark {
		w.t.Errorf("%+v, OSS says %+v", result, info)
	}
	return result
}

// checkPromoted checks that no bytes passed through this process, and that the copy
// has what the request asks for and nothing of the source but its bytes.
func (w *renameWorld) checkPromoted() {
	w.t.Helper()
	w.checkRenamed()
	for _, r := range w.server.Requests() {
		if r.Op == osstest.PutObject || r.Op == osstest.UploadPart || r.Op == osstest.GetObject {
			w.t.Errorf("sent %s", r)
		}
	}
	object, _ := w.server.Object(bucket, key)
	if class := object.Header.Get("x-oss-storage-class"); class == "IA" || object.Header.Get("x-oss-server-side-encryption") != "" {
		w.t.Errorf("storage class %q and encryption %q are the source's", class, object.Header.Get("x-oss-server-side-encryption"))
	}
	if old, _ := w.server.Object(w.from.Bucket, w.from.Key); old.Header.Get(markHeader) != "staging" {
		w.t.Errorf("the source has the mark %q", old.Header.Get(markHeader))
	}
}

func TestUpload_sourceObject(t *testing.T) {
	for name, row := range map[string]struct {
		from  resumable.Object
		cfg   osstest.Config
		alter func(*renameWorld)
		parts int
	}{
		"in parts":             {otherBucket, osstest.Config{}, func(*renameWorld) {}, scenarioParts},
		"in one request":       {sameBucket, osstest.Config{}, func(w *renameWorld) { w.smallSource() }, 0},
		"without CRC-64":       {otherBucket, osstest.Config{CopyWithoutCRC64: true}, func(w *renameWorld) { w.hideCRC64() }, scenarioParts},
		"over another object":  {otherBucket, osstest.Config{}, func(w *renameWorld) { w.server.PutObject(bucket, key, []byte("old"), nil) }, scenarioParts},
		"over one of its size": {otherBucket, osstest.Config{}, func(w *renameWorld) { w.server.PutObject(bucket, key, randomBytes(4, scenarioSize), nil) }, scenarioParts},
		"must not overwrite":   {otherBucket, osstest.Config{}, func(w *renameWorld) { w.dst.ForbidOverwrite = true }, scenarioParts},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newSourceWorld(t, row.cfg, row.from)
			row.alter(w)
			w.server.ResetLog()
			result := w.mustPromote()
			if got := w.server.Count(osstest.UploadPartCopy); got != row.parts || result.Stats.BytesCopied != w.known.Size {
				t.Errorf("%d parts copied; %+v", got, result.Stats)
			}
			if result.Fingerprint.SHA256 != "" || result.Fingerprint.Size != w.known.Size || result.Fingerprint.CRC64 != w.known.CRC64 {
				t.Errorf("fingerprint %+v", result.Fingerprint)
			}
			if row.parts > 0 && !strings.Contains(w.logged.String(), "copying oss://bucket/dir/image.qcow2 inside OSS") || strings.Contains(w.logged.String(), "uploading") {
				t.Errorf("log:\n%s", w.logged)
			}
		})
	}
}

// smallSource replaces the source by an object that one CopyObject can convert.
func (w *renameWorld) smallSource() {
	w.t.Helper()
	content := []byte("small")
	w.write(content)
	w.server.PutObject(w.from.Bucket, w.from.Key, content, http.Header{
		"X-Oss-Storage-Class": {"IA"}, "X-Oss-Meta-Ossresumable-Owner": {"staging"}, "X-Oss-Meta-Other": {"x"}, "X-Oss-Tagging": {"a=b"},
	})
	info, err := w.oss().HeadObject(w.t.Context(), w.from)
	if err != nil {
		w.t.Fatal(err)
	}
	w.known = info
}

// An object that has the bytes already is adopted, unless OSS refuses to change its
// headers. Then it is replaced by a copy of the source.
func TestUpload_sourceObjectAdopts(t *testing.T) {
	for _, archived := range []bool{false, true} {
		t.Run(fmt.Sprint("archived ", archived), func(t *testing.T) {
			t.Parallel()
			w := newSourceWorld(t, osstest.Config{}, otherBucket)
			header := http.Header{}
			if archived {
				header.Set("X-Oss-Storage-Class", "ColdArchive")
			}
			w.server.PutObject(bucket, key, randomBytes(1, scenarioSize), header)
			w.dst.Headers.StorageClass = "Standard"
			if result := w.mustPromote(); result.Stats.Adopted == archived {
				t.Errorf("%+v", result.Stats)
			}
		})
	}
}

// An error about the object alone does not name the source.
func TestUpload_sourceObjectNotBlamed(t *testing.T) {
	w := newSourceWorld(t, osstest.Config{}, otherBucket)
	w.dst.ACL = "private"
	w.mustPromote()
	w.server.AddRule(osstest.Rule{Op: osstest.PutObjectACL, Fault: osstest.Refuse(403, "AccessDenied")})
	_, err := w.promote()
	if source, blamed := errors.AsType[*resumable.SourceObjectError](err); !errors.Is(err, resumable.ErrAccessDenied) || blamed {
		t.Errorf("%v; %v", err, source)
	}
}

// A version that is not the current one can be copied.
func TestUpload_sourceObjectVersion(t *testing.T) {
	w := newSourceWorld(t, osstest.Config{}, otherBucket)
	w.server.SetVersioning(otherBucket.Bucket, "Enabled")
	w.server.PutObject(otherBucket.Bucket, otherBucket.Key, randomBytes(1, scenarioSize), nil)
	version := w.server.Versions(otherBucket.Bucket, otherBucket.Key)[1].VersionID
	w.server.PutObject(otherBucket.Bucket, otherBucket.Key, []byte("newer"), nil)
	req := w.promotion()
	req.SourceObject.VersionID = version
	if _, err := w.uploader(w.oss()).Upload(t.Context(), req); err != nil {
		t.Fatalf("%v\n%s", err, w.logged)
	}
	w.checkObject()
	req.SourceObject.VersionID = "CAEQgone"
	if _, err := w.uploader(w.oss()).Upload(t.Context(), req); !errors.Is(err, resumable.ErrNoSuchVersion) {
		t.Error(err)
	}
}

// Whatever makes the copy impossible is one error that names the source, and
// nothing is written.
func TestUpload_sourceObjectRefused(t *testing.T) {
	refuse := func(op osstest.Op, status int, code string) func(*renameWorld) {
		return func(w *renameWorld) { w.server.AddRule(osstest.Rule{Op: op, Fault: osstest.Refuse(status, code)}) }
	}
	replace := func(header http.Header) func(*renameWorld) {
		return func(w *renameWorld) {
			w.server.PutObject(w.from.Bucket, w.from.Key, randomBytes(1, scenarioSize), header)
		}
	}
	for name, row := range map[string]struct {
		prepare func(*renameWorld)
		err     error
		text    string
	}{
		"missing":         {func(w *renameWorld) { w.server.DeleteObject(w.from.Bucket, w.from.Key) }, resumable.ErrNoSuchKey, ""},
		"bucket missing":  {func(w *renameWorld) { w.from.Bucket = "never" }, resumable.ErrNoSuchBucket, ""},
		"denied":          {refuse(osstest.HeadObject, 403, "AccessDenied"), resumable.ErrAccessDenied, ""},
		"replaced":        {func(w *renameWorld) { w.server.PutObject(w.from.Bucket, w.from.Key, randomBytes(9, scenarioSize), nil) }, resumable.ErrSourceNotPlanned, "CRC-64"},
		"other size":      {func(w *renameWorld) { w.known.CRC64, w.known.Size = "", 5 }, resumable.ErrSourceNotPlanned, "size 5"},
		"archived":        {replace(http.Header{"X-Oss-Storage-Class": {"ColdArchive"}}), resumable.ErrArchived, ""},
		"a symbolic link": {func(w *renameWorld) { w.server.PutSymlink(w.from.Bucket, w.from.Key, "target") }, resumable.ErrNotCopyable, "symbolic link"},
		"appendable": {func(w *renameWorld) {
			w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader("x-oss-object-type", "Appendable")})
		}, resumable.ErrNotCopyable, "appendable"},
		"copy denied":    {refuse(osstest.UploadPartCopy, 403, "AccessDenied"), resumable.ErrAccessDenied, "UploadPartCopy"},
		"gone meanwhile": {refuse(osstest.UploadPartCopy, 404, "NoSuchKey"), resumable.ErrNoSuchKey, "UploadPartCopy"},
		"too large": {func(w *renameWorld) {
			w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader("Content-Length", "53687091200001")})
		}, resumable.ErrNotCopyable, "53687091200000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newSourceWorld(t, osstest.Config{}, otherBucket)
			w.server.PutObject(w.from.Bucket, "target", []byte("bytes"), nil)
			w.server.PutObject(bucket, key, []byte("before"), nil)
			row.prepare(w)
			_, err := w.promote()
			var source *resumable.SourceObjectError
			if !errors.Is(err, row.err) || !errors.As(err, &source) || source.Object != w.from || !containsAll(err, w.from.String(), row.text) {
				t.Errorf("%v", err)
			}
			if string(w.objectBytes()) != "before" || w.server.Count(osstest.CompleteMultipartUpload) != 0 {
				t.Error("the object was changed")
			}
		})
	}
}

// The source is replaced after some parts were copied. The next run starts again
// with the new source, and no part of the old one is in the object.
func TestUpload_sourceObjectReplacedBetweenParts(t *testing.T) {
	w := newSourceWorld(t, osstest.Config{}, otherBucket)
	w.server.PutObject(bucket, key, []byte("before"), nil)
	newer := randomBytes(7, scenarioSize)
	parts := 0
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		if parts++; parts == 3 {
			w.server.PutObject(w.from.Bucket, w.from.Key, newer, http.Header{markHeader: {"staging"}})
		}
		return osstest.Fault{}
	})})
	req := w.promotion()
	req.Parallelism = 1
	_, err := w.uploader(w.oss()).Upload(t.Context(), req)
	var source *resumable.SourceObjectError
	if !errors.Is(err, resumable.ErrPreconditionFailed) || !errors.As(err, &source) || asUploadError(t, err).PartsStored != 2 {
		t.Fatal(err)
	}
	if string(w.objectBytes()) != "before" {
		t.Error("the object was changed")
	}
	w.settle()
	w.write(newer)
	info, err := w.oss().HeadObject(t.Context(), w.from)
	if err != nil {
		t.Fatal(err)
	}
	w.known = info
	if result := w.mustPromote(); result.Stats.PartsKept != 0 {
		t.Errorf("%+v", result.Stats)
	}
}

// Each call of a copy, by one request and in parts, is a crash point, before and
// after OSS has acted; is refused; or loses its answer. The next run copies only
// the parts that OSS does not have.
func TestUpload_sourceObjectFailpoints(t *testing.T) {
	for _, whole := range []bool{true, false} {
		world := func(t *testing.T) *renameWorld {
			w := newSourceWorld(t, osstest.Config{}, otherBucket)
			if whole {
				w.smallSource()
			}
			w.server.SetVersioning(bucket, "Enabled")
			w.server.PutObject(bucket, key, []byte("other"), nil)
			w.server.ResetLog()
			return w
		}
		probe := world(t)
		if _, err := probe.promote(); err != nil {
			t.Fatal(err)
		}
		count := map[osstest.Op]int{}
		for _, r := range probe.server.Requests() {
			count[r.Op]++
			nth := count[r.Op]
			for _, what := range failures {
				t.Run(fmt.Sprintf("whole %v, %s %d, %s", whole, r.Op, nth, what), func(t *testing.T) {
					t.Parallel()
					w := world(t)
					c := w.child()
					c.Request = w.promotion()
					w.failAt(r.Op, nth, what, c, w.promote)
					if got := w.objectBytes(); string(got) != "other" && int64(len(got)) != w.known.Size {
						t.Fatalf("a part of the object was published: %d bytes", len(got))
					}
					w.mustPromote()
					if whole {
						return
					}
					if got := w.server.Count(osstest.InitiateMultipartUpload); got > 2 {
						t.Errorf("initiated %d times", got)
					}
					if got := len(w.server.Versions(bucket, key)); got != 2 {
						t.Errorf("%d versions, want the old and the new one", got)
					}
					if again := w.server.Count(osstest.UploadPartCopy) - scenarioParts; again > 1 {
						t.Errorf("%d parts were copied again", again)
					}
				})
			}
		}
	}
}

// If the source becomes a file, the interrupted copy is aborted.
func TestUpload_sourceObjectThenFile(t *testing.T) {
	w := newSourceWorld(t, osstest.Config{}, otherBucket)
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, PartNumber: 3, Fault: osstest.Refuse(403, "AccessDenied")})
	if _, err := w.promote(); !errors.Is(err, resumable.ErrAccessDenied) {
		t.Fatal(err)
	}
	w.settle()
	w.server.ClearRules()
	w.write(randomBytes(5, scenarioSize))
	req := w.renaming()
	if _, err := w.uploader(w.oss()).Upload(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(w.objectBytes(), randomBytes(5, scenarioSize)) || len(w.server.OpenUploads(bucket)) != 0 {
		t.Error("the file was not uploaded, or the copy is still open")
	}
}

// A rename whose copy is refused copies the source object, and sends nothing.
func TestRename_sourceObject(t *testing.T) {
	w := newSourceWorld(t, osstest.Config{}, otherBucket)
	w.smallSource()
	w.server.AddRule(osstest.Rule{Op: osstest.CopyObject, Times: 1, Fault: osstest.Refuse(403, "AccessDenied")})
	old := resumable.Object{Bucket: bucket, Key: "old"}
	w.server.PutObject(bucket, old.Key, []byte("small"), nil)
	known, err := w.oss().HeadObject(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	w.server.ResetLog()
	if _, err := w.uploader(w.oss()).Rename(t.Context(), w.promotion(), old, known); err != nil {
		t.Fatalf("%v\n%s", err, w.logged)
	}
	w.checkPromoted()
	if got := w.server.Count(osstest.CopyObject); got != 2 {
		t.Errorf("%d copies", got)
	}
}
