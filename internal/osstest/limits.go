// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of OSS. Sources: API pages PutObject, UploadPart, CopyObject,
// "Single-connection bandwidth throttling".
const (
	minPartSize      = 100 << 10 // except for the last part; checked by Complete
	maxBodySize      = 5 << 30   // of a part, a put or an append
	maxPartNumber    = 10000
	maxKeyLength     = 1023
	maxUserMetadata  = 8 << 10
	maxCopySize      = 5 << 30 // to another bucket
	maxConvertSize   = 1 << 30 // if the storage class or encryption changes
	minTrafficLimit  = 819200  // bits per second
	maxTrafficLimit  = 838860800
	maxListPage      = 1000
	maxDeletedAtOnce = 1000
	maxXMLBody       = 4 << 20 // more than a list of 10,000 parts takes
)

// checkRequest checks what does not depend on the server's state.
func (c *call) checkRequest() error {
	if err := checkKey(c.key); err != nil {
		return err
	}
	if err := c.checkTrafficLimit(); err != nil {
		return err
	}
	if err := c.checkHeaders(); err != nil {
		return err
	}
	switch c.route.op {
	case PutObject, AppendObject, UploadPart:
		return c.checkLength()
	}
	return nil
}

func checkKey(key string) error {
	if len(key) > maxKeyLength || !utf8.ValidString(key) || strings.HasPrefix(key, "/") || strings.HasPrefix(key, `\`) {
		return refusal(400, "InvalidObjectName", "", "The specified object is not valid.")
	}
	return nil
}

func (c *call) checkTrafficLimit() error {
	limit := c.r.Header.Get("x-oss-traffic-limit")
	if limit == "" {
		limit = c.query.Get("x-oss-traffic-limit")
	}
	if limit == "" {
		return nil
	}
	if n, err := strconv.Atoi(limit); err != nil || n < minTrafficLimit || n > maxTrafficLimit {
		return refusal(400, "InvalidArgument", "0004-00000502", "The traffic limit must be between %[2]d and %[3]d, not %[1]q.", limit, minTrafficLimit, maxTrafficLimit)
	}
	return nil
}

// checkLength checks the declared length of the body. OSS accepts a chunked
// PutObject (API page PutObject); a part of unknown length is a violation.
func (c *call) checkLength() error {
	if c.route.op == UploadPart && c.r.ContentLength < 0 {
		c.violate("the part has no Content-Length")
		return refusal(http.StatusLengthRequired, "MissingContentLength", "", "You must provide the Content-Length HTTP header.")
	}
	if c.r.ContentLength > maxBodySize {
		return errInvalidArgument("The body must be at most 5 GiB, not %d bytes.", c.r.ContentLength)
	}
	return nil
}

// pageSize parses a max-… parameter.
func (c *call) pageSize(name string, byDefault int) (int, error) {
	text := c.query.Get(name)
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxListPage {
		return 0, errInvalidArgument("%s must be a number from 1 to %[3]d, not %[2]q.", name, text, maxListPage)
	}
	return n, nil
}
