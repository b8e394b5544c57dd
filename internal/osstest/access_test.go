// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// The public endpoint refuses requests for data, but not for the bucket's
// settings. All other endpoints accept both.
func TestForbidPublicEndpoint(t *testing.T) {
	s, c := start(t, Config{})
	s.CreateBucket("older")
	s.ForbidPublicEndpoint("b")
	for host, refused := range map[string]bool{
		"": false, "oss-cn-hangzhou-internal.aliyuncs.com": false, "oss-accelerate.aliyuncs.com": false,
		"oss-cn-hangzhou.aliyuncs.com": true, "oss-cn-hangzhou.aliyuncs.com:80": true,
	} {
		c.host = host
		for _, r := range []reply{c.do("PUT", "/b/k", "x"), c.do("GET", "/b/k", ""), c.do("POST", "/b/k?uploads", ""), c.do("GET", "/b?list-type=2", "")} {
			if !refused {
				wantReply(t, host, r, 200, "")
				continue
			}
			wantReply(t, host, r, 400, "PublicEndpointForbidden")
			if ec := r.header.Get("x-oss-ec"); ec != "0048-00000401" {
				t.Errorf("%s: EC %q", host, ec)
			}
		}
		wantReply(t, host+", versioning", c.do("GET", "/b?versioning", ""), 200, "")
		wantReply(t, host+", another bucket", c.do("PUT", "/older/k", "x"), 200, "")
		if r := c.do("HEAD", "/b/k", ""); refused != (r.status == 400 && r.header.Get("x-oss-err") != "") {
			t.Errorf("%s: HEAD: %d %v", host, r.status, r.header)
		}
	}
}

// Requests of other accounts must agree to pay. Requests of the owner need not.
func TestRequesterPays(t *testing.T) {
	s, owner := start(t, Config{})
	s.CreateBucket("free")
	s.RequesterPays("b")
	s.AddCredential(Credential{AccessKeyID: "guest", AccessKeySecret: "secret", Guest: true})
	guest := newClient(t, s)
	guest.credential = Credential{AccessKeyID: "guest", AccessKeySecret: "secret"}

	wantReply(t, "owner", owner.do("PUT", "/b/k", "x"), 200, "")
	r := guest.do("GET", "/b/k", "")
	wantReply(t, "guest", r, 403, "AccessDenied")
	if ec := r.element("EC"); ec != "0003-00000703" {
		t.Errorf("EC %q", ec)
	}
	wantReply(t, "guest who asks the owner to pay", guest.do("GET", "/b/k", "", "x-oss-request-payer", "BucketOwner"), 403, "AccessDenied")
	wantReply(t, "another bucket", guest.do("PUT", "/free/k", "x"), 200, "")
	r = guest.want("GET", "/b/k", "", "x-oss-request-payer", "requester")
	wantHeaders(t, "guest who pays", r, "x-oss-request-charged", "requester")
	if charged := owner.want("GET", "/b/k", "").header.Get("x-oss-request-charged"); charged != "" {
		t.Errorf("the owner is charged: %q", charged)
	}
}
