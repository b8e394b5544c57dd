// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const (
	kib      = 1 << 10
	partSize = 100 * kib // the smallest that OSS takes, so that tests are quick
	bucket   = "bucket"
	key      = "dir/image.qcow2"
)

// world is an OSS server, a local file, and what is needed to upload one to
// the other.
type world struct {
	t      *testing.T
	server *osstest.Server
	source string
	dir    string // checkpoint directory
	logged *bytes.Buffer
	others map[string]int // uploads that must stay open: their number of parts, by ID
}

func newWorld(t *testing.T, size int) *world { return newWorldOn(t, osstest.Config{}, size) }

func newWorldOn(t *testing.T, cfg osstest.Config, size int) *world {
	t.Helper()
	w := &world{t: t, server: osstest.Start(t, cfg), source: filepath.Join(t.TempDir(), "image.qcow2"), dir: filepath.Join(t.TempDir(), "checkpoints"), logged: &bytes.Buffer{}, others: map[string]int{}}
	w.server.CreateBucket(bucket)
	w.write(firstContent(size))
	return w
}

// firstContent returns randomBytes(1, size), which the caller must not change.
func firstContent(size int) []byte {
	made, _ := firstContents.LoadOrStore(size, sync.OnceValue(func() []byte { return randomBytes(1, size) }))
	return made.(func() []byte)()
}

var firstContents sync.Map // by size

