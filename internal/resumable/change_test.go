// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"cmp"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// full returns a destination with all attributes that an object can have.
func (w *world) full() resumable.Destination {
	dst := w.request().Destination
	dst.Headers = resumable.Headers{
		ContentType:        dst.Headers.ContentType,
		CacheControl:       "no-cache",
		ContentDisposition: `attachment; filename="a b.txt"`,
		ContentEncoding:    "identity",
		ContentLanguage:    "de",
		Expires:            "Thu, 01 Dec 2094 16:00:00 GMT",
		Metadata:           map[string]string{"owner": "me", "long-name": "two words"},
		StorageClass:       "IA",
		Encryption:         resumable.Encryption{Algorithm: "KMS", DataAlgorithm: "SM4", KMSKeyID: "key-1"},
	}
	dst.Tags = map[string]string{"a+b": "c=d", "e f": "g:/._-"}
	dst.ACL = "public-read"
	return dst
}

// checkDestination compares the attributes of the object with dst.
func (w *world) checkDestination(dst resumable.Destination) {
	w.t.Helper()
	info := w.head()
	if !dst.Headers.SatisfiedBy(info.Headers) || info.Tags != len(dst.Tags) {
		w.t.Errorf("object has %d tags, headers %+v, want %+v", info.Tags, info.Headers, dst.Headers)
	}
	object, _ := w.server.Object(bucket, key)
	if object.ACL != cmp.Or(dst.ACL, "default") || !maps.Equal(object.Tags, dst.Tags) {
		w.t.Errorf("object has ACL %s, tags %v, want %s, %v", object.ACL, object.Tags, dst.ACL, dst.Tags)
	}
}

func (w *world) head() resumable.ObjectInfo {
	w.t.Helper()
	info, err := w.oss().HeadObject(w.t.Context(), w.request().Object)
	if err != nil {
		w.t.Fatal(err)
	}
	return info
}

// checkWrites compares the requests that write with want.
func (w *world) checkWrites(want map[osstest.Op]int) {
	w.t.Helper()
	got := map[osstest.Op]int{}
	for _, r := range w.server.Requests() {
		if r.Op.Writes() {
			got[r.Op]++
		}
	}
	if !maps.Equal(got, want) {
		w.t.Errorf("requests that write: %v, want %v", got, want)
	}
}

var changes = map[string]struct {
	alter func(*resumable.Destination)
	op    osstest.Op
}{
	"headers": {func(dst *resumable.Destination) {
		dst.Headers.ContentType, dst.Headers.Metadata = "text/new", map[string]string{"new": "1"}
	}, osstest.CopyObject},
	"class":       {func(dst *resumable.Destination) { dst.Headers.StorageClass = "Standard" }, osstest.CopyObject},
	"encryption":  {func(dst *resumable.Destination) { dst.Headers.Encryption = resumable.Encryption{Algorithm: "AES256"} }, osstest.CopyObject},
	"data cipher": {func(dst *resumable.Destination) { dst.Headers.Encryption.DataAlgorithm = "" }, osstest.CopyObject},
	"ACL":         {func(dst *resumable.Destination) { dst.ACL = "private" }, osstest.PutObjectACL},
	"tags":        {func(dst *resumable.Destination) { dst.Tags = map[string]string{"new": ""} }, osstest.PutObjectTagging},
	"no tags":     {func(dst *resumable.Destination) { dst.Tags = nil }, osstest.DeleteObjectTagging},
}

