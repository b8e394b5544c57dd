// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// TestListObjectsV2_many lists 3,000 of 4,000 objects, 1,000 at a time, and
// then their versions.
func TestListObjectsV2_many(t *testing.T) {
	const n, others = 3000, 1000
	s, c := start(t, Config{Discard: true})
	for i := range n {
		s.PutObject("b", fmt.Sprintf("some/%05d", i), nil, nil)
	}
	for i := range others {
		s.PutObject("b", fmt.Sprintf("other/%05d", i), nil, nil)
	}
	listed, pages, last := 0, 0, ""
	for token := ""; ; pages++ {
		r := c.want("GET", "/b?list-type=2&prefix=some/&max-keys=1000&fetch-owner=true&continuation-token="+url.QueryEscape(token), "")
		keys := r.elements("Key")
		if len(keys) == 0 || keys[0] <= last || !strings.HasPrefix(keys[0], "some/") || len(r.elements("Owner")) != len(keys) {
			t.Fatalf("page %d: %d keys, %d owners, after %q", pages, len(keys), len(r.elements("Owner")), last)
		}
		listed, last = listed+len(keys), keys[len(keys)-1]
		if token = r.element("NextContinuationToken"); token == "" {
			break
		}
	}
	if listed != n || pages != n/1000-1 {
		t.Errorf("listed %d objects, %d pages after the first", listed, pages)
	}
	if keys := c.want("GET", "/b?list-type=2&prefix=some/&start-after=some/02997", "").elements("Key"); len(keys) != 2 {
		t.Errorf("at the end: %v", keys)
	}
	if owners := c.want("GET", "/b?list-type=2&max-keys=1", "").elements("Owner"); len(owners) != 0 {
		t.Errorf("owners without fetch-owner: %v", owners)
	}
	r := c.want("GET", "/b?versions&prefix=some/&max-keys=1000&key-marker=some/00009&version-id-marker=null", "")
	if keys := r.elements("Key"); len(keys) != 1000 || keys[0] != "some/00010" {
		t.Errorf("versions: %v", keys)
	}
	c.want("DELETE", "/b/some/00000", "")
	c.want("PUT", "/b/some/000000", "")
	if keys := c.want("GET", "/b?list-type=2&prefix=some/&max-keys=2", "").elements("Key"); keys[0] != "some/000000" || keys[1] != "some/00001" {
		t.Errorf("after changes: %v", keys)
	}
}

// TestListObjectVersions pages through the versions of keys with a common
// prefix.
func TestListObjectVersions(t *testing.T) {
	s, c := start(t, Config{})
	s.SetVersioning("b", "Enabled")
	for _, key := range []string{"a", "k", "k", "k2", "k2", "z"} {
		s.PutObject("b", key, nil, nil)
	}
	s.DeleteObject("b", "k")
	var got []string
	for markers := ""; ; {
		r := c.want("GET", "/b?versions&prefix=k&max-keys=2"+markers, "")
		got = append(got, r.elements("Key")...)
		if r.element("IsTruncated") == "false" {
			break
		}
		markers = "&key-marker=" + r.element("NextKeyMarker") + "&version-id-marker=" + r.element("NextVersionIdMarker")
	}
	if want := "k k k k2 k2"; strings.Join(got, " ") != want {
		t.Errorf("listed %v, want %s", got, want)
	}
}

// TestVersionAttributes tests ACL, tags and HEAD of one of several versions.
func TestVersionAttributes(t *testing.T) {
	s, c := start(t, Config{})
	s.SetVersioning("b", "Enabled")
	one := c.want("PUT", "/b/k", "one").header.Get("x-oss-version-id")
	two := c.want("PUT", "/b/k", "two two").header.Get("x-oss-version-id")
	const tagging = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
	c.want("PUT", "/b/k?tagging&versionId="+one, tagging)
	c.want("PUT", "/b/k?acl&versionId="+one, "", "x-oss-object-acl", "public-read")
	wantHeaders(t, "one", c.want("HEAD", "/b/k?versionId="+one, ""), "x-oss-version-id", one, "x-oss-tagging-count", "1", "Content-Length", "3")
	wantHeaders(t, "two", c.want("HEAD", "/b/k", ""), "x-oss-version-id", two, "x-oss-tagging-count", "", "Content-Length", "7")
	c.want("DELETE", "/b/k?tagging&versionId="+one, "")
	versions := s.Versions("b", "k")
	if versions[0].ACL != "public-read" || versions[1].ACL != "default" || len(versions[0].Tags) != 0 {
		t.Errorf("stored %+v", versions)
	}

	r := c.want("DELETE", "/b/k", "")
	marker := r.header.Get("x-oss-version-id")
	wantHeaders(t, "delete", r, "x-oss-delete-marker", "true")
	wantHeaders(t, "deleted", c.do("HEAD", "/b/k", ""), "x-oss-delete-marker", "true", "x-oss-version-id", marker)
	if r := c.do("HEAD", "/b/k?versionId="+marker, ""); r.status != 405 {
		t.Errorf("the marker: %d", r.status)
	}
	wantHeaders(t, "marker deleted", c.want("DELETE", "/b/k?versionId="+marker, ""), "x-oss-delete-marker", "true", "x-oss-version-id", marker)
	wantHeaders(t, "version deleted", c.want("DELETE", "/b/k?versionId="+two, ""), "x-oss-delete-marker", "", "x-oss-version-id", two)
	if got := content(t, s, "k"); got != "one" {
		t.Errorf("the latest version is %q", got)
	}
}
