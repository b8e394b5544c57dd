// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

var bigPart = strings.Repeat("0123456789abcdef", 100<<10/16) // the minimum size, except for the last part

func TestMultipart(t *testing.T) {
	s, c := start(t, Config{})
	id := c.initiate("/b/k", "Content-Type", "text/plain", "x-oss-meta-a", "1", "x-oss-tagging", "t=v", "x-oss-storage-class", "IA")
	two := c.part("/b/k", id, 7, "tail")
	one := c.part("/b/k", id, 3, bigPart)
	r := c.complete("/b/k", id, partList(3, one, 7, two), "x-oss-object-acl", "public-read")
	wantReply(t, "complete", r, 200, "")

	if got := content(t, s, "k"); got != bigPart+"tail" {
		t.Errorf("stored %d bytes", len(got))
	}
	o, _ := s.Object("b", "k")
	if o.Type != "Multipart" || o.ACL != "public-read" || o.Tags["t"] != "v" || o.Header.Get("Content-Type") != "text/plain" ||
		o.Header.Get("x-oss-meta-a") != "1" || o.Header.Get("x-oss-storage-class") != "IA" {
		t.Errorf("stored %+v", o)
	}
	put := c.want("PUT", "/b/same-bytes", bigPart+"tail").header.Get("x-oss-hash-crc64ecma")
	if got := r.header.Get("x-oss-hash-crc64ecma"); got != put || got != fmt.Sprint(o.CRC64) {
		t.Errorf("CRC-64 is %s, but %s after PutObject", got, put)
	}
	if n := len(s.OpenUploads("b")); n != 0 {
		t.Errorf("%d uploads are open", n)
	}
	wantReply(t, "complete again", c.complete("/b/k", id, partList(3, one, 7, two)), 404, "NoSuchUpload")
	wantReply(t, "abort after complete", c.do("DELETE", "/b/k?uploadId="+id, ""), 404, "NoSuchUpload")
	if _, ok := s.Object("b", "k"); !ok {
		t.Error("abort after complete deleted the object")
	}
}

func TestComplete_refused(t *testing.T) {
	s, c := start(t, Config{})
	id := c.initiate("/b/k")
	small := c.part("/b/k", id, 1, "small")
	last := c.part("/b/k", id, 2, "last")
	old := c.part("/b/k", id, 3, "old")
	c.part("/b/k", id, 3, "new")
	for name, test := range map[string]struct{ list, code string }{
		"small part first": {partList(1, small, 2, last), "EntityTooSmall"},
		"out of order":     {partList(2, last, 1, small), "InvalidPartOrder"},
		"duplicate part":   {partList(1, small, 1, small), "InvalidPartOrder"},
		"replaced part":    {partList(3, old), "InvalidPart"},
	} {
		wantReply(t, name, c.complete("/b/k", id, test.list), 400, test.code)
	}
	c.want("PUT", "/b/k", "existing")
	wantReply(t, "forbidden overwrite", c.complete("/b/k", id, partList(2, last), "x-oss-forbid-overwrite", "true"), 409, "FileAlreadyExists")
	wantReply(t, "forbidden at initiate", c.do("POST", "/b/k?uploads", "", "x-oss-forbid-overwrite", "true"), 409, "FileAlreadyExists")
	if n := len(s.OpenUploads("b")[0].Parts); n != 3 {
		t.Errorf("%d parts are left, want 3", n)
	}
	wantReply(t, "valid list", c.complete("/b/k", id, partList(2, last)), 200, "")
	if got := content(t, s, "k"); got != "last" {
		t.Errorf("stored %q", got)
	}
}

func TestComplete_empty(t *testing.T) {
	s, c := start(t, Config{})
	wantReply(t, "complete", c.complete("/b/k", c.initiate("/b/k"), partList()), 200, "")
	if o, _ := s.Object("b", "k"); o.Size != 0 || o.CRC64 != 0 {
		t.Errorf("stored %+v", o)
	}
}

func TestUploadPart_refused(t *testing.T) {
	s, c := start(t, Config{})
	id := c.initiate("/b/k")
	sum := md5.Sum([]byte("other"))
	for name, test := range map[string]struct {
		header string
		value  string
		code   string
	}{
		"MD5 of other bytes":    {"Content-MD5", base64.StdEncoding.EncodeToString(sum[:]), "InvalidDigest"},
		"malformed MD5":         {"Content-MD5", "not MD5", "InvalidDigest"},
		"CRC-64 of other bytes": {"x-oss-hash-crc64ecma", "1", "InvalidCRC64"},
		"encryption":            {"x-oss-server-side-encryption", "AES256", "InvalidArgument"},
		"low traffic limit":     {"x-oss-traffic-limit", "819199", "InvalidArgument"},
	} {
		wantReply(t, name, c.do("PUT", partTarget("/b/k", id, 1), "x", test.header, test.value), 400, test.code)
	}
	if parts := s.OpenUploads("b")[0].Parts; len(parts) != 0 {
		t.Errorf("stored %v", parts)
	}
}