// Each change meets each fault. The first call, or after a permanent error the
// next one, completes it. The bytes stay, and none are sent.
func TestChange_faults(t *testing.T) {
	t.Log("FAULT F48: copy, ACL and tagging refused, answered by nonsense, answer lost and cut")
	html := "<html><body>502 Bad Gateway</body></html>"
	for fault, f := range map[string]struct {
		osstest.Fault
		fatal bool
	}{
		"none":           {},
		"503":            {Fault: osstest.Refuse(503, "ServiceUnavailable")},
		"403":            {Fault: osstest.Refuse(403, "AccessDenied"), fatal: true},
		"answer lost":    {Fault: osstest.LoseAnswer()},
		"answer cut":     {Fault: osstest.CutAnswer(10)},
		"HTML 200":       {Fault: osstest.Garbage(200, "text/html", html)},
		"HTML 200 after": {Fault: osstest.GarbageAfter(200, "text/html", html)},
		"error in 200":   {Fault: osstest.Garbage(200, "application/xml", "<Error><Code>InternalError</Code></Error>")},
	} {
		for name, change := range changes {
			t.Run(name+", "+fault, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, 3*partSize)
				req := w.request()
				req.Destination = w.full()
				before := w.mustUpload(req).ObjectInfo
				w.server.SetVersioning(bucket, "Enabled")
				w.server.ResetLog()
				dst := req.Destination
				change.alter(&dst)
				w.server.AddRule(osstest.Rule{Op: change.op, Times: 1, Fault: f.Fault})

				info, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, before)
				if f.fatal != errors.Is(err, resumable.ErrAccessDenied) || !f.fatal && err != nil {
					t.Fatalf("got %v\n%s", err, w.logged)
				}
				if info.ETag != w.head().ETag {
					t.Errorf("ETag %s is returned, %s the object's", info.ETag, w.head().ETag)
				}
				if err != nil {
					if info, err = w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, info); err != nil {
						t.Fatal(err)
					}
				}
				if info.Tags != len(dst.Tags) || !dst.Headers.SatisfiedBy(info.Headers) || info.Size != before.Size || info.CRC64 != before.CRC64 {
					t.Errorf("%+v", info)
				}
				w.checkDestination(dst)
				if w.server.Count(osstest.PutObject)+w.server.Count(osstest.UploadPart) != 0 {
					t.Error("bytes were sent")
				}
				wantVersions := 1
				if change.op == osstest.CopyObject {
					wantVersions = 2
				}
				if got := len(w.server.Versions(bucket, key)); got != wantVersions {
					t.Errorf("%d versions, want %d", got, wantVersions)
				}
			})
		}
	}
}

// A change that needs no copy makes none, and does not repeat what a copy has
// set.
func TestChange_asksOnlyForWhatDiffers(t *testing.T) {
	w := newWorld(t, 1000)
	req := w.request()
	plain := w.mustUpload(req).ObjectInfo
	change := func(dst resumable.Destination, known resumable.ObjectInfo, want map[osstest.Op]int) resumable.ObjectInfo {
		t.Helper()
		w.server.ResetLog()
		info, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, known)
		if err != nil {
			t.Fatal(err)
		}
		w.checkWrites(want)
		w.checkDestination(dst)
		return info
	}
	change(req.Destination, plain, map[osstest.Op]int{})
	full := change(w.full(), plain, map[osstest.Op]int{osstest.CopyObject: 1, osstest.PutObjectTagging: 1})
	change(w.full(), full, map[osstest.Op]int{osstest.PutObjectACL: 1, osstest.PutObjectTagging: 1})
}

// Attributes that the configuration leaves open are unchanged, whatever the
// bucket would choose for a new object.
func TestChange_leavesTheRestAlone(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		w := newWorld(t, 1000)
		req := w.request()
		req.Destination = w.full()
		before := w.mustUpload(req).ObjectInfo
		w.server.SetEncryption(bucket, "AES256", "")
		dst := w.full()
		dst.Headers.ContentType, dst.Headers.StorageClass, dst.Headers.Encryption, dst.ACL = "text/new", "", resumable.Encryption{}, ""
		known := before
		known.Headers = resumable.Headers{} // they are read from OSS
		dst.Tags, known.Tags = nil, 0       // tags are not managed
		if _, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, known); err != nil {
			t.Fatal(err)
		}
		want := w.full()
		want.Headers.ContentType = "text/new"
		w.checkDestination(want)

		// Tags that are known are removed, also when HeadObject does not tell of them.
		if hidden {
			defer w.server.DenyActions("oss:GetObjectTagging")()
		}
		w.server.ResetLog()
		known.Tags = len(want.Tags)
		if _, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, known); err != nil {
			t.Fatal(err)
		}
		w.checkWrites(map[osstest.Op]int{osstest.DeleteObjectTagging: 1})
	}
}

