// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func aclDocument(acl string) string {
	return "<AccessControlPolicy><Owner><ID>1</ID></Owner><AccessControlList><Grant>" + acl + "</Grant></AccessControlList></AccessControlPolicy>"
}

// taggingDocument returns a document with keys and values, which alternate.
func taggingDocument(texts ...string) string {
	var document tagging
	for i := 0; i < len(texts); i += 2 {
		document.Tags = append(document.Tags, tag{texts[i], texts[i+1]})
	}
	text, _ := xml.Marshal(document)
	return string(text)
}

// allHeaders has every header, with values that need encoding.
var allHeaders = resumable.Headers{
	ContentType:        "text/plain; charset=utf-8",
	CacheControl:       "max-age=60, must-revalidate",
	ContentDisposition: `attachment; filename="a b+c.txt"; filename*=UTF-8''%e4%bd%a0`,
	ContentEncoding:    "gzip",
	ContentLanguage:    "de, en",
	Expires:            "Thu, 01 Dec 2094 16:00:00 GMT",
	Metadata:           map[string]string{"a": "1", "long-name-2": "a  b = c, d/e+f%20", "empty": ""},
	StorageClass:       "IA",
	Encryption:         resumable.Encryption{Algorithm: "KMS", DataAlgorithm: "SM4", KMSKeyID: "9468da86-3509-4f8d-a61e-6eab1eac"},
}

// allTags has every character that OSS allows.
var allTags = map[string]string{
	"+ - = . _ : /": "/ : _ . = - +", "a+b": "c+d", "a b": "c d", "a=b": "c=d", "empty": "",
	strings.Repeat("k", 128): strings.Repeat("v", 256),
}