func randomBytes(seed byte, size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

func (w *world) write(b []byte) {
	w.t.Helper()
	if err := os.WriteFile(w.source, b, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) request() resumable.Request {
	return resumable.Request{
		Destination: resumable.Destination{Object: resumable.Object{Bucket: bucket, Key: key}, Headers: resumable.Headers{ContentType: "application/x-test"}},
		Options:     resumable.Options{CheckpointDir: w.dir, PartSize: partSize, Parallelism: 2, MultipartThreshold: 1},
		Source:      w.source,
	}
}

// oss returns a client of the server, created like in the provider.
func (w *world) oss() resumable.OSS { return newOSS(w.t, w.server.URL()) }

func newOSS(t testing.TB, url string) resumable.OSS {
	t.Helper()
	return newOSSAs(t, url, ossclient.Credentials{AccessKeyID: osstest.AccessKeyID, AccessKeySecret: osstest.AccessKeySecret})
}

func newOSSAs(t testing.TB, url string, credentials ossclient.Credentials) resumable.OSS {
	t.Helper()
	client, err := ossclient.New(ossclient.Config{
		Endpoint: url, Region: "cn-hangzhou",
		Credentials: ossclient.Static(credentials),
		Retry:       quick,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

var quick = resumable.RetryPolicy{Attempts: 4, Base: time.Millisecond, Cap: 5 * time.Millisecond}

func (w *world) uploader(oss resumable.OSS) *resumable.Uploader {
	return newUploader(oss, w.logged)
}

func newUploader(oss resumable.OSS, logged io.Writer) *resumable.Uploader {
	return resumable.New(uploaderConfig(oss, logged, 5*time.Second))
}

func uploaderConfig(oss resumable.OSS, logged io.Writer, lockWait time.Duration) resumable.Config {
	return resumable.Config{
		OSS: oss, Endpoint: "oss.example.com", Retry: quick, LockWait: lockWait,
		Log: slog.New(slog.NewTextHandler(logged, nil)),
	}
}

func (w *world) upload(req resumable.Request) (resumable.Result, error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	result, err := w.uploader(w.oss()).Upload(ctx, req)
	if err != nil && req.Parallelism > 1 {
		w.settle()
	}
	return result, err
}

// failures are what may happen to any request of a run.
var failures = []string{"killed before", "killed after", "refused 503", "refused 403", "answer lost"}

// faultOf returns the fault of the server for failures that do not kill the
// client.
func faultOf(failure string) osstest.Fault {
	switch failure {
	case "refused 503":
		return osstest.Refuse(503, "ServiceUnavailable")
	case "refused 403":
		return osstest.Refuse(403, "AccessDenied")
	case "answer lost":
		return osstest.LoseAnswer()
	}
	panic("no fault is " + failure)
}

// settle waits until the server has handled everything that a run sent before it
// failed, was cancelled or was killed. A part that the server stores later, during
// the next run, would look like one that the next run sent twice.
func (w *world) settle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := errors.Join(w.server.Flush(ctx), w.server.WaitFor(ctx, osstest.AllEnded)); err != nil {
		w.t.Fatalf("requests do not end: %v", err)
	}
}

func (w *world) mustUpload(req resumable.Request) resumable.Result {
	w.t.Helper()
	result, err := w.upload(req)
	if err != nil {
		w.t.Fatalf("upload: %v\nlog:\n%s", err, w.logged)
	}
	w.check(result)
	return result
}

// check checks all invariants of a finished upload on the server, on disk and in
// the result.
func (w *world) check(result resumable.Result) {
	w.t.Helper()
	w.checkObject()
	object, _ := w.server.Object(bucket, key)
	if got := strings.Trim(object.ETag, `"`); got != result.ETag {
		w.t.Errorf("result has ETag %s, the object %s", result.ETag, got)
	}
	if result.CRC64 != result.Fingerprint.CRC64 || result.Size != result.Fingerprint.Size {
		w.t.Errorf("result %+v differs from its fingerprint", result)
	}
	w.checkUploads()
	w.checkDisk()
	w.checkSentOnce()
}

// checkUploads checks that the uploads of others are open with all their parts, and no
// other upload is.
func (w *world) checkUploads() {
	w.t.Helper()
	open := map[string]int{}
	for _, upload := range w.server.OpenUploads(bucket) {
		open[upload.UploadID] = len(upload.Parts)
	}
	if !maps.Equal(open, w.others) {
		w.t.Errorf("uploads left open, with their number of parts: %v, want %v", open, w.others)
	}
}

// forget removes the checkpoints, as on another machine. Open uploads without parts then
// look like those of another process, and stay open.
func (w *world) forget() {
	w.t.Helper()
	if err := os.RemoveAll(w.dir); err != nil {
		w.t.Fatal(err)
	}
	for _, upload := range w.server.OpenUploads(bucket) {
		if len(upload.Parts) == 0 {
			w.others[upload.UploadID] = 0
		}
	}
}

// checkObject compares the object's bytes and headers with what was asked for.
func (w *world) checkObject() {
	w.t.Helper()
	object, _ := w.server.Object(bucket, key)
	if w.objectSum() != w.sum(os.Open(w.source)) {
		w.t.Errorf("object has %d bytes that are not the source's", object.Size)
	}
	if got := object.Header.Get("Content-Type"); got != w.request().Headers.ContentType {
		w.t.Errorf("object has Content-Type %q", got)
	}
}

// objectBytes returns nil if the object does not exist.
func (w *world) objectBytes() []byte {
	w.t.Helper()
	object, found := w.server.Object(bucket, key)
	if !found {
		return nil
	}
	r, err := object.Open()
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	b := make([]byte, object.Size)
	if _, err := io.ReadFull(r, b); err != nil {
		w.t.Fatal(err)
	}
	return b
}

// objectIs reports whether the object has this content.
func (w *world) objectIs(content []byte) bool {
	w.t.Helper()
	object, _ := w.server.Object(bucket, key)
	return object.Size == int64(len(content)) && w.objectSum() == sha256.Sum256(content)
}

// objectSum returns the SHA-256 of the object, or of nothing if it does not exist.
func (w *world) objectSum() [sha256.Size]byte {
	w.t.Helper()
	object, found := w.server.Object(bucket, key)
	if !found {
		return sha256.Sum256(nil)
	}
	return w.sum(object.Open())
}

// buffers avoid new memory, whose first use is slow with the race detector.
var buffers = sync.Pool{New: func() any { b := make([]byte, 64*kib); return &b }}

func (w *world) sum(r io.ReadCloser, err error) (sum [sha256.Size]byte) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	h := sha256.New()
	// The struct hides WriterTo, which would bypass the buffer.
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{r}, *buffer); err != nil {
		w.t.Fatal(err)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// checkDisk checks that only the hash cache and damaged journals are left in the
// checkpoint directory.
func (w *world) checkDisk() {
	w.t.Helper()
	entries, err := os.ReadDir(w.dir)
	if err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "fingerprints" && !strings.Contains(e.Name(), ".damaged-") {
			w.t.Errorf("left on disk: %s", e.Name())
		}
	}
}

// checkSentOnce checks that no part was sent again although it was known to be
// stored.
func (w *world) checkSentOnce() {
	w.t.Helper()
	for _, r := range w.server.ResentParts() {
		w.t.Errorf("sent again although it was stored: %s", r)
	}
}

// interrupted uploads until the given number of parts is acknowledged, and then
// fails because its permissions are revoked.
func (w *world) interrupted(req resumable.Request, parts int) resumable.UploadError {
	w.t.Helper()
	denied := osstest.Refuse(403, "AccessDenied")
	defer w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: parts + 1, Fault: denied})()
	defer w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Fault: denied})()
	req.Parallelism = 1
	_, err := w.upload(req)
	return *asUploadError(w.t, err)
}

func sent(server *osstest.Server) (parts []int) {
	for _, r := range server.Requests() {
		if r.Op == osstest.UploadPart {
			parts = append(parts, r.PartNumber)
		}
	}
	return parts
}
