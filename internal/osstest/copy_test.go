// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// putSource stores an object with all kinds of attributes.
func putSource(s *Server) ObjectInfo {
	return s.PutObject("b", "source", []byte("0123456789"), http.Header{
		"Content-Type": {"text/plain"}, "Cache-Control": {"no-cache"}, "x-oss-meta-old": {"1"}, "x-oss-tagging": {"old=1"},
		"x-oss-object-acl": {"public-read"}, "x-oss-storage-class": {"IA"}, "x-oss-server-side-encryption": {"AES256"},
	})
}

// TestCopyObject_attributes tests what a copy takes from its source and what
// from the request. Source: API page CopyObject.
func TestCopyObject_attributes(t *testing.T) {
	for _, test := range []struct {
		name, target string
		header       []string
		want         []string
		tags, acl    string
	}{
		{
			"copied", "/b/k", nil,
			[]string{"Content-Type", "text/plain", "Cache-Control", "no-cache", "x-oss-meta-old", "1"},
			"old", "default",
		},
		{
			"nothing else is inherited", "/b/k", nil,
			[]string{"x-oss-storage-class", "Standard", "x-oss-server-side-encryption", ""},
			"old", "default",
		},
		{
			"metadata of the request is ignored", "/b/k",
			[]string{"Content-Type", "text/css", "x-oss-meta-new", "2", "x-oss-tagging", "new=2"},
			[]string{"Content-Type", "text/plain", "x-oss-meta-old", "1", "x-oss-meta-new", ""},
			"old", "default",
		},
		{
			"other headers of the request apply", "/b/k",
			[]string{"x-oss-object-acl", "private", "x-oss-storage-class", "IA", "x-oss-server-side-encryption", "SM4"},
			[]string{"x-oss-storage-class", "IA", "x-oss-server-side-encryption", "SM4", "x-oss-meta-old", "1"},
			"old", "private",
		},
		{
			"replaced", "/b/k",
			[]string{"x-oss-metadata-directive", "REPLACE", "x-oss-tagging-directive", "Replace", "x-oss-meta-new", "2", "x-oss-tagging", "new=2"},
			[]string{"Content-Type", "application/octet-stream", "Cache-Control", "", "x-oss-meta-old", "", "x-oss-meta-new", "2"},
			"new", "default",
		},
		{
			"replaced by nothing", "/b/k",
			[]string{"x-oss-metadata-directive", "REPLACE", "x-oss-tagging-directive", "Replace"},
			[]string{"Content-Type", "application/octet-stream", "x-oss-tagging-count", ""},
			"", "default",
		},
		{
			"onto itself, metadata always replaced", "/b/source",
			[]string{"x-oss-metadata-directive", "COPY", "Content-Type", "text/css"},
			[]string{"Content-Type", "text/css", "Cache-Control", "", "x-oss-meta-old", ""},
			"old", "default",
		},
	} {
		s, c := start(t, Config{})
		source := putSource(s)
		r := c.want("PUT", test.target, "", append([]string{"x-oss-copy-source", "/b/source"}, test.header...)...)
		if r.element("ETag") == "" || r.header.Get("x-oss-hash-crc64ecma") != strconv.FormatUint(source.CRC64, 10) {
			t.Errorf("%s: answered %v %s", test.name, r.header, r.body)
		}
		wantHeaders(t, test.name, c.want("HEAD", test.target, ""), test.want...)
		o, _ := s.Object("b", strings.TrimPrefix(test.target, "/b/"))
		var tags []string
		for tag := range o.Tags {
			tags = append(tags, tag)
		}
		if o.ACL != test.acl || strings.Join(tags, " ") != test.tags || o.ETag != source.ETag || o.Size != source.Size {
			t.Errorf("%s: stored %+v", test.name, o)
		}
		if n := s.BodyBytes(); n != 0 {
			t.Errorf("%s: the client sent %d bytes", test.name, n)
		}
	}
}

