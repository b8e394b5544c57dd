// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"encoding/base64"
	"strings"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// TestDenyActions sends requests that require the denied action, and tests that
// they are refused only while it is denied.
func TestDenyActions(t *testing.T) {
	const tagging = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
	for _, test := range []struct {
		action, method, target, body string
		header                       []string
	}{
		{"oss:GetObject", "GET", "/b/k", "", nil},
		{"oss:GetObjectVersion", "GET", "/b/k?versionId=null", "", nil},
		{"oss:PutObject", "PUT", "/b/k", "x", nil},
		{"oss:PutObject", "POST", "/b/k?uploads", "", nil},
		{"oss:PutObject", "PUT", "/b/k2", "", []string{"x-oss-copy-source", "/b/k"}},
		{"oss:GetObject", "PUT", "/b/k2", "", []string{"x-oss-copy-source", "/b/k"}},
		{"oss:GetObjectVersion", "PUT", "/b/k2", "", []string{"x-oss-copy-source", "/b/k?versionId=null"}},
		{"oss:GetObjectTagging", "PUT", "/b/k2", "", []string{"x-oss-copy-source", "/b/tagged"}},
		{"oss:PutObjectTagging", "PUT", "/b/k2", "", []string{"x-oss-copy-source", "/b/tagged"}},
		{"oss:PutObjectTagging", "PUT", "/b/k", "x", []string{"x-oss-tagging", "a=1"}},
		{"oss:PutObjectTagging", "POST", "/b/k?uploads", "", []string{"x-oss-tagging", "a=1"}},
		{"oss:PutObjectTagging", "PUT", "/b/k?tagging", tagging, nil},
		{"oss:PutObjectVersionTagging", "PUT", "/b/k?tagging&versionId=null", tagging, nil},
		{"oss:GetObjectTagging", "GET", "/b/k?tagging", "", nil},
		{"oss:DeleteObjectTagging", "DELETE", "/b/k?tagging", "", nil},
		{"oss:PutObjectAcl", "PUT", "/b/k", "x", []string{"x-oss-object-acl", "private"}},
		{"oss:PutObjectAcl", "PUT", "/b/k?acl", "", []string{"x-oss-object-acl", "private"}},
		{"oss:GetObjectAcl", "GET", "/b/k?acl", "", nil},
		{"oss:DeleteObject", "DELETE", "/b/k3", "", nil},
		{"oss:DeleteObjectVersion", "DELETE", "/b/k3?versionId=null", "", nil},
		{"oss:DeleteObjectVersion", "POST", "/b?delete", "<Delete><Object><Key>k3</Key><VersionId>null</VersionId></Object></Delete>", nil},
		{"oss:ListObjects", "GET", "/b", "", nil},
		{"oss:ListObjects", "GET", "/b?list-type=2", "", nil},
		{"oss:ListObjectVersions", "GET", "/b?versions", "", nil},
		{"oss:ListMultipartUploads", "GET", "/b?uploads", "", nil},
		{"oss:ListParts", "GET", "/b/open?uploadId=ID", "", nil},
		{"oss:GetBucketVersioning", "GET", "/b?versioning", "", nil},
	} {
		s, c := start(t, Config{})
		c.want("PUT", "/b/k", "x")
		c.want("PUT", "/b/tagged", "x", "x-oss-tagging", "a=1")
		target := strings.ReplaceAll(test.target, "ID", c.initiate("/b/open"))

		allow := s.DenyActions(test.action, "oss:PutBucket")
		r := c.do(test.method, target, test.body, test.header...)
		wantReply(t, test.action, r, 403, "AccessDenied")
		if r.element("AuthAction") != test.action || r.element("NoPermissionType") != "ImplicitDeny" {
			t.Errorf("%s: %s", test.action, r.body)
		}
		allow()
		allow() // has no effect
		if r := c.do(test.method, target, test.body, test.header...); r.status/100 != 2 {
			t.Errorf("%s, allowed: got %d %s", test.action, r.status, r.body)
		}
	}
}

// TestDenyActions_effects tests what a denial does not affect, and its effect
// on HEAD.
func TestDenyActions_effects(t *testing.T) {
	s, c := start(t, Config{})
	c.want("PUT", "/b/k", "x", "x-oss-tagging", "a=1")
	s.DenyActions("oss:GetObjectTagging", "oss:ListParts", "oss:PutObjectAcl")
	wantHeaders(t, "tags that may not be read are not counted", c.want("HEAD", "/b/k", ""), "x-oss-tagging-count", "")
	c.want("PUT", "/b/k2", "", "x-oss-copy-source", "/b/k", "x-oss-tagging-directive", "Replace")
	id := c.initiate("/b/k")
	wantReply(t, "complete", c.complete("/b/k", id, partList(1, c.part("/b/k", id, 1, "x"))), 200, "")

	s.DenyActions("oss:GetObject")
	r := c.do("HEAD", "/b/k", "")
	document, _ := base64.StdEncoding.DecodeString(r.header.Get("x-oss-err"))
	if r.status != 403 || !strings.Contains(string(document), "<AuthAction>oss:GetObject</AuthAction>") {
		t.Errorf("HEAD: %d %s", r.status, document)
	}
	defer func() {
		if recover() == nil {
			t.Error("DenyActions accepted an unknown action")
		}
	}()
	s.DenyActions("oss:HeadObject")
}
