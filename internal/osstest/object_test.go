// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

func TestObject(t *testing.T) {
	s, c := start(t, Config{})
	c.want("PUT", "/b/dir%2Fa%20b%2B.txt", "0123456789", "Cache-Control", "no-cache", "x-oss-meta-name", "value")
	const target = "/b/dir/a%20b%2B.txt" // the same key, with another escaping
	if got := content(t, s, "dir/a b+.txt"); got != "0123456789" {
		t.Errorf("stored %q", got)
	}
	head := c.want("HEAD", target, "")
	for name, want := range map[string]string{
		"ETag": `"781E5E245D69B566979B86E28D23F2C7"`, "Content-Length": "10", "Content-Type": "application/octet-stream",
		"Cache-Control": "no-cache", "x-oss-meta-name": "value", "x-oss-object-type": "Normal", "x-oss-storage-class": "Standard",
	} {
		if got := head.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for header, want := range map[string]string{
		"bytes=2-4": "234", "bytes=7-": "789", "bytes=-2": "89", "bytes=5-100": "0123456789", "bytes=10-11": "0123456789", "lines=1-2": "0123456789",
	} {
		r := c.want("GET", target, "", "Range", header)
		if r.body != want || (r.status == http.StatusPartialContent) != (len(want) < 10) {
			t.Errorf("%s: %d %q, want %q", header, r.status, r.body, want)
		}
	}
	if r := c.do("GET", target, "", "Range", "bytes=5-100", "x-oss-range-behavior", "standard"); r.body != "56789" {
		t.Errorf("standard range: %q", r.body)
	}
	wantReply(t, "standard range", c.do("GET", target, "", "Range", "bytes=10-11", "x-oss-range-behavior", "standard"), 416, "InvalidRange")
	c.want("DELETE", target, "")
	wantReply(t, "deleted", c.do("GET", target, ""), 404, "NoSuchKey")
	c.want("DELETE", target, "")
}

func TestHeadError(t *testing.T) {
	_, c := start(t, Config{})
	r := c.do("HEAD", "/b/missing", "")
	document, err := base64.StdEncoding.DecodeString(r.header.Get("x-oss-err"))
	if r.status != 404 || r.body != "" || err != nil || !strings.Contains(string(document), "<Code>NoSuchKey</Code>") {
		t.Errorf("got %d %q, x-oss-err %q", r.status, r.body, document)
	}
	if r.header.Get("x-oss-ec") != "0026-00000001" || len(r.header.Get("x-oss-request-id")) != 24 {
		t.Errorf("headers %v", r.header)
	}
}

func TestPutObject_refused(t *testing.T) {
	_, c := start(t, Config{})
	for name, test := range map[string]struct {
		target, header, value, code string
		status                      int
	}{
		"no bucket":       {"/other/k", "", "", "NoSuchBucket", 404},
		"long key":        {"/b/" + strings.Repeat("k", 1024), "", "", "InvalidObjectName", 400},
		"leading slash":   {"/b/%2Fk", "", "", "InvalidObjectName", 400},
		"unknown ACL":     {"/b/k", "x-oss-object-acl", "mine", "InvalidArgument", 400},
		"unknown class":   {"/b/k", "x-oss-storage-class", "Cold", "InvalidArgument", 400},
		"unknown cipher":  {"/b/k", "x-oss-server-side-encryption", "ROT13", "InvalidEncryptionAlgorithmError", 400},
		"eleven tags":     {"/b/k", "x-oss-tagging", "a&b&c&d&e&f&g&h&i&j&k", "InvalidTag", 400},
		"large metadata":  {"/b/k", "x-oss-meta-a", strings.Repeat("x", 8192), "InvalidArgument", 400},
		"malformed MD5":   {"/b/k", "Content-MD5", "?", "InvalidDigest", 400},
		"broken callback": {"/b/k", "x-oss-callback", "?", "InvalidArgument", 400},
	} {
		wantReply(t, name, c.do("PUT", test.target, "x", cmp.Or(test.header, "X-Ignored"), test.value), test.status, test.code)
	}
	c.want("PUT", "/b/"+strings.Repeat("k", 1023), "x")
	c.want("PUT", "/b/k", "x", "x-oss-forbid-overwrite", "true")
	wantReply(t, "overwrite", c.do("PUT", "/b/k", "y", "x-oss-forbid-overwrite", "true"), 409, "FileAlreadyExists")
}

func TestVersioning(t *testing.T) {
	s, c := start(t, Config{})
	c.want("PUT", "/b/k", "null")
	s.SetVersioning("b", "Enabled")
	one := c.want("PUT", "/b/k", "one", "x-oss-forbid-overwrite", "true").header.Get("x-oss-version-id")
	marker := c.want("DELETE", "/b/k", "").header.Get("x-oss-version-id")
	wantReply(t, "hidden", c.do("GET", "/b/k", ""), 404, "NoSuchKey")
	wantReply(t, "the marker", c.do("GET", "/b/k?versionId="+marker, ""), 405, "MethodNotAllowed")
	wantReply(t, "no version", c.do("GET", "/b/k?versionId=CAEQgone", ""), 404, "NoSuchVersion")
	wantReply(t, "malformed version ID", c.do("GET", "/b/k?versionId=none", ""), 400, "InvalidArgument")
	for id, want := range map[string]string{"null": "null", one: "one"} {
		if r := c.want("GET", "/b/k?versionId="+id, ""); r.body != want || r.header.Get("x-oss-version-id") != id {
			t.Errorf("version %s: %q, %v", id, r.body, r.header)
		}
	}
	var got []string
	for markers := ""; ; {
		r := c.want("GET", "/b?versions&max-keys=1"+markers, "")
		got = append(got, r.elements("VersionId")...)
		if r.element("IsTruncated") == "false" {
			break
		}
		markers = "&key-marker=" + r.element("NextKeyMarker") + "&version-id-marker=" + r.element("NextVersionIdMarker")
	}
	if want := []string{marker, one, "null"}; !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	if versions := s.Versions("b", "k"); len(versions) != 3 || !versions[2].DeleteMarker {
		t.Errorf("versions are %+v", versions)
	}

	s.SetVersioning("b", "Suspended")
	c.want("PUT", "/b/k", "null again")
	if versions := s.Versions("b", "k"); len(versions) != 3 || versions[2].VersionID != "null" || versions[0].VersionID != one {
		t.Errorf("versions are %+v", versions)
	}
	c.want("DELETE", "/b/k?versionId=null", "")
	c.want("DELETE", "/b/k?versionId="+marker, "")
	if got := content(t, s, "k"); got != "one" {
		t.Errorf("the latest version is %q", got)
	}
}

func TestListObjects(t *testing.T) {
	s, c := start(t, Config{})
	for _, key := range []string{"a", "b/1", "b/2", "c", "d/1", "ü & <"} {
		s.PutObject("b", key, []byte(key), nil)
	}
	for _, size := range []string{"1", "2", "3", "4", "5", "1000"} {
		var keys []string
		for marker := ""; ; {
			r := c.want("GET", "/b?delimiter=/&encoding-type=url&max-keys="+size+"&marker="+marker, "")
			keys = append(keys, append(r.elements("Key"), r.elements("Prefix")[1:]...)...)
			if r.element("IsTruncated") == "false" {
				break
			}
			marker = r.element("NextMarker")
		}
		slices.Sort(keys)
		if want := []string{"%C3%BC%20%26%20%3C", "a", "b%2F", "c", "d%2F"}; !slices.Equal(keys, want) {
			t.Errorf("in pages of %s: %v, want %v", size, keys, want)
		}
	}
	wantReply(t, "page size too large", c.do("GET", "/b?max-keys=1001", ""), 400, "InvalidArgument")
}

func TestTagging(t *testing.T) {
	s, c := start(t, Config{})
	before := s.PutObject("b", "k", nil, http.Header{"x-oss-tagging": {"old=1"}})
	c.want("PUT", "/b/k?tagging", "<Tagging><TagSet><Tag><Key>new</Key><Value>2</Value></Tag></TagSet></Tagging>")
	o, _ := s.Object("b", "k")
	if len(o.Tags) != 1 || o.Tags["new"] != "2" || !o.LastModified.Equal(before.LastModified) {
		t.Errorf("stored %+v", o)
	}
}
