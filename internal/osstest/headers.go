// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"slices"
	"strings"
)

// commonHeaders are allowed in any request. Sources: API page "Common HTTP
// headers"; what the signatures require.
var commonHeaders = []string{
	"x-oss-date", "x-oss-security-token", "x-oss-content-sha256", "x-oss-additional-headers", "x-oss-request-payer",
}

var (
	newObjectHeaders = []string{
		"x-oss-meta-*", "x-oss-storage-class", "x-oss-server-side-encryption", "x-oss-server-side-encryption-key-id",
		"x-oss-server-side-data-encryption", "x-oss-tagging",
	}
	copySourceHeaders = []string{
		"x-oss-copy-source", "x-oss-copy-source-if-match", "x-oss-copy-source-if-none-match",
		"x-oss-copy-source-if-modified-since", "x-oss-copy-source-if-unmodified-since", "x-oss-traffic-limit",
	}
	callbackHeaders = []string{"x-oss-callback", "x-oss-callback-var"}
)

// ossHeaders are the x-oss- headers that each operation supports, besides the
// common ones. OSS silently ignores others, so a client that sends them has a
// bug. Sources: the API pages, the requests of SDK v2.
var ossHeaders = map[Op][]string{
	PutBucket:    {"x-oss-acl"},
	PutBucketACL: {"x-oss-acl"},
	PutObject: slices.Concat(newObjectHeaders, callbackHeaders, []string{
		"x-oss-object-acl", "x-oss-forbid-overwrite", "x-oss-hash-crc64ecma", "x-oss-traffic-limit",
		"x-oss-object-worm-mode", "x-oss-object-worm-retain-until-date",
	}),
	AppendObject: slices.Concat(newObjectHeaders, []string{
		"x-oss-object-acl", "x-oss-forbid-overwrite", "x-oss-hash-crc64ecma", "x-oss-traffic-limit",
	}),
	CopyObject: slices.Concat(newObjectHeaders, copySourceHeaders, []string{
		"x-oss-object-acl", "x-oss-forbid-overwrite", "x-oss-metadata-directive", "x-oss-tagging-directive",
	}),
	GetObject: {"x-oss-range-behavior", "x-oss-traffic-limit"},
	PutSymlink: {
		"x-oss-symlink-target", "x-oss-meta-*", "x-oss-storage-class", "x-oss-tagging", "x-oss-object-acl", "x-oss-forbid-overwrite",
	},
	PutObjectACL:            {"x-oss-object-acl"},
	PutObjectRetention:      {"x-oss-bypass-governance-retention"},
	InitiateMultipartUpload: slices.Concat(newObjectHeaders, []string{"x-oss-forbid-overwrite"}),
	// Encryption is a header of Initiate; uploadPart refuses it here, as OSS does.
	UploadPart:     {"x-oss-hash-crc64ecma", "x-oss-traffic-limit", "x-oss-server-side-encryption"},
	UploadPartCopy: slices.Concat(copySourceHeaders, []string{"x-oss-copy-source-range"}),
	CompleteMultipartUpload: slices.Concat(callbackHeaders, []string{
		"x-oss-object-acl", "x-oss-forbid-overwrite", "x-oss-complete-all",
	}),
}

// checkHeaders reports headers that the operation does not support.
func (c *call) checkHeaders() error {
	known := ossHeaders[c.route.op]
	for name := range c.r.Header {
		name = strings.ToLower(name)
		if !strings.HasPrefix(name, "x-oss-") || slices.Contains(commonHeaders, name) || slices.Contains(known, name) ||
			strings.HasPrefix(name, "x-oss-meta-") && slices.Contains(known, "x-oss-meta-*") {
			continue
		}
		c.violate("%s does not support the header %q", c.route.op, name)
	}
	_, err := c.requestedRetention()
	return err
}