// TestCopyObject_limits uses small limits in place of OSS's. Source: API page
// CopyObject.
func TestCopyObject_limits(t *testing.T) {
	s, c := start(t, Config{ConvertLimit: 10, CopyLimit: 20})
	s.CreateBucket("other")
	for _, test := range []struct {
		name           string
		source, target string
		header         []string
		code           string
	}{
		{"within the bucket", "21", "/b/k", nil, ""},
		{"onto itself", "21", "/b/21", nil, ""},
		{"to another bucket", "20", "/other/k", nil, ""},
		{"to another bucket, too large", "21", "/other/k", nil, "EntityTooLarge"},
		{"storage class", "10", "/b/k", []string{"x-oss-storage-class", "IA"}, ""},
		{"storage class, too large", "11", "/b/k", []string{"x-oss-storage-class", "IA"}, "EntityTooLarge"},
		{"storage class, onto itself, too large", "11", "/b/11", []string{"x-oss-storage-class", "IA"}, "EntityTooLarge"},
		{"same storage class", "21", "/b/k", []string{"x-oss-storage-class", "Standard"}, ""},
		{"encryption", "10", "/b/k", []string{"x-oss-server-side-encryption", "AES256"}, ""},
		{"encryption, too large", "11", "/b/11", []string{"x-oss-server-side-encryption", "AES256"}, "EntityTooLarge"},
		{"encryption removed", "11e", "/b/k", nil, "EntityTooLarge"},
		{"encryption kept", "21e", "/b/21e", []string{"x-oss-server-side-encryption", "KMS"}, ""},
		{"another encryption key", "11e", "/b/11e", []string{"x-oss-server-side-encryption", "KMS", "x-oss-server-side-encryption-key-id", "k"}, "EntityTooLarge"},
	} {
		size, header := test.source, http.Header{}
		if number, encrypted := strings.CutSuffix(size, "e"); encrypted {
			size = number
			header.Set("x-oss-server-side-encryption", "KMS")
		}
		n, _ := strconv.Atoi(size)
		s.PutObject("b", test.source, make([]byte, n), header)
		r := c.do("PUT", test.target, "", append([]string{"x-oss-copy-source", "/b/" + test.source}, test.header...)...)
		wantReply(t, test.name, r, map[bool]int{true: 200, false: 400}[test.code == ""], test.code)
	}
}

func TestCopyObject_refused(t *testing.T) {
	s, c := start(t, Config{})
	source := putSource(s)
	s.PutObject("b", "cold", []byte("x"), http.Header{"x-oss-storage-class": {"ColdArchive"}})
	for _, test := range []struct {
		name, source string
		header       []string
		status       int
		code         string
	}{
		{"matching ETag", "/b/source", []string{"x-oss-copy-source-if-match", source.ETag}, 200, ""},
		{"other ETag", "/b/source", []string{"x-oss-copy-source-if-match", `"0"`}, 412, "PreconditionFailed"},
		{"not modified", "/b/source", []string{"x-oss-copy-source-if-none-match", source.ETag}, 304, ""},
		{"no source", "/b/missing", nil, 404, "NoSuchKey"},
		{"no source bucket", "/missing/source", nil, 404, "NoSuchBucket"},
		{"no source key", "/b", nil, 400, "InvalidArgument"},
		{"archived", "/b/cold", nil, 403, "InvalidObjectState"},
		{"directive", "/b/source", []string{"x-oss-metadata-directive", "MERGE"}, 400, "InvalidArgument"},
		{"tagging directive", "/b/source", []string{"x-oss-tagging-directive", "MERGE"}, 400, "InvalidArgument"},
		{"storage class", "/b/source", []string{"x-oss-storage-class", "Cold"}, 400, "InvalidArgument"},
		{"overwrite", "/b/source", []string{"x-oss-forbid-overwrite", "true"}, 409, "FileAlreadyExists"},
	} {
		r := c.do("PUT", "/b/k", "", append([]string{"x-oss-copy-source", test.source}, test.header...)...)
		wantReply(t, test.name, r, test.status, test.code)
	}
	if got := content(t, s, "k"); got != "0123456789" {
		t.Errorf("copied %q", got)
	}
}

