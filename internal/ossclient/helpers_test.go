// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// The canaries must not appear in any error or log line.
var canaries = Credentials{
	AccessKeyID:     "LTAIcanaryID",
	AccessKeySecret: "canarySecret0123456789",
	SecurityToken:   "CAIScanaryToken+/=",
}

var (
	object      = resumable.Object{Bucket: "bucket", Key: "dir/key"}
	destination = resumable.Destination{Object: object, Headers: resumable.Headers{ContentType: "text/plain"}, ACL: "private"}
	upload      = resumable.Upload{Destination: destination, UploadID: "UPLOADID"}
)

// patient is for tests on a busy machine. impatient is for tests that wait for a
// timeout.
var (
	patient   = timeouts{connect: 10 * time.Second, bodyless: time.Minute, body: time.Minute, longRunning: time.Minute}
	impatient = timeouts{connect: 10 * time.Second, bodyless: 250 * time.Millisecond, body: 250 * time.Millisecond, longRunning: time.Minute}
)

// fakeOSS returns a client of a server whose answers the test chooses. The client
// retries without a delay.
func fakeOSS(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL, patient)
}

func clientOf(t *testing.T, url string, limits timeouts) *Client {
	t.Helper()
	return clientFor(t, Config{Endpoint: url}, limits)
}

// clientFor returns a client with defaults for the fields that cfg does not set. If it
// creates a log, it checks that the log contains no secrets.
func clientFor(t *testing.T, cfg Config, limits timeouts) *Client {
	t.Helper()
	cfg.Region = "cn-hangzhou"
	cfg.Retry = quick
	if cfg.Credentials == nil {
		cfg.Credentials = Static(canaries)
	}
	if cfg.Log == nil {
		var logged lockedBuffer
		cfg.Log = logTo(&logged)
		t.Cleanup(func() { checkNoSecrets(t, logged.String()) })
	}
	c, err := newClient(cfg, limits)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var quick = resumable.RetryPolicy{Base: time.Millisecond, Cap: 20 * time.Millisecond}

func logTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// over makes a client use another transport.
func over(c *Client, transport http.RoundTripper, limits timeouts) *Client {
	c.http = newHTTPClient(Config{Retry: quick, Log: c.log}, transport, limits)
	return c
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// answering returns a client that gets its answers from a function, without a
// network. The function may add to header.
func answering(t *testing.T, answer func(req *http.Request, header http.Header) (status int, document string)) *Client {
	t.Helper()
	return over(clientOf(t, "http://127.0.0.1", patient), roundTripFunc(func(req *http.Request) (*http.Response, error) {
		if req.Body != nil {
			_, _ = io.Copy(io.Discard, req.Body)
		}
		header := http.Header{}
		status, document := answer(req, header)
		return &http.Response{
			StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(document)),
			ContentLength: int64(len(document)), Request: req, ProtoMajor: 1, ProtoMinor: 1,
		}, nil
	}), patient)
}

// good answers each operation with success.
func good(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	const named = "<Bucket>bucket</Bucket><Key>dir/key</Key>"
	w.Header().Set("ETag", `"E"`)
	w.Header().Set("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")
	query := r.URL.Query()
	switch {
	case r.Method == http.MethodHead:
		w.Header().Set("Content-Length", "0")
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet && query.Has("acl"):
		_, _ = io.WriteString(w, aclDocument("private"))
	case r.Method == http.MethodGet && query.Has("tagging"):
		_, _ = io.WriteString(w, taggingDocument("key", "value"))
	case r.Method == http.MethodGet && query.Has("retention"):
		_, _ = io.WriteString(w, "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2094-12-01T16:00:00.000Z</RetainUntilDate></Retention>")
	case r.Method == http.MethodPost && query.Has("uploads"):
		_, _ = io.WriteString(w, "<InitiateMultipartUploadResult>"+named+"<UploadId>UPLOADID</UploadId></InitiateMultipartUploadResult>")
	case r.Method == http.MethodPost:
		_, _ = io.WriteString(w, "<CompleteMultipartUploadResult>"+named+"</CompleteMultipartUploadResult>")
	case r.Method == http.MethodGet && query.Has("versions"):
		_, _ = io.WriteString(w, versionsDocument("", version("A", true)))
	case r.Method == http.MethodGet && query.Has("uploads"):
		_, _ = io.WriteString(w, "<ListMultipartUploadsResult><Bucket>bucket</Bucket></ListMultipartUploadsResult>")
	case r.Method == http.MethodGet && query.Has("list-type"):
		_, _ = io.WriteString(w, objectsDocument(""))
	case r.Method == http.MethodGet && query.Has("uploadId"):
		_, _ = io.WriteString(w, "<ListPartsResult>"+named+"<UploadId>UPLOADID</UploadId></ListPartsResult>")
	case r.Header.Get("X-Oss-Copy-Source") != "" && query.Has("partNumber"):
		_, _ = io.WriteString(w, `<CopyPartResult><ETag>"E"</ETag></CopyPartResult>`)
	case r.Header.Get("X-Oss-Copy-Source") != "":
		_, _ = io.WriteString(w, `<CopyObjectResult><ETag>"E"</ETag></CopyObjectResult>`)
	}
}

// checkNoSecrets fails the test if text contains a secret, a signature or the query
// of a request.
func checkNoSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{
		"canary", "Signature=", "OSS4-HMAC", "uploadId=", "http://", "https://",
	} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in: %s", secret, text)
		}
	}
}

