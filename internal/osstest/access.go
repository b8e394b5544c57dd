// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import "strings"

const requestPayer = "x-oss-request-payer"

// ForbidPublicEndpoint makes a bucket refuse data requests that arrive through
// the region's public endpoint. OSS does this for buckets in mainland China
// whose account activated OSS on or after 2025-03-20. The internal endpoint and
// domains bound to the bucket still work. Sources: developer guide "Access
// buckets via custom domain names", EC 0048-00000401.
func (s *Server) ForbidPublicEndpoint(bucket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustBucket(bucket).notPublic = true
}

// RequesterPays makes a bucket refuse requests from other accounts (see
// Credential.Guest) unless they agree to pay. Sources: API page
// PutBucketRequestPayment, EC 0003-00000702 and -703.
func (s *Server) RequesterPays(bucket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustBucket(bucket).requesterPays = true
}

// checkAccess checks the endpoint and the account against the bucket's
// settings. That OSS does this after it verifies the signature is assumed.
func (c *call) checkAccess() error {
	if c.bucket == "" {
		return nil
	}
	pays := c.pays()
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b := c.s.buckets[c.bucket]
	switch {
	case b == nil:
		return nil
	case b.notPublic && c.route.data() && c.s.isPublic(c.r.Host):
		// The message is from users' reports.
		return refusal(400, "PublicEndpointForbidden", "0048-00000401", "Not allowed using the OSS public endpoint , please use CNAME instead.")
	case b.requesterPays && c.isGuest() && !pays:
		ec := "0003-00000703"
		if c.r.Header.Get("Authorization") == "" {
			ec = "0003-00000702" // the signature is in the query
		}
		return refusal(403, "AccessDenied", ec, "Access denied for requester pay bucket") // assumed message
	}
	return nil
}

// data reports whether the request reads, writes or lists objects, rather than
// a bucket's settings. The public endpoint still accepts requests for settings.
// Users report the refusal for PutObject and ListObjectsV2; for the other lists
// it is assumed.
func (rt *route) data() bool {
	switch rt.op {
	case ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads, DeleteMultipleObjects:
		return true
	}
	return rt.target == oneObject
}

// isPublic reports whether host is the region's public endpoint or a bucket's
// name below it. That the rule does not cover transfer acceleration is assumed.
func (s *Server) isPublic(host string) bool {
	host, _, _ = strings.Cut(host, ":")
	endpoint := "oss-" + s.cfg.Region + ".aliyuncs.com"
	return host == endpoint || strings.HasSuffix(host, "."+endpoint)
}

// isGuest reports whether the request names an access key of another account.
// s.mu must be held.
func (c *call) isGuest() bool { return c.s.credentials[claimedAccessKeyID(c.r, c.query)].Guest }

// pays reports whether the request agrees to pay, in a header or in the query.
func (c *call) pays() bool {
	return c.r.Header.Get(requestPayer) == "requester" || c.query.Get(requestPayer) == "requester"
}

// charge adds the header that says the requester is charged. Source: API page
// PutBucketRequestPayment.
func (c *call) charge(a *answer) *answer {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if b := c.s.buckets[c.bucket]; b != nil && b.requesterPays && c.isGuest() {
		a.set("x-oss-request-charged", "requester")
	}
	return a
}
