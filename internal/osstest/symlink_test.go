// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"net/http"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// TestSymlink tests that a reader sees the current target with the link's own
// headers.
func TestSymlink(t *testing.T) {
	s, c := start(t, Config{})
	c.want("PUT", "/b/link?symlink", "", "x-oss-symlink-target", "a%20target", "x-oss-meta-a", "1")
	wantReply(t, "no target", c.do("GET", "/b/link", ""), 404, "SymlinkTargetNotExist")
	if r := c.do("HEAD", "/b/link", ""); r.status != 404 || r.header.Get("x-oss-ec") != "0026-00000012" {
		t.Errorf("no target: %d %v", r.status, r.header)
	}
	link := c.want("GET", "/b/link?symlink", "")
	wantHeaders(t, "link", link, "x-oss-symlink-target", "a%20target", "x-oss-meta-a", "1", "Content-Length", "0")

	for _, body := range []string{"one", "two two"} {
		s.PutObject("b", "a target", []byte(body), http.Header{"x-oss-meta-a": {"2"}, "x-oss-storage-class": {"IA"}})
		target := c.want("HEAD", "/b/a%20target", "").header
		r := c.want("GET", "/b/link", "")
		if r.body != body {
			t.Errorf("read %q, want %q", r.body, body)
		}
		wantHeaders(t, body, r, "ETag", target.Get("ETag"), "x-oss-hash-crc64ecma", target.Get("x-oss-hash-crc64ecma"),
			"x-oss-object-type", "Symlink", "x-oss-storage-class", "IA", "x-oss-meta-a", "1")
	}
	wantHeaders(t, "link unchanged", c.want("GET", "/b/link?symlink", ""), "ETag", link.header.Get("ETag"))
	wantHeaders(t, "meta", c.want("HEAD", "/b/link?objectMeta", ""), "ETag", link.header.Get("ETag"), "Content-Length", "0")

	s.PutSymlink("b", "link to link", "link")
	wantReply(t, "link to link", c.do("GET", "/b/link%20to%20link", ""), 400, "InvalidTargetType")
	wantReply(t, "not a link", c.do("GET", "/b/a%20target?symlink", ""), 400, "NotSymlink")
	wantReply(t, "forbidden overwrite", c.do("PUT", "/b/link?symlink", "", "x-oss-symlink-target", "x", "x-oss-forbid-overwrite", "true"), 409, "FileAlreadyExists")
	wantReply(t, "no target header", c.do("PUT", "/b/nothing?symlink", ""), 400, "InvalidArgument")
}

// TestSymlink_copied tests that a copy of a link is a link.
func TestSymlink_copied(t *testing.T) {
	s, c := start(t, Config{})
	s.PutObject("b", "target", []byte("x"), nil)
	s.PutSymlink("b", "link", "target")
	c.want("PUT", "/b/copied", "", "x-oss-copy-source", "/b/link")
	wantHeaders(t, "copied", c.want("GET", "/b/copied?symlink", ""), "x-oss-symlink-target", "target")
	s.DeleteObject("b", "target")
	wantReply(t, "target deleted", c.do("GET", "/b/copied", ""), 404, "SymlinkTargetNotExist")
}
