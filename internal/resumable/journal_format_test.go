// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// Journals as version 1 of the format has them. Journals like these are on disks,
// so these texts stay as they are. Only the upload IDs are the server's.
const (
	journalName = "v1-5d2483097244e6e5f2685f6c6fef9625f69724e0.journal"

	uploadJournal = `ab543d94 {"t":"journal","v":1}
9125cedd {"t":"doomed","upload_id":"GIVEN-UP"}
73ba2927 {"t":"begin","begin":{"time":"2026-11-29T19:27:28.771597552Z","endpoint":"oss.example.com","bucket":"bucket","key":"dir/image.qcow2","source":"/home/user/image.qcow2","size":409600,"sha256":"272df5e8e71e3e34b6e0da6e11578460241e68a14104525f6dcb2194f40a67a7","crc64":"11524219126407018337","part_size":102400,"headers":"c0dda4f4f838d1c9430ff4c5c473a1f13c84a8bb1750dadbfe33dbcca7bfcf8a"}}
2e8ae05b {"t":"initiated","upload_id":"16B3ED2C64BE526D3ABA70240CE746FF"}
05aaf72d {"t":"part","part":{"n":1,"size":102400,"etag":"E072BB9665704B03249A8022CC255432","crc64":"5811316961314040342"}}
2ba890a8 {"t":"part","part":{"n":2,"size":102400,"etag":"905A55196422A0B55DEDA5BE72B301B2","crc64":"3631166606995778686"}}
`
	copyJournal = `ab543d94 {"t":"journal","v":1}
901d716e {"t":"begin","begin":{"time":"2026-11-29T19:27:29.229108455Z","endpoint":"oss.example.com","bucket":"bucket","key":"dir/image.qcow2","source":"oss://bucket/dir/image.qcow2","copy_of":"3990B75C1BEF2CF0388346FAD2222B1F-4","size":409583,"sha256":"","crc64":"15426346966552342433","part_size":102400,"headers":"d97de04dc07603980d2670e8a29b9026097fa27cfc9307ed07238a10669d6fae","storage_class":"Standard","encryption":"KMS SM4 key-1"}}
a11f50b8 {"t":"initiated","upload_id":"87CC08748DE6D806AA78D09FA9DA9F3E"}
05aaf72d {"t":"part","part":{"n":1,"size":102400,"etag":"E072BB9665704B03249A8022CC255432","crc64":"5811316961314040342"}}
`
)

// journaled begins an upload to dst with the first parts of the source, and a
// journal with this text that names it. OSS lists nothing, so only the journal
// has the parts.
func (w *world) journaled(dst resumable.Destination, text string, parts int) (id, abandoned string) {
	w.t.Helper()
	ids := make([]string, 2)
	for i := range ids {
		upload, err := w.oss().InitiateMultipartUpload(w.t.Context(), dst)
		if err != nil {
			w.t.Fatal(err)
		}
		ids[i] = upload.UploadID
	}
	source, err := os.ReadFile(w.source)
	if err != nil {
		w.t.Fatal(err)
	}
	for n := range parts {
		w.server.ReplacePart(ids[0], n+1, source[n*partSize:(n+1)*partSize])
	}
	path := filepath.Join(w.dir, journalName)
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	rewrite(w.t, path, func(line map[string]any) {
		switch line["t"] {
		case "initiated":
			line["upload_id"] = ids[0]
		case "doomed":
			line["upload_id"] = ids[1]
		}
	})
	for _, op := range []osstest.Op{osstest.ListParts, osstest.ListMultipartUploads} {
		w.server.AddRule(osstest.Rule{Op: op, Fault: osstest.Refuse(403, "AccessDenied")})
	}
	w.server.ResetLog()
	return ids[0], ids[1]
}

// completed checks that the upload was completed, and no other.
func (w *world) completed(id string) {
	w.t.Helper()
	for _, r := range w.server.Requests() {
		if r.Op == osstest.InitiateMultipartUpload || r.Op == osstest.CompleteMultipartUpload && r.UploadID != id {
			w.t.Errorf("%s", r)
		}
	}
}

// An upload from an earlier release is continued.
func TestJournal_formatOfUpload(t *testing.T) {
	w := newWorld(t, 4*partSize)
	id, _ := w.journaled(w.request().Destination, uploadJournal, 2)
	result := w.mustUpload(w.request())
	got := sent(w.server)
	slices.Sort(got)
	if result.Stats.PartsKept != 2 || !slices.Equal(got, []int{3, 4}) {
		t.Errorf("stats %+v, sent %v", result.Stats, got)
	}
	w.completed(id)
}

// A copy from an earlier release is continued.
func TestJournal_formatOfCopy(t *testing.T) {
	w := newCopyWorld(t, osstest.Config{})
	id, other := w.journaled(w.dst, copyJournal, 1)
	w.server.AbortUpload(other)
	w.mustChange()
	w.checkCopied()
	if got := w.server.Count(osstest.UploadPartCopy); got != scenarioParts-1 {
		t.Errorf("%d parts copied, want %d", got, scenarioParts-1)
	}
	w.completed(id)
}
