// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (c *call) headObject() (*answer, error) {
	v, a, err := c.readVersion()
	if err != nil {
		return nil, err
	}
	return c.describe(a, v), nil
}

// getObjectMeta is HEAD ?objectMeta. It returns no user metadata and does not
// follow a symbolic link. Source: API page GetObjectMeta.
func (c *call) getObjectMeta() (*answer, error) {
	v, a, err := c.readVersion()
	if err != nil {
		return nil, err
	}
	return a.set("ETag", v.quotedETag()).set("Last-Modified", v.modified.Format(http.TimeFormat)).
		set("Content-Length", strconv.FormatInt(v.size, 10)).
		set("x-oss-object-type", v.kind). // source: recorded answers, cn-shanghai, May 2026
		set("x-oss-hash-crc64ecma", v.shownCRC64()), nil
}

func (c *call) getObject() (*answer, error) {
	v, a, err := c.readVersion()
	if err != nil {
		return nil, err
	}
	defer v.content.release()
	if v.frozen(c.s.cfg.Now()) {
		return nil, errInvalidObjectState(v)
	}
	first, n, partial, err := c.requestedRange(v.size)
	if err != nil {
		return nil, err
	}
	c.describe(a, v)
	if partial {
		a.status = http.StatusPartialContent
		a.set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, first+n-1, v.size))
		a.header.Del("Content-MD5")
	}
	for name := range c.query {
		if header, ok := strings.CutPrefix(name, "response-"); ok {
			a.set(header, c.query.Get(name))
		}
	}
	a.set("Content-Length", strconv.FormatInt(n, 10))
	a.body, a.length = v.content.open(first, n), n
	return a, nil
}

// readVersion returns the version to read, after checking the request's
// conditions. For GetObject it retains the content, because the object may be
// deleted while it is sent.
func (c *call) readVersion() (*version, *answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	v, err := c.lockedVersion()
	if err == nil && c.route.op != GetObjectMeta {
		v, err = c.s.buckets[c.bucket].follow(v)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := checkConditions(c.r.Header, "", v); err != nil {
		return nil, nil, err
	}
	snapshot := *v
	if c.route.op == GetObject {
		snapshot.content.retain()
	}
	return &snapshot, c.withVersion(newAnswer(200), v), nil
}

// describe adds the headers of GetObject and HeadObject. It counts tags only if
// the client may read them. Source: API page HeadObject.
func (c *call) describe(a *answer, v *version) *answer {
	maps.Copy(a.header, v.header)
	v.retention.describe(a)
	v.describeRestore(a, c.s.cfg.Now())
	if len(v.tags) > 0 && c.allowed("oss:GetObjectTagging") {
		a.set("x-oss-tagging-count", strconv.Itoa(len(v.tags)))
	}
	if v.kind == "Appendable" {
		a.set("x-oss-next-append-position", strconv.FormatInt(v.size, 10))
	}
	if v.compressible() {
		a.set("Vary", "Accept-Encoding")
	}
	return a.set("ETag", v.quotedETag()).
		set("Last-Modified", v.modified.Format(http.TimeFormat)).
		set("Content-Length", strconv.FormatInt(v.size, 10)).
		set("Content-MD5", v.contentMD5).
		set("Accept-Ranges", "bytes").
		set("x-oss-object-type", v.kind).
		set("x-oss-hash-crc64ecma", v.shownCRC64()) // of the whole object, even with a range
}

// compressible reports whether OSS would compress the object for a client that
// accepts it; this server never compresses. Sources: API page GetObject, for
// types and size; recorded answers to HEAD of text/plain, cn-shanghai, June
// 2026.
func (v *version) compressible() bool {
	return v.size >= 1<<10 && slices.Contains([]string{
		"text/html", "text/css", "text/xml", "text/plain", "application/javascript", "application/x-javascript",
		"application/rss+xml", "application/json", "application/xml",
	}, v.header.Get("Content-Type"))
}

// checkConditions checks If-Match and the other conditional headers or, with
// the prefix "x-oss-copy-source-", those on the source of a copy. Unlike HTTP,
// OSS does not ignore an If-Modified-Since in the future, but answers 304.
// Source: SDK v1 tests.
func checkConditions(h http.Header, prefix string, v *version) error {
	if want := h.Get(prefix + "if-match"); want != "" && strings.Trim(want, `"`) != v.etag {
		return errPreconditionFailed("If-Match")
	}
	if since, ok := headerTime(h, prefix+"if-unmodified-since"); ok && v.modified.After(since) {
		return errPreconditionFailed("If-Unmodified-Since")
	}
	if want := h.Get(prefix + "if-none-match"); want != "" && strings.Trim(want, `"`) == v.etag {
		return errNotModified()
	}
	if since, ok := headerTime(h, prefix+"if-modified-since"); ok && !v.modified.After(since) {
		return errNotModified()
	}
	return nil
}

func headerTime(h http.Header, name string) (time.Time, bool) {
	t, err := http.ParseTime(h.Get(name))
	return t, err == nil
}

// requestedRange parses the Range header. It ignores a range that does not fit
// the object, unless the request asks for the standard behavior. Source: API
// page GetObject.
func (c *call) requestedRange(size int64) (first, n int64, partial bool, err error) {
	text := c.r.Header.Get("Range")
	if text == "" {
		return 0, size, false, nil
	}
	standard := c.r.Header.Get("x-oss-range-behavior") == "standard"
	first, last, ok := parseRange(text, size)
	switch {
	case !ok:
		return 0, size, false, nil
	case first < size && (last < size || standard):
		return first, min(last, size-1) - first + 1, true, nil
	case standard:
		return 0, 0, false, refusal(416, "InvalidRange", "", "The requested range cannot be satisfied.")
	}
	return 0, size, false, nil
}

// parseRange parses "bytes=first-last", "bytes=first-" or "bytes=-suffix". last
// may be beyond size.
func parseRange(text string, size int64) (first, last int64, ok bool) {
	spec, ok := strings.CutPrefix(text, "bytes=")
	from, to, dash := strings.Cut(spec, "-")
	if !ok || !dash {
		return 0, 0, false
	}
	if from == "" {
		n, err := strconv.ParseInt(to, 10, 64)
		return max(0, size-n), size - 1, err == nil && n > 0
	}
	first, err := strconv.ParseInt(from, 10, 64)
	if err != nil || first < 0 {
		return 0, 0, false
	}
	if to == "" {
		return first, max(first, size-1), true
	}
	last, err = strconv.ParseInt(to, 10, 64)
	return first, last, err == nil && last >= first
}
