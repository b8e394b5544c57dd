// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"strings"
	"testing"
	"time"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// everyHeader is the headers that PutObject and InitiateMultipartUpload store
// and HeadObject returns. Source: their API pages.
var everyHeader = []string{
	"Content-Type", "text/plain; charset=utf-8", "Cache-Control", "no-cache", "Content-Disposition", `attachment; filename="a b"`,
	"Content-Encoding", "gzip", "Content-Language", "de-CH", "Expires", "Wed, 21 Oct 2026 07:28:00 GMT",
	"x-oss-meta-one", "1", "x-oss-meta-two-words", "two words", "x-oss-storage-class", "IA",
	"x-oss-server-side-encryption", "KMS", "x-oss-server-side-encryption-key-id", "key", "x-oss-server-side-data-encryption", "SM4",
}

func wantHeaders(t *testing.T, what string, r reply, header ...string) {
	t.Helper()
	for i := 0; i < len(header); i += 2 {
		if got := r.header.Get(header[i]); got != header[i+1] {
			t.Errorf("%s: %s is %q, want %q", what, header[i], got, header[i+1])
		}
	}
}

func TestAttributes(t *testing.T) {
	_, c := start(t, Config{})
	given := append([]string{"x-oss-tagging", "a=1&b"}, everyHeader...)
	stored := append([]string{"x-oss-tagging-count", "2"}, everyHeader...)

	put := c.want("PUT", "/b/put", "x", given...)
	id := c.initiate("/b/multipart", given...)
	done := c.complete("/b/multipart", id, partList(1, c.part("/b/multipart", id, 1, "x")))
	for what, r := range map[string]reply{"put": put, "complete": done} {
		wantHeaders(t, what, r, everyHeader[len(everyHeader)-6:]...)
	}
	for key, kind := range map[string]string{"put": "Normal", "multipart": "Multipart"} {
		for _, method := range []string{"HEAD", "GET"} {
			r := c.want(method, "/b/"+key, "")
			wantHeaders(t, method+" "+key, r, stored...)
			wantHeaders(t, method+" "+key, r, "x-oss-object-type", kind, "x-oss-version-id", "")
		}
	}
	c.want("PUT", "/b/plain", "x")
	wantHeaders(t, "plain", c.want("HEAD", "/b/plain", ""), "x-oss-storage-class", "Standard", "x-oss-server-side-encryption", "",
		"x-oss-tagging-count", "", "x-oss-object-worm-mode", "", "Expires", "", "Content-Type", "application/octet-stream")
}

// TestAttributes_refused tests values at the limits of what OSS accepts and
// just beyond them.
func TestAttributes_refused(t *testing.T) {
	_, c := start(t, Config{})
	for _, test := range []struct {
		name   string
		header []string
		code   string // "" if the request succeeds
	}{
		{"8 KiB of metadata", []string{"x-oss-meta-ab", strings.Repeat("x", 8190)}, ""},
		{"one byte more", []string{"x-oss-meta-ab", strings.Repeat("x", 8191)}, "InvalidArgument"},
		{"one byte more in two headers", []string{"x-oss-meta-ab", strings.Repeat("x", 8188), "x-oss-meta-b", "12"}, "InvalidArgument"},
		{"underscore in metadata", []string{"x-oss-meta-a_b", "1"}, "InvalidArgument"},
		{"empty storage class", []string{"x-oss-storage-class", ""}, "InvalidArgument"},
		{"storage class in lower case", []string{"x-oss-storage-class", "standard"}, "InvalidArgument"},
		{"DeepColdArchive", []string{"x-oss-storage-class", "DeepColdArchive"}, ""},
		{"SM4", []string{"x-oss-server-side-encryption", "SM4"}, ""},
		{"key without KMS", []string{"x-oss-server-side-encryption", "AES256", "x-oss-server-side-encryption-key-id", "k"}, "InvalidArgument"},
		{"key without encryption", []string{"x-oss-server-side-encryption-key-id", "k"}, "InvalidArgument"},
		{"data encryption without KMS", []string{"x-oss-server-side-encryption", "SM4", "x-oss-server-side-data-encryption", "SM4"}, "InvalidArgument"},
		{"data encryption with AES256", []string{"x-oss-server-side-encryption", "KMS", "x-oss-server-side-data-encryption", "AES256"}, "InvalidDataEncryptionAlgorithmError"},
		{"ten tags", []string{"x-oss-tagging", "a&b&c&d&e&f&g&h&i&j"}, ""},
		{"longest tag", []string{"x-oss-tagging", strings.Repeat("k", 128) + "=" + strings.Repeat("v", 256)}, ""},
		{"tag key too long", []string{"x-oss-tagging", strings.Repeat("k", 129)}, "InvalidTag"},
		{"tag value too long", []string{"x-oss-tagging", "k=" + strings.Repeat("v", 257)}, "InvalidTag"},
		{"all valid characters", []string{"x-oss-tagging", "aZ09%20%2B-%3D._%3A%2F=+"}, ""},
		{"invalid character", []string{"x-oss-tagging", "a%25"}, "InvalidTag"},
		{"tag without a key", []string{"x-oss-tagging", "=v"}, "InvalidTag"},
		{"duplicate tag", []string{"x-oss-tagging", "a=1&a=2"}, "InvalidArgument"},
		{"ACL default", []string{"x-oss-object-acl", "default"}, ""},
	} {
		for method, target := range map[string]string{"PUT": "/b/k", "POST": "/b/k?uploads"} {
			if method == "POST" && test.header[0] == "x-oss-object-acl" {
				continue
			}
			r := c.do(method, target, "", test.header...)
			if r.code() != test.code || (r.status == 200) != (test.code == "") {
				t.Errorf("%s: %s: got %d %s, want %q", test.name, method, r.status, r.code(), test.code)
			}
		}
	}
}