// An object of another writer is left alone, including its ACL and tags.
func TestChange_otherObject(t *testing.T) {
	w := newWorld(t, 1000)
	before := w.mustUpload(w.request()).ObjectInfo
	for name, alter := range map[string]func(*resumable.ObjectInfo){
		"ETag":   func(info *resumable.ObjectInfo) { info.ETag = "OTHER" },
		"size":   func(info *resumable.ObjectInfo) { info.Size++ },
		"CRC-64": func(info *resumable.ObjectInfo) { info.CRC64 = "1" },
	} {
		w.server.ResetLog()
		known := before
		alter(&known)
		_, err := w.uploader(w.oss()).Change(t.Context(), w.full(), w.request().Options, known)
		if !errors.Is(err, resumable.ErrPreconditionFailed) || !strings.Contains(err.Error(), before.ETag) {
			t.Errorf("%s: %v", name, err)
		}
		w.checkWrites(map[osstest.Op]int{})
	}
	// The other writer replaces the object between HeadObject and the copy.
	w.server.AddRule(osstest.Rule{Op: osstest.CopyObject, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		w.server.PutObject(bucket, key, []byte("other"), nil)
		return osstest.Fault{}
	})})
	if _, err := w.uploader(w.oss()).Change(t.Context(), w.full(), w.request().Options, before); !errors.Is(err, resumable.ErrPreconditionFailed) {
		t.Errorf("got %v", err)
	}
	w.server.DeleteObject(bucket, key)
	if _, err := w.uploader(w.oss()).Change(t.Context(), w.full(), w.request().Options, before); !errors.Is(err, resumable.ErrNoSuchKey) {
		t.Errorf("got %v", err)
	}
	if w.objectBytes() != nil {
		t.Error("the object exists again")
	}
}

// A copy may lack the CRC-64. Its size and headers are sufficient proof.
func TestChange_copyWithoutCRC64(t *testing.T) {
	w := newWorldOn(t, osstest.Config{CopyWithoutCRC64: true}, 1000)
	known := w.mustUpload(w.request()).ObjectInfo
	for _, contentType := range []string{"text/one", "text/two"} {
		dst := w.request().Destination
		dst.Headers.ContentType = contentType
		info, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, known)
		if err != nil || info.CRC64 != "" || info.Headers.ContentType != contentType {
			t.Errorf("%+v, %v", info, err)
		}
	}
}

// Keeping the ACL needs the permission to read it. Without it, nothing is
// copied. The permission to write the ACL is needed only for an ACL other than
// the default.
func TestChange_permissionsForACL(t *testing.T) {
	w := newWorld(t, 1000)
	before := w.mustUpload(w.request()).ObjectInfo
	dst := w.request().Destination
	dst.Headers.ContentType = "text/one"
	allow := w.server.DenyActions("oss:PutObjectAcl")
	if _, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, before); err != nil {
		t.Error(err)
	}
	allow()
	defer w.server.DenyActions("oss:GetObjectAcl")()
	w.server.ResetLog()
	dst.Headers.ContentType = "text/two"
	if _, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, w.head()); !errors.Is(err, resumable.ErrAccessDenied) || !strings.Contains(err.Error(), "GetObjectAcl") {
		t.Errorf("got %v", err)
	}
	w.checkWrites(map[osstest.Op]int{})
	dst.ACL = "private"
	if _, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, w.head()); err != nil {
		t.Error(err)
	}
}
