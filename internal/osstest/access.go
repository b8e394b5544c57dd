// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import "strings"

const requestPayer = "x-oss-request-payer"

// ForbidPublicEndpoint makes a bucket refuse requests for data that come through
// the public endpoint of the region. OSS does so to accounts that have activated
// it since 2025-03-20, for buckets in regions of mainland China. Its internal
// endpoint and domains bound to the bucket are as before. Sources: developer
// guide "Access buckets via custom domain names", EC 0048-00000401.
func (s *Server) ForbidPublicEndpoint(bucket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustBucket(bucket).notPublic = true
}

// RequesterPays makes a bucket refuse requests of other accounts, see
// Credential.Guest, unless they say that they pay. Sources: API page
// PutBucketRequestPayment, EC 0003-00000702 and -703.
func (s *Server) RequesterPays(bucket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustBucket(bucket).requesterPays = true
}

// checkAccess looks at what a bucket asks of the way to it and of who comes. That
// OSS does so after it has judged the signature is assumed.
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
		// The message as users report it.
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

// data tells requests for objects, and for lists of them, from those for the
// settings of a bucket, which the public endpoint still takes. Users report it
// for PutObject and ListObjectsV2; the other lists are assumed.
func (rt *route) data() bool {
	switch rt.op {
	case ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads, DeleteMultipleObjects:
		return true
	}
	return rt.target == oneObject
}

// isPublic reports whether host is the region's public endpoint, or a bucket's
// name below it. Transfer acceleration is not meant; that is assumed.
func (s *Server) isPublic(host string) bool {
	host, _, _ = strings.Cut(host, ":")
	endpoint := "oss-" + s.cfg.Region + ".aliyuncs.com"
	return host == endpoint || strings.HasSuffix(host, "."+endpoint)
}

// isGuest needs s.mu.
func (c *call) isGuest() bool { return c.s.credentials[claimedAccessKeyID(c.r, c.query)].Guest }

// pays is true of a request whose header, or query, says so.
func (c *call) pays() bool {
	return c.r.Header.Get(requestPayer) == "requester" || c.query.Get(requestPayer) == "requester"
}

// charge says in an answer that the requester pays for it. Source: API page
// PutBucketRequestPayment.
func (c *call) charge(a *answer) *answer {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if b := c.s.buckets[c.bucket]; b != nil && b.requesterPays && c.isGuest() {
		a.set("x-oss-request-charged", "requester")
	}
	return a
}
