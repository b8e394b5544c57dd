// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
)

type copyObjectXML struct {
	XMLName      xml.Name `xml:"CopyObjectResult"`
	LastModified string
	ETag         string
}

// copyObject shares the source's bytes. ETag and type are kept, also those of a
// multipart source; assumed. Encryption is not inherited. Source: API page
// CopyObject.
func (c *call) copyObject() (*answer, error) {
	source, err := c.copySource()
	if err != nil {
		return nil, err
	}
	attributes, err := newAttributes(c.r.Header)
	if err != nil {
		source.content.release()
		return nil, err
	}
	copied := *source
	copied.key, copied.id = c.key, ""
	copied.attributes = c.copyAttributes(source, attributes)
	a, err := c.commit(&copied)
	if err != nil {
		source.content.release()
		return nil, err
	}
	document := encodeXML(copyObjectXML{LastModified: xmlTime(copied.modified), ETag: copied.quotedETag()})
	a.withBytes("application/xml", document).set("ETag", copied.quotedETag()).set("x-oss-hash-crc64ecma", formatCRC64(copied.crc64))
	return c.withSourceVersion(a, source), nil
}

// copyAttributes mixes the source's attributes and those of the request, as the
// directives say.
func (c *call) copyAttributes(source *version, given attributes) attributes {
	h := c.r.Header
	if h.Get("x-oss-tagging-directive") != "Replace" {
		given.tags = source.tags
	}
	if strings.EqualFold(h.Get("x-oss-metadata-directive"), "REPLACE") {
		return given
	}
	mixed := make(http.Header)
	for name, values := range given.header {
		if strings.HasPrefix(name, "X-Oss-") && !strings.HasPrefix(name, metaPrefix) {
			mixed[name] = values
		}
	}
	for name, values := range source.header {
		if !strings.HasPrefix(name, "X-Oss-") || strings.HasPrefix(name, metaPrefix) {
			mixed[name] = values
		}
	}
	given.header = mixed
	return given
}

// copySource finds the version x-oss-copy-source names and retains its content.
func (c *call) copySource() (*version, error) {
	bucket, key, id, err := parseCopySource(c.r.Header.Get("x-oss-copy-source"))
	if err != nil {
		return nil, err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(bucket)
	if err != nil {
		return nil, err
	}
	v, err := b.lookup(key, id)
	if err != nil {
		return nil, err
	}
	if v.archived() {
		return nil, refusal(403, "InvalidObjectState", "", "The operation is not valid for the object's state: %s.", v.storageClass())
	}
	if err := checkConditions(c.r.Header, "x-oss-copy-source-", v); err != nil {
		return nil, err
	}
	snapshot := *v
	snapshot.content.retain()
	return &snapshot, nil
}

// parseCopySource reads "/bucket/key" with "?versionId=id" behind it perhaps,
// URL-encoded. A "+" is a plus, as in any URL path: a client that means a space
// must send %20. Assumed; the SDK v1 sends "+" for a space.
func parseCopySource(text string) (bucket, key, versionID string, err error) {
	path, query, _ := strings.Cut(strings.TrimPrefix(text, "/"), "?")
	if path, err = url.PathUnescape(path); err != nil {
		return "", "", "", errInvalidArgument("x-oss-copy-source: %v", err)
	}
	bucket, key, _ = strings.Cut(path, "/")
	values, err := url.ParseQuery(query)
	if err != nil || key == "" {
		return "", "", "", errInvalidArgument("x-oss-copy-source %q is not /bucket/key.", text)
	}
	return bucket, key, values.Get("versionId"), nil
}

// withSourceVersion names the version that was copied, if its bucket shows IDs.
func (c *call) withSourceVersion(a *answer, source *version) *answer {
	bucket, _, _, _ := parseCopySource(c.r.Header.Get("x-oss-copy-source"))
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if b := c.s.buckets[bucket]; b != nil && b.versioning != "" {
		a.set("x-oss-copy-source-version-id", source.id)
	}
	return a
}