func TestCopyObject_versions(t *testing.T) {
	s, c := start(t, Config{})
	s.SetVersioning("b", "Enabled")
	one := c.want("PUT", "/b/k", "one", "x-oss-meta-a", "1").header.Get("x-oss-version-id")
	c.want("PUT", "/b/k", "two")
	marker := c.want("DELETE", "/b/k", "").header.Get("x-oss-version-id")
	wantReply(t, "deleted", c.do("PUT", "/b/c", "", "x-oss-copy-source", "/b/k"), 404, "NoSuchKey")
	wantReply(t, "the marker", c.do("PUT", "/b/c", "", "x-oss-copy-source", "/b/k?versionId="+marker), 404, "NoSuchKey")
	wantReply(t, "no version", c.do("PUT", "/b/c", "", "x-oss-copy-source", "/b/k?versionId=CAEQgone"), 404, "NoSuchVersion")

	r := c.want("PUT", "/b/k", "", "x-oss-copy-source", "/b/k?versionId="+one)
	id := r.header.Get("x-oss-version-id")
	if got := content(t, s, "k"); got != "one" || id == one || r.header.Get("x-oss-copy-source-version-id") != one {
		t.Errorf("restored %q: %v", got, r.header)
	}
	wantHeaders(t, "metadata is copied with versioning", c.want("HEAD", "/b/k", ""), "x-oss-meta-a", "1", "x-oss-version-id", id)
	if n := len(s.Versions("b", "k")); n != 4 {
		t.Errorf("%d versions", n)
	}
	id = c.initiate("/b/part")
	wantReply(t, "part of the marker", c.do("PUT", partTarget("/b/part", id, 1), "", "x-oss-copy-source", "/b/k?versionId="+marker), 400, "InvalidArgument")
	r = c.want("PUT", partTarget("/b/part", id, 1), "", "x-oss-copy-source", "/b/k?versionId="+one)
	if r.header.Get("x-oss-copy-source-version-id") != one {
		t.Errorf("part of a version: %v", r.header)
	}
}

// TestCopyWithoutCRC64 tests copies without a CRC-64. The API page says that
// "an object generated by the CopyObject operation may not have this value".
// The result of Complete has a CRC-64 only if every part has one.
func TestCopyWithoutCRC64(t *testing.T) {
	s, c := start(t, Config{CopyWithoutCRC64: true})
	putSource(s)
	c.want("PUT", "/b/copy", "", "x-oss-copy-source", "/b/source")
	id := c.initiate("/b/parts")
	etag := c.want("PUT", partTarget("/b/parts", id, 1), "", "x-oss-copy-source", "/b/source").header.Get("ETag")
	if sums := c.want("GET", "/b/parts?uploadId="+id, "").elements("HashCrc64ecma"); len(sums) != 0 {
		t.Errorf("ListParts returned CRC-64s: %v", sums)
	}
	wantHeaders(t, "complete", c.complete("/b/parts", id, partList(1, etag)), "x-oss-hash-crc64ecma", "")
	for _, key := range []string{"copy", "parts"} {
		wantHeaders(t, key, c.want("HEAD", "/b/"+key, ""), "x-oss-hash-crc64ecma", "", "Content-Length", "10")
	}
	if o, _ := s.Object("b", "copy"); o.CRC64 == 0 {
		t.Error("ObjectInfo has no CRC-64")
	}
	c.want("PUT", "/b/copy", "x")
	if c.want("HEAD", "/b/copy", "").header.Get("x-oss-hash-crc64ecma") == "" {
		t.Error("the object has no CRC-64 after a put")
	}
}

// TestPutLargeObject changes the storage class of a large object part by part,
// as a client must above the limit. The server reads none of its bytes.
func TestPutLargeObject(t *testing.T) {
	const partSize, parts = 1 << 20, 2048
	s, c := start(t, Config{Discard: true})
	o := s.PutLargeObject("b", "k", make([]byte, partSize), parts, nil)
	if o.Size != partSize*parts || o.Type != "Multipart" {
		t.Fatalf("stored %+v", o)
	}
	self := []string{"x-oss-copy-source", "/b/k", "x-oss-copy-source-if-match", o.ETag}
	wantReply(t, "storage class", c.do("PUT", "/b/k", "", append(self, "x-oss-storage-class", "IA")...), 400, "EntityTooLarge")
	wantReply(t, "metadata", c.do("PUT", "/b/k", "", append(self, "x-oss-meta-a", "1")...), 200, "")

	id := c.initiate("/b/k", "x-oss-storage-class", "IA")
	var list []any
	for n := range 3 {
		part := append(self, "x-oss-copy-source-range", "bytes="+strconv.Itoa(n*partSize)+"-"+strconv.Itoa((n+1)*partSize-1))
		r := c.want("PUT", partTarget("/b/k", id, n+1), "", part...)
		list = append(list, n+1, r.header.Get("ETag"))
	}
	wantReply(t, "complete", c.complete("/b/k", id, partList(list...)), 200, "")
	if o, _ := s.Object("b", "k"); o.Size != 3*partSize || o.Header.Get("x-oss-storage-class") != "IA" {
		t.Errorf("stored %+v", o)
	}
}