func TestUploadPartCopy(t *testing.T) {
	s, c := start(t, Config{})
	s.PutObject("b", "a source", []byte("0123456789"), nil)
	id := c.initiate("/b/k")
	copyPart := func(header ...string) reply {
		t.Helper()
		return c.do("PUT", partTarget("/b/k", id, 1), "", append([]string{"x-oss-copy-source", "/b/a%20source"}, header...)...)
	}
	r := copyPart("x-oss-copy-source-range", "bytes=2-4")
	wantReply(t, "range", r, 200, "")
	wantReply(t, "complete", c.complete("/b/k", id, partList(1, r.header.Get("ETag"))), 200, "")
	if got := content(t, s, "k"); got != "234" {
		t.Errorf("copied %q", got)
	}
	id = c.initiate("/b/k")
	r = copyPart("x-oss-copy-source-range", "bytes=2-40")
	if got := s.OpenUploads("b")[0].Parts[0].Size; got != 10 || r.header.Get("Content-Range") != "" {
		t.Errorf("a range that does not fit copied %d bytes, Content-Range %q", got, r.header.Get("Content-Range"))
	}
	wantReply(t, "condition", copyPart("x-oss-copy-source-if-match", `"0"`), 412, "PreconditionFailed")
}

func TestListParts(t *testing.T) {
	s, c := start(t, Config{})
	id := c.initiate("/b/k")
	for _, number := range []int{4, 1, 10000, 3} {
		c.part("/b/k", id, number, strconv.Itoa(number))
	}
	var numbers, sums []string
	marker := "0"
	for {
		r := c.want("GET", "/b/k?uploadId="+id+"&max-parts=3&part-number-marker="+marker, "")
		numbers = append(numbers, r.elements("PartNumber")...)
		sums = append(sums, r.elements("HashCrc64ecma")...)
		if r.element("IsTruncated") == "false" {
			break
		}
		marker = r.element("NextPartNumberMarker")
	}
	if want := []string{"1", "3", "4", "10000"}; !slices.Equal(numbers, want) {
		t.Errorf("listed %v, want %v", numbers, want)
	}
	for i, p := range s.OpenUploads("b")[0].Parts {
		if sums[i] != strconv.FormatUint(p.CRC64, 10) {
			t.Errorf("part %d: CRC-64 %s, want %d", p.Number, sums[i], p.CRC64)
		}
	}
}

func TestListMultipartUploads(t *testing.T) {
	s, c := start(t, Config{})
	for _, key := range []string{"a", "b", "b", "b", "c/1", "c/2", "d"} {
		c.initiate("/b/" + key)
	}
	var want []string
	for _, u := range s.OpenUploads("b") {
		want = append(want, u.UploadID)
	}
	for size := 1; size <= 8; size++ {
		got, target := []string(nil), fmt.Sprintf("/b?uploads&max-uploads=%d", size)
		for markers := ""; ; {
			r := c.want("GET", target+markers, "")
			got = append(got, r.elements("UploadId")...)
			if r.element("IsTruncated") == "false" {
				break
			}
			markers = "&key-marker=" + r.element("NextKeyMarker") + "&upload-id-marker=" + r.element("NextUploadIdMarker")
		}
		if !slices.Equal(got, want) {
			t.Errorf("in pages of %d: %v, want %v", size, got, want)
		}
	}
	r := c.want("GET", "/b?uploads&delimiter=/&key-marker=b", "")
	if keys := r.elements("Key"); !slices.Equal(keys, []string{"d"}) || !strings.Contains(r.body, "<Prefix>c/</Prefix>") {
		t.Errorf("with a delimiter: %s", r.body)
	}
}

// TestUploadChangedByAnotherClient tests what another client may do to an open
// upload.
func TestUploadChangedByAnotherClient(t *testing.T) {
	s, c := start(t, Config{})
	id := c.initiate("/b/k")
	one, two := c.part("/b/k", id, 1, bigPart), c.part("/b/k", id, 2, "tail")

	s.ReplacePart(id, 1, []byte(strings.ToUpper(bigPart)))
	wantReply(t, "replaced", c.complete("/b/k", id, partList(1, one, 2, two)), 400, "InvalidPart")
	c.part("/b/k", id, 1, bigPart)
	s.DropPart(id, 2)
	wantReply(t, "dropped", c.complete("/b/k", id, partList(1, one, 2, two)), 400, "InvalidPart")
	s.AbortUpload(id)
	wantReply(t, "aborted", c.do("PUT", partTarget("/b/k", id, 1), "x"), 404, "NoSuchUpload")
	wantReply(t, "aborted", c.do("GET", "/b/k?uploadId="+id, ""), 404, "NoSuchUpload")
}
