// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// The canaries must not show up in any error or log line.
var canaries = Credentials{
	AccessKeyID:     "LTAIcanaryID",
	AccessKeySecret: "canarySecret0123456789",
	SecurityToken:   "CAIScanaryToken+/=",
}

var (
	object      = resumable.Object{Bucket: "bucket", Key: "dir/key"}
	destination = resumable.Destination{Object: object, Headers: resumable.Headers{ContentType: "text/plain"}}
	upload      = resumable.Upload{Destination: destination, UploadID: "UPLOADID"}
)

// patient is for tests on a busy machine; impatient for those that wait for a
// time-out.
var (
	patient   = timeouts{connect: 10 * time.Second, bare: time.Minute, body: time.Minute, slow: time.Minute}
	impatient = timeouts{connect: 10 * time.Second, bare: 250 * time.Millisecond, body: 250 * time.Millisecond, slow: time.Minute}
)

// fakeOSS is a server that answers what a test says, and a client of it that
// retries at once.
func fakeOSS(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL, patient)
}

func clientOf(t *testing.T, url string, limits timeouts) *Client {
	t.Helper()
	var logged lockedBuffer
	c, err := newClient(Config{
		Endpoint:    url,
		Region:      "cn-hangzhou",
		Credentials: Static(canaries),
		Retry:       resumable.RetryPolicy{Base: time.Millisecond, Cap: 20 * time.Millisecond},
		Log:         slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustNotTell(t, logged.String()) })
	return c
}

// mustNotTell fails the test if text holds a secret, a signature or the query
// of a request.
func mustNotTell(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{
		canaries.AccessKeyID, canaries.AccessKeySecret, canaries.SecurityToken,
		"Signature=", "OSS4-HMAC", "uploadId=", "http://", "https://",
	} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is told in: %s", secret, text)
		}
	}
}

// operations are all calls of the client, each as one function.
var operations = []struct {
	name string
	call func(context.Context, *Client) error
}{
	{"HeadObject", func(ctx context.Context, c *Client) error {
		_, err := c.HeadObject(ctx, object)
		return err
	}},
	{"PutObject", func(ctx context.Context, c *Client) error {
		return c.PutObject(ctx, destination, strings.NewReader("body"), "md5")
	}},
	{"CopyObject", func(ctx context.Context, c *Client) error {
		return c.CopyOntoItself(ctx, destination, "ETAG")
	}},
	{"DeleteObject", func(ctx context.Context, c *Client) error {
		return c.DeleteObject(ctx, object)
	}},
	{"InitiateMultipartUpload", func(ctx context.Context, c *Client) error {
		_, err := c.InitiateMultipartUpload(ctx, destination)
		return err
	}},
	{"UploadPart", func(ctx context.Context, c *Client) error {
		_, err := c.UploadPart(ctx, upload, 7, strings.NewReader("body"))
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
	{"CompleteMultipartUpload", func(ctx context.Context, c *Client) error {
		return c.CompleteMultipartUpload(ctx, upload, []resumable.StoredPart{{Number: 1, ETag: "A"}})
	}},
	{"AbortMultipartUpload", func(ctx context.Context, c *Client) error {
		return c.AbortMultipartUpload(ctx, upload)
	}},
}

// retriedByItself are the operations without a body that may be repeated.
var retriedByItself = map[string]bool{
	"HeadObject": true, "DeleteObject": true, "ListParts": true,
	"ListMultipartUploads": true, "AbortMultipartUpload": true,
}

func errorXML(code, message string) string {
	document, _ := xml.Marshal(errorDocument{Code: code, Message: message, RequestID: "REQUESTID", EC: "0000-00000001"})
	return xml.Header + string(document)
}

// zeros is a body that takes no memory.
type zeros struct{ size, left int64 }

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