var retention = resumable.Retention{Mode: "COMPLIANCE", Until: time.Date(2094, 12, 1, 16, 0, 0, 0, time.UTC)}

// operations are all operations of the client.
var operations = []struct {
	name string
	call func(context.Context, *Client) error
}{
	{"HeadObject", func(ctx context.Context, c *Client) error {
		_, err := c.HeadObject(ctx, object)
		return err
	}},
	{"PutObject", func(ctx context.Context, c *Client) error {
		return errorOf(c.PutObject(ctx, destination, strings.NewReader("body"), "md5"))
	}},
	{"CopyObject", func(ctx context.Context, c *Client) error {
		return errorOf(c.CopyObject(ctx, destination, resumable.CopySource{Object: destination.Object, ETag: "ETAG"}))
	}},
	{"DeleteObject", func(ctx context.Context, c *Client) error {
		return c.DeleteObject(ctx, object)
	}},
	{"DeleteObject", func(ctx context.Context, c *Client) error {
		return c.DeleteObjectVersion(ctx, object, "VERSIONID")
	}},
	{"ListObjectVersions", func(ctx context.Context, c *Client) error {
		_, err := c.ListObjectVersions(ctx, object)
		return err
	}},
	{"GetObjectAcl", func(ctx context.Context, c *Client) error {
		_, err := c.GetObjectACL(ctx, object)
		return err
	}},
	{"PutObjectAcl", func(ctx context.Context, c *Client) error {
		return c.PutObjectACL(ctx, object, "private")
	}},
	{"GetObjectTagging", func(ctx context.Context, c *Client) error {
		_, err := c.GetObjectTagging(ctx, object)
		return err
	}},
	{"PutObjectTagging", func(ctx context.Context, c *Client) error {
		return c.PutObjectTagging(ctx, object, map[string]string{"key": "value"})
	}},
	{"DeleteObjectTagging", func(ctx context.Context, c *Client) error {
		return c.PutObjectTagging(ctx, object, nil)
	}},
	{"GetObjectRetention", func(ctx context.Context, c *Client) error {
		_, err := c.GetObjectRetention(ctx, object)
		return err
	}},
	{"PutObjectRetention", func(ctx context.Context, c *Client) error {
		return c.PutObjectRetention(ctx, object, retention)
	}},
	{"InitiateMultipartUpload", func(ctx context.Context, c *Client) error {
		_, err := c.InitiateMultipartUpload(ctx, destination)
		return err
	}},
	{"UploadPart", func(ctx context.Context, c *Client) error {
		_, err := c.UploadPart(ctx, upload, 7, strings.NewReader("body"))
		return err
	}},
	{"UploadPartCopy", func(ctx context.Context, c *Client) error {
		_, err := c.UploadPartCopy(ctx, upload, 7, resumable.Range{CopySource: resumable.CopySource{Object: object, ETag: "ETAG"}, Offset: 10, Size: 90})
		return err
	}},
	{"ListParts", func(ctx context.Context, c *Client) error {
		_, err := c.ListParts(ctx, upload)
		return err
	}},
	{"ListMultipartUploads", func(ctx context.Context, c *Client) error {
		_, err := c.ListMultipartUploads(ctx, object)
		return err
	}},
	{"ListMultipartUploads", func(ctx context.Context, c *Client) error {
		return lastError(c.IncompleteUploads(ctx, object.Bucket, "dir/"))
	}},
	{"ListObjectsV2", func(ctx context.Context, c *Client) error {
		return lastError(c.Objects(ctx, object.Bucket, "dir/"))
	}},
	{"CompleteMultipartUpload", func(ctx context.Context, c *Client) error {
		return errorOf(c.CompleteMultipartUpload(ctx, upload, []resumable.StoredPart{{Number: 1, ETag: "A"}}))
	}},
	{"AbortMultipartUpload", func(ctx context.Context, c *Client) error {
		return c.AbortMultipartUpload(ctx, upload)
	}},
}

// lastError returns the error at the end of a list.
func lastError[T any](list iter.Seq2[T, error]) (last error) {
	for _, err := range list {
		last = err
	}
	return last
}

// retriedByTransport are the operations that the transport repeats.
var retriedByTransport = map[string]bool{
	"HeadObject": true, "DeleteObject": true, "ListParts": true,
	"ListMultipartUploads": true, "AbortMultipartUpload": true, "ListObjectVersions": true, "ListObjectsV2": true,
	"GetObjectAcl": true, "GetObjectTagging": true, "DeleteObjectTagging": true,
	"GetObjectRetention": true,
}

func errorXML(code, message string) string {
	document, _ := xml.Marshal(errorDocument{Code: code, Message: message, RequestID: "REQUESTID", EC: "0000-00000001"})
	return xml.Header + string(document)
}

// zeros is a body of zero bytes that needs no memory.
type zeros struct{ size, left int64 }

func (z *zeros) Seek(offset int64, _ int) (int64, error) {
	z.left = z.size - offset
	return offset, nil
}

func newZeros(size int64) *zeros { return &zeros{size, size} }

func (z *zeros) Size() int64 { return z.size }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	clear(p[:n])
	z.left -= n
	return int(n), nil
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// errorOf returns the error and ignores the ETag.
func errorOf(_ string, err error) error { return err }