func TestEncryption(t *testing.T) {
	s, c := start(t, Config{})
	c.want("PUT", "/b/kms", "", "x-oss-server-side-encryption", "KMS")
	wantHeaders(t, "KMS without a key", c.want("HEAD", "/b/kms", ""), "x-oss-server-side-encryption-key-id", DefaultKMSKeyID)

	s.SetEncryption("b", "KMS", "bucket's")
	c.want("PUT", "/b/default", "")
	c.want("PUT", "/b/own", "", "x-oss-server-side-encryption", "AES256")
	wantHeaders(t, "bucket default", c.want("HEAD", "/b/default", ""), "x-oss-server-side-encryption", "KMS", "x-oss-server-side-encryption-key-id", "bucket's")
	wantHeaders(t, "own encryption", c.want("HEAD", "/b/own", ""), "x-oss-server-side-encryption", "AES256", "x-oss-server-side-encryption-key-id", "")
	s.SetEncryption("b", "", "")
	c.want("PUT", "/b/default", "")
	wantHeaders(t, "no bucket default", c.want("HEAD", "/b/default", ""), "x-oss-server-side-encryption", "")
}

// TestDrift tests changes of an object by another client.
func TestDrift(t *testing.T) {
	s, c := start(t, Config{})
	before := s.PutObject("b", "k", []byte("x"), nil)
	s.SetHeader("b", "k", "x-oss-meta-name", "theirs")
	s.SetHeader("b", "k", "Content-Type", "text/css")
	s.SetACL("b", "k", "public-read")
	s.SetTags("b", "k", map[string]string{"theirs": "1"})
	r := c.want("HEAD", "/b/k", "")
	wantHeaders(t, "changed", r, "x-oss-meta-name", "theirs", "Content-Type", "text/css", "x-oss-tagging-count", "1", "ETag", before.ETag,
		"x-oss-storage-class", "Standard")
	if got := c.want("GET", "/b/k?acl", "").element("Grant"); got != "public-read" {
		t.Errorf("ACL is %q", got)
	}
	s.SetHeader("b", "k", "x-oss-meta-name", "")
	wantHeaders(t, "removed", c.want("HEAD", "/b/k", ""), "x-oss-meta-name", "")
	s.SetRetention("b", "k", "COMPLIANCE", time.Date(2099, 1, 2, 3, 4, 5, 0, time.UTC))
	wantHeaders(t, "retained", c.want("HEAD", "/b/k", ""), "x-oss-object-worm-retain-until-date", "2099-01-02T03:04:05.000Z")
	after, _ := s.Object("b", "k")
	if !after.LastModified.Equal(before.LastModified) || after.Tags["theirs"] != "1" {
		t.Errorf("stored %+v", after)
	}
}

// TestUnknownHeaders tests that a header that the operation does not support is
// a violation, although OSS does not refuse it.
func TestUnknownHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		method, target string
		header         []string
		valid          bool
	}{
		"unknown":            {"PUT", "/b/k", []string{"x-oss-object-lock", "1"}, false},
		"metadata in HEAD":   {"HEAD", "/b/k", []string{"x-oss-meta-a", "1"}, false},
		"tags with an ACL":   {"PUT", "/b/k?acl", []string{"x-oss-object-acl", "private", "x-oss-tagging", "a=1"}, false},
		"ACL in Initiate":    {"POST", "/b/k?uploads", []string{"x-oss-object-acl", "private"}, false},
		"directive in put":   {"PUT", "/b/k", []string{"x-oss-metadata-directive", "COPY"}, false},
		"callback in copy":   {"PUT", "/b/k2", []string{"x-oss-copy-source", "/b/k", "x-oss-callback", "e30="}, false},
		"content hash":       {"PUT", "/b/k", []string{"x-oss-content-sha256", "UNSIGNED-PAYLOAD"}, true},
		"metadata in put":    {"PUT", "/b/k", []string{"x-oss-meta-a", "1"}, true},
		"ACL of an object":   {"PUT", "/b/k?acl", []string{"x-oss-object-acl", "private"}, true},
		"condition of a GET": {"GET", "/b/k", []string{"If-None-Match", "x"}, true},
	} {
		r := &recorder{T: t}
		s := Start(r, Config{})
		s.CreateBucket("b")
		s.PutObject("b", "k", []byte("x"), nil)
		if got := newClient(t, s).do(test.method, test.target, "", test.header...); got.status != 200 {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
		for _, f := range r.cleanup {
			f()
		}
		if valid := len(r.failures) == 0; valid != test.valid {
			t.Errorf("%s: valid is %t, want %t: %q", name, valid, test.valid, r.failures)
		}
	}
}