// attributes sets all headers, tags and ACLs of an object with each operation, and
// removes them again.
func attributes(t *testing.T, server *osstest.Server, c *Client, dst resumable.Destination) {
	t.Helper()
	ctx := t.Context()
	dst.Headers, dst.Tags, dst.ACL, dst.BitsPerSecond = allHeaders, allTags, "public-read", resumable.MinTrafficLimit
	sum := md5.Sum([]byte("hello"))
	if _, err := c.PutObject(ctx, dst, strings.NewReader("hello"), base64.StdEncoding.EncodeToString(sum[:])); err != nil {
		t.Fatal(err)
	}
	mustBe(t, server, c, dst)

	up, err := c.InitiateMultipartUpload(ctx, dst)
	if err != nil {
		t.Fatal(err)
	}
	part, err := c.UploadPart(ctx, up, 1, strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CompleteMultipartUpload(ctx, up, []resumable.StoredPart{part}); err != nil {
		t.Fatal(err)
	}
	etag := mustBe(t, server, c, dst).ETag

	for _, acl := range []string{"private", "default", "public-read-write"} {
		if err := c.PutObjectACL(ctx, dst.Object, acl); err != nil {
			t.Fatal(err)
		}
		dst.ACL = acl
		mustBe(t, server, c, dst)
	}
	dst.Headers, dst.ACL = resumable.Headers{ContentType: "text/bare", StorageClass: "Standard"}, "private"
	if _, err := c.CopyObject(ctx, dst, resumable.CopySource{Object: dst.Object, ETag: etag}); err != nil {
		t.Fatal(err)
	}
	mustBe(t, server, c, dst)

	for _, tags := range []map[string]string{{"one": "1"}, {}, allTags, nil} {
		dst.Tags = tags
		if err := c.PutObjectTagging(ctx, dst.Object, tags); err != nil {
			t.Fatal(err)
		}
		mustBe(t, server, c, dst)
	}
	if err := c.PutObjectTagging(ctx, dst.Object, map[string]string{"no_such&character": ""}); !isRefusal(err, "InvalidTag") {
		t.Errorf("PutObjectTagging: %v", err)
	}
	if err := c.PutObjectACL(ctx, dst.Object, "no-such-acl"); !isRefusal(err, "InvalidArgument") {
		t.Errorf("PutObjectACL: %v", err)
	}
}

// mustBe compares an object with dst, both through the client and on the server.
func mustBe(t *testing.T, server *osstest.Server, c *Client, dst resumable.Destination) resumable.ObjectInfo {
	t.Helper()
	info, err := c.HeadObject(t.Context(), dst.Object)
	if err != nil || !reflect.DeepEqual(info.Headers, dst.Headers) || info.Tags != len(dst.Tags) {
		t.Errorf("HeadObject: %v, %+v, want %+v", err, info, dst)
	}
	acl, err := c.GetObjectACL(t.Context(), dst.Object)
	if err != nil || acl != dst.ACL {
		t.Errorf("GetObjectACL: %q, %v, want %q", acl, err, dst.ACL)
	}
	tags, err := c.GetObjectTagging(t.Context(), dst.Object)
	if err != nil || !maps.Equal(tags, dst.Tags) {
		t.Errorf("GetObjectTagging: %q, %v, want %q", tags, err, dst.Tags)
	}
	truth, _ := server.Object(dst.Bucket, dst.Key)
	if truth.ACL != dst.ACL || !maps.Equal(truth.Tags, dst.Tags) {
		t.Errorf("object is %+v, want %+v", truth, dst)
	}
	return info
}

func isRefusal(err error, code string) bool {
	var refusal *resumable.ServiceError
	return errors.As(err, &refusal) && refusal.Code == code
}

// Only requests with bytes of the object have a traffic limit.
func TestTrafficLimit(t *testing.T) {
	s := newState(t, osstest.Config{})
	s.dst.BitsPerSecond, s.upload.BitsPerSecond = resumable.MinTrafficLimit, resumable.MaxTrafficLimit
	c := s.client(t, Config{})
	for _, call := range s.operations() {
		_ = call(t.Context(), c) // the order is random, so not all succeed
	}
	want := map[osstest.Op]string{osstest.PutObject: "819200", osstest.UploadPart: "838860800"}
	for _, r := range s.server.Requests() {
		if got := r.Header.Get("X-Oss-Traffic-Limit"); got != want[r.Op] {
			t.Errorf("%s has traffic limit %q, want %q", r.Op, got, want[r.Op])
		}
	}
}

// Answers that OSS does not document are errors.
func TestAttributes_answers(t *testing.T) {
	t.Log("FAULT F63: GetObjectAcl, PutObjectAcl and tagging: 200 with an error, HTML, cut, without what was asked for")
	var hundred []string
	for n := range 2 * (pageSize + 1) {
		hundred = append(hundred, fmt.Sprint(n))
	}
	bad := map[string]string{
		"error":        errorXML("InternalError", "x"),
		"HTML":         "<html><body>hello</body></html>",
		"no document":  "hello",
		"other root":   "<AccessControl/>",
		"no grant":     aclDocument(""),
		"odd grant":    aclDocument("public read"),
		"no key":       taggingDocument("", "x"),
		"endless tags": taggingDocument(hundred...),
	}
	for whole, cut := aclDocument("private"), 1; cut < len(whole); cut++ {
		bad[fmt.Sprintf("ACL cut after %d bytes", cut)] = whole[:cut]
	}
	for whole, cut := taggingDocument("a", "b"), 1; cut < len(whole); cut++ {
		bad[fmt.Sprintf("tagging cut after %d bytes", cut)] = whole[:cut]
	}
	for name, document := range bad {
		for _, op := range operations {
			if !strings.HasSuffix(op.name, "Acl") && !strings.HasSuffix(op.name, "Tagging") {
				continue
			}
			c := answering(t, func(*http.Request, http.Header) (int, string) { return 200, document })
			if err := op.call(t.Context(), c); err == nil || !resumable.Transient(err) {
				t.Errorf("%s, %s: %v", op.name, name, err)
			}
		}
	}
	for _, count := range []string{"-1", "many", "99999999999999999999"} {
		c := answering(t, func(_ *http.Request, header http.Header) (int, string) {
			header.Set("Content-Length", "5")
			header.Set("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")
			header.Set("ETag", `"E"`)
			header.Set("X-Oss-Tagging-Count", count)
			return 200, ""
		})
		if info, err := c.HeadObject(t.Context(), object); err != nil || info.Tags != 0 {
			t.Errorf("%q: %d tags, %v", count, info.Tags, err)
		}
	}
}
