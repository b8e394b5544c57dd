// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const bucketName = "test-bucket"

// awkwardKeys are keys that clients are known to encode incorrectly.
var awkwardKeys = []string{
	"plain",
	"dir/sub dir/x",
	"a+b c%20d%2Fe",
	"who?what=1&uploadId=2#part",
	"../up/./down/..",
	"a//b///",
	"\u00fcn\u00efc\u00f6de/\u6587\u4ef6/\U0001F600",
	"quote\"<&>'`",
	"control\x01\x1f\ttab\r\nline",
	strings.Repeat("k", 1023),
}

func realClient(t *testing.T, server *osstest.Server, credentials Credentials, version string) *Client {
	t.Helper()
	c, err := New(Config{
		Endpoint:    server.URL(),
		Region:      "oss-cn-hangzhou",
		Credentials: Static(credentials),
		SignVersion: version,
		UserAgent:   "terraform-provider-ossresumable/test",
		Retry:       quick,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func startServer(t *testing.T) *osstest.Server {
	server := osstest.Start(t, osstest.Config{})
	server.CreateBucket(bucketName)
	server.AddCredential(osstest.Credential{
		AccessKeyID: canaries.AccessKeyID, AccessKeySecret: canaries.AccessKeySecret,
		SecurityToken: canaries.SecurityToken, Expires: time.Now().Add(time.Hour),
	})
	return server
}

// TestClient_wholeLife performs every operation on the test server, with each
// signature, kind of credentials and awkward key.
func TestClient_wholeLife(t *testing.T) {
	t.Log("FAULT F86: awkward keys through every operation, signatures V1 and V4, with and without a security token")
	longLived := Credentials{AccessKeyID: osstest.AccessKeyID, AccessKeySecret: osstest.AccessKeySecret}
	for _, version := range []string{"v4", "v1"} {
		for kind, credentials := range map[string]Credentials{"key": longLived, "token": canaries} {
			for n, key := range awkwardKeys {
				t.Run(fmt.Sprintf("%s/%s/%d", version, kind, n), func(t *testing.T) {
					t.Parallel()
					server := startServer(t)
					dst := resumable.Destination{
						Object:  resumable.Object{Bucket: bucketName, Key: key},
						Headers: resumable.Headers{ContentType: "text/plain"},
					}
					c := realClient(t, server, credentials, version)
					putAndCopy(t, c, dst)
					attributes(t, server, c, dst)
					multipart(t, c, dst)
					deleteTwice(t, c, dst.Object)
				})
			}
		}
	}
}

func putAndCopy(t *testing.T, c *Client, dst resumable.Destination) {
	t.Helper()
	ctx := t.Context()
	if _, err := c.HeadObject(ctx, dst.Object); !errors.Is(err, resumable.ErrNoSuchKey) {
		t.Fatalf("HeadObject without an object: %v", err)
	}
	for _, text := range []string{"", "hello"} {
		sum := md5.Sum([]byte(text))
		if _, err := c.PutObject(ctx, dst, strings.NewReader(text), base64.StdEncoding.EncodeToString(sum[:])); err != nil {
			t.Fatal(err)
		}
		info, err := c.HeadObject(ctx, dst.Object)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size != int64(len(text)) || info.ETag != fmt.Sprintf("%X", sum) || info.CRC64 == "" ||
			info.Headers.ContentType != "text/plain" || time.Since(info.LastModified) > time.Minute {
			t.Errorf("HeadObject: %+v", info)
		}
	}

	wrong := md5.Sum([]byte("other"))
	_, err := c.PutObject(ctx, dst, strings.NewReader("hello"), base64.StdEncoding.EncodeToString(wrong[:]))
	if refusal := (*resumable.ServiceError)(nil); !errors.As(err, &refusal) || refusal.Code != "InvalidDigest" {
		t.Errorf("PutObject with a wrong MD5: %v", err)
	}

	info, err := c.HeadObject(ctx, dst.Object)
	if err != nil {
		t.Fatal(err)
	}
	html := dst
	html.Headers.ContentType = "text/html"
	if _, err := c.CopyObject(ctx, html, resumable.CopySource{Object: html.Object, ETag: "0123456789ABCDEF0123456789ABCDEF"}); !errors.Is(err, resumable.ErrPreconditionFailed) {
		t.Errorf("CopyObject of another ETag: %v", err)
	}
	if _, err := c.CopyObject(ctx, html, resumable.CopySource{Object: html.Object, ETag: info.ETag}); err != nil {
		t.Fatal(err)
	}
	if info, err = c.HeadObject(ctx, dst.Object); err != nil || info.Headers.ContentType != "text/html" || info.Size != 5 {
		t.Errorf("after CopyObject: %+v, %v", info, err)
	}

	forbidden := dst
	forbidden.ForbidOverwrite = true
	if _, err := c.PutObject(ctx, forbidden, strings.NewReader("hello"), "XUFAKrxLKna5cZ2REBfFkg=="); !errors.Is(err, resumable.ErrObjectExists) {
		t.Errorf("PutObject over an object: %v", err)
	}
}

func multipart(t *testing.T, c *Client, dst resumable.Destination) {
	t.Helper()
	ctx := t.Context()
	forgotten, err := c.InitiateMultipartUpload(ctx, dst)
	if err != nil {
		t.Fatal(err)
	}
	up, err := c.InitiateMultipartUpload(ctx, dst)
	if err != nil {
		t.Fatal(err)
	}
	if up.UploadID == "" || !reflect.DeepEqual(up.Destination, dst) {
		t.Errorf("InitiateMultipartUpload: %+v", up)
	}
	if len(dst.Key) < 1000 { // a longer key with the same prefix
		longer := dst
		longer.Key += "-longer"
		if _, err := c.InitiateMultipartUpload(ctx, longer); err != nil {
			t.Fatal(err)
		}
	}

	open, err := c.ListMultipartUploads(ctx, dst.Object)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, o := range open {
		ids = append(ids, o.UploadID)
		if time.Since(o.Initiated) > time.Minute {
			t.Errorf("initiated at %v", o.Initiated)
		}
	}
	want := []string{forgotten.UploadID, up.UploadID}
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		t.Errorf("open uploads are %v, want %v", ids, want)
	}

	var sent []resumable.StoredPart
	for number, size := range map[int]int64{1: 100 << 10, 2: 100 << 10, 3: 1} {
		part, err := c.UploadPart(ctx, up, number, newZeros(size))
		if err != nil {
			t.Fatal(err)
		}
		if part.Number != number || part.Size != size || len(part.ETag) != 32 || part.CRC64 == "" {
			t.Errorf("UploadPart %d: %+v", number, part)
		}
		sent = append(sent, part)
	}
	listed, err := c.ListParts(ctx, up)
	if err != nil {
		t.Fatal(err)
	}
	byNumber := func(a, b resumable.StoredPart) int { return a.Number - b.Number }
	if !slices.Equal(listed, slices.SortedFunc(slices.Values(sent), byNumber)) {
		t.Errorf("listed %+v, sent %+v", listed, sent)
	}

	asGiven := slices.Clone(sent)
	if _, err := c.CompleteMultipartUpload(ctx, up, sent); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sent, asGiven) {
		t.Error("CompleteMultipartUpload changed the order of the caller's parts")
	}
	info, err := c.HeadObject(ctx, dst.Object)
	if err != nil || info.Size != 200<<10+1 || info.CRC64 == "" || info.Headers.ContentType != "text/plain" {
		t.Errorf("after CompleteMultipartUpload: %+v, %v", info, err)
	}

	if err := c.AbortMultipartUpload(ctx, forgotten); err != nil {
		t.Error(err)
	}
	if err := c.AbortMultipartUpload(ctx, forgotten); !errors.Is(err, resumable.ErrNoSuchUpload) {
		t.Errorf("AbortMultipartUpload again: %v", err)
	}
	if _, err := c.ListParts(ctx, up); !errors.Is(err, resumable.ErrNoSuchUpload) {
		t.Errorf("ListParts after CompleteMultipartUpload: %v", err)
	}
	if _, err := c.UploadPart(ctx, up, 1, newZeros(1)); !errors.Is(err, resumable.ErrNoSuchUpload) {
		t.Errorf("UploadPart after CompleteMultipartUpload: %v", err)
	}
}

func deleteTwice(t *testing.T, c *Client, obj resumable.Object) {
	t.Helper()
	for range 2 {
		if err := c.DeleteObject(t.Context(), obj); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.HeadObject(t.Context(), obj); !errors.Is(err, resumable.ErrNoSuchKey) {
		t.Errorf("HeadObject after DeleteObject: %v", err)
	}
}

func TestClient_noSuchBucket(t *testing.T) {
	server := startServer(t)
	c := realClient(t, server, canaries, "")
	nowhere := resumable.Object{Bucket: "no-such-bucket", Key: "k"}
	if _, err := c.HeadObject(t.Context(), nowhere); !errors.Is(err, resumable.ErrNoSuchBucket) {
		t.Errorf("HeadObject: %v", err)
	}
	if err := c.DeleteObject(t.Context(), nowhere); !errors.Is(err, resumable.ErrNoSuchBucket) {
		t.Errorf("DeleteObject: %v", err)
	}
}

func TestListParts_manyPages(t *testing.T) {
	t.Log("FAULT F60: 1,001 parts with gaps")
	server := startServer(t)
	c := realClient(t, server, canaries, "")
	up, err := c.InitiateMultipartUpload(t.Context(), resumable.Destination{Object: resumable.Object{Bucket: bucketName, Key: "k"}})
	if err != nil {
		t.Fatal(err)
	}
	for number := 2; number <= 2002; number += 2 {
		server.ReplacePart(up.UploadID, number, []byte{byte(number)})
	}
	parts, err := c.ListParts(t.Context(), up)
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) != 1001 || parts[1000].Number != 2002 {
		t.Errorf("%d parts", len(parts))
	}
	if n := server.Count(osstest.ListParts); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestListMultipartUploads_manyPages(t *testing.T) {
	server := startServer(t)
	c := realClient(t, server, canaries, "")
	dst := resumable.Destination{Object: resumable.Object{Bucket: bucketName, Key: "logs"}}
	longer := dst
	longer.Key = "logs/2026"
	for range 1001 {
		if _, err := c.InitiateMultipartUpload(t.Context(), dst); err != nil {
			t.Fatal(err)
		}
		if _, err := c.InitiateMultipartUpload(t.Context(), longer); err != nil {
			t.Fatal(err)
		}
	}
	open, err := c.ListMultipartUploads(t.Context(), dst.Object)
	if err != nil || len(open) != 1001 {
		t.Errorf("%d uploads, %v", len(open), err)
	}
	if n := server.Count(osstest.ListMultipartUploads); n != 2 {
		t.Errorf("%d requests, want 2: the second page ends with uploads of a longer key", n)
	}
}

// If an answer is lost or truncated, reading is retried, and writing returns an error
// with an unknown outcome.
func TestClient_answerLost(t *testing.T) {
	t.Log("FAULT F48: answer lost and cut after the request took effect")
	for _, fault := range []osstest.Fault{osstest.LoseAnswer(), osstest.CutAnswer(20)} {
		server := startServer(t)
		c := realClient(t, server, canaries, "")
		dst := resumable.Destination{Object: resumable.Object{Bucket: bucketName, Key: "k"}}
		up, err := c.InitiateMultipartUpload(t.Context(), dst)
		if err != nil {
			t.Fatal(err)
		}
		server.AddRule(osstest.Rule{Op: osstest.ListParts, Times: 2, Fault: fault})
		server.AddRule(osstest.Rule{Op: osstest.UploadPart, Times: 1, Fault: fault})
		server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: fault})
		server.AddRule(osstest.Rule{Op: osstest.DeleteObject, Times: 1, Fault: fault})

		_, err = c.UploadPart(t.Context(), up, 1, newZeros(3))
		mustBeUnknown(t, err)
		parts, err := c.ListParts(t.Context(), up)
		if err != nil || len(parts) != 1 || server.Count(osstest.ListParts) != 3 {
			t.Errorf("ListParts: %v, %v, after %d requests", parts, err, server.Count(osstest.ListParts))
		}
		mustBeUnknown(t, errorOf(c.CompleteMultipartUpload(t.Context(), up, parts)))
		if n := server.Count(osstest.CompleteMultipartUpload); n != 1 {
			t.Errorf("CompleteMultipartUpload was sent %d times", n)
		}
		if info, err := c.HeadObject(t.Context(), dst.Object); err != nil || info.Size != 3 {
			t.Errorf("HeadObject: %+v, %v", info, err)
		}
		if err := c.DeleteObject(t.Context(), dst.Object); err != nil {
			t.Error(err)
		}
	}
}

// mustBeUnknown checks that err leaves the outcome of a request open, and is
// transient.
func mustBeUnknown(t *testing.T, err error) {
	t.Helper()
	var refusal *resumable.ServiceError
	var failure *networkError
	if errors.As(err, &refusal) || !errors.As(err, &failure) || !failure.Transient() {
		t.Errorf("error is %v", err)
	}
	if err != nil {
		checkNoSecrets(t, err.Error())
	}
}

func TestUserAgent(t *testing.T) {
	server := startServer(t)
	c := realClient(t, server, canaries, "")
	_, _ = c.HeadObject(t.Context(), resumable.Object{Bucket: bucketName, Key: "k"})
	agent := server.Requests()[0].Header.Get("User-Agent")
	if !strings.HasPrefix(agent, "aliyun-sdk-go/") || !strings.HasSuffix(agent, " terraform-provider-ossresumable/test") {
		t.Errorf("User-Agent is %q", agent)
	}
}

var _ resumable.Body = (*io.SectionReader)(nil)
