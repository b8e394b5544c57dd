// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// copyObjectXML lists its elements in the order of the recorded answers,
// cn-shanghai, June 2026.
type copyObjectXML struct {
	XMLName      xml.Name `xml:"CopyObjectResult"`
	ETag         string
	LastModified string
}

// copyObject makes an object that shares the source's bytes. A copy of a
// symbolic link is a symbolic link. The copy does not inherit encryption, ACL
// or retention; tags and metadata follow the directives. Source: API page
// CopyObject.
//
// That the copy keeps the ETag and the type, even of a multipart source, is
// assumed. So is that the storage class comes from the request or the bucket,
// not from the source; SDK v2 (Copier) seems to expect the latter.
func (c *call) copyObject() (*answer, error) {
	directives, err := parseDirectives(c.r.Header)
	if err != nil {
		return nil, err
	}
	given, err := newAttributes(c.r.Header)
	if err != nil {
		return nil, err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	from, source, err := c.lockedCopySource()
	if err != nil {
		return nil, err
	}
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	if from == b && source.key == c.key && b.versioning == "" {
		directives.replaceMetadata = true
	}
	if err := c.lockedTagging(directives, source); err != nil {
		return nil, err
	}
	if source.kind == "Appendable" {
		// Source: SDK guide "Append upload"; the code is assumed.
		return nil, refusal(409, "OperationNotSupported", "", "An appendable object cannot be copied.")
	}
	copied := *source
	copied.key, copied.restore = c.key, restore{}
	copied.hidesCRC64 = source.hidesCRC64 || c.s.cfg.CopyWithoutCRC64
	copied.attributes = directives.merge(source.attributes, given)
	copied.inherit(b)
	if err := c.checkCopySize(from == b, source, &copied); err != nil {
		return nil, err
	}
	copied.content.retain()
	a, err := c.lockedCommit(b, &copied)
	if err != nil {
		copied.content.release()
		return nil, err
	}
	document := encodeXML(copyObjectXML{LastModified: xmlTime(copied.modified), ETag: copied.quotedETag()})
	a.withBytes("application/xml", document).set("ETag", copied.quotedETag()).set("x-oss-hash-crc64ecma", copied.shownCRC64()).
		set("x-oss-copied-size", strconv.FormatInt(copied.size, 10)).set("x-oss-ia-retrieve-flow-type", "0")
	return withSourceVersion(a, from, source), nil
}

// checkCopySize enforces the size limits of CopyObject. There is no limit
// within a bucket if neither the storage class nor the encryption changes.
// Sources: API page CopyObject (zh, 2025), HTTP 400 page.
func (c *call) checkCopySize(sameBucket bool, source, copied *version) error {
	limit := c.s.cfg.CopyLimit
	switch {
	case source.storageClass() != copied.storageClass() || !maps.EqualFunc(source.encryption(), copied.encryption(), sameValue):
		limit = c.s.cfg.ConvertLimit
	case sameBucket:
		return nil
	}
	if source.size > limit {
		return refusal(400, "EntityTooLarge", "", "Source object Length exceeds the maximum allowed size.")
	}
	return nil
}

func sameValue(a, b []string) bool { return a[0] == b[0] }

// directives say whether a copy takes its metadata and tags from the source or
// the request.
type directives struct {
	replaceMetadata bool
	replaceTags     bool
}

func parseDirectives(h http.Header) (d directives, err error) {
	for name, replace := range map[string]*bool{
		"x-oss-metadata-directive": &d.replaceMetadata, "x-oss-tagging-directive": &d.replaceTags,
	} {
		switch value := strings.ToUpper(h.Get(name)); value {
		case "", "COPY":
		case "REPLACE":
			*replace = true
		default:
			return d, errInvalidArgument("%s must be COPY or REPLACE, not %q.", name, h.Get(name))
		}
	}
	return d, nil
}

// merge takes metadata and tags from the source or the request, and everything
// else from the request.
func (d directives) merge(source, given attributes) attributes {
	if !d.replaceTags {
		given.tags = source.tags
	}
	if d.replaceMetadata {
		return given
	}
	isMetadata := func(name string) bool {
		return !strings.HasPrefix(name, "X-Oss-") || strings.HasPrefix(name, metaPrefix)
	}
	merged := make(http.Header)
	for name, values := range given.header {
		if !isMetadata(name) {
			merged[name] = values
		}
	}
	for name, values := range source.header {
		if isMetadata(name) {
			merged[name] = values
		}
	}
	given.header = merged
	return given
}

// lockedTagging checks the permissions to read and write tags, which copying
// tags requires. Source: API page CopyObject; that the copy fails without them,
// and only if there are tags, is assumed.
func (c *call) lockedTagging(d directives, source *version) error {
	if d.replaceTags || len(source.tags) == 0 {
		return nil
	}
	return c.s.lockedAllowed("oss:GetObjectTagging", "oss:PutObjectTagging")
}

// lockedCopySource returns the version that x-oss-copy-source names. s.mu must
// be held.
func (c *call) lockedCopySource() (*bucket, *version, error) {
	name, key, id, err := parseCopySource(c.r.Header.Get("x-oss-copy-source"))
	if err != nil {
		return nil, nil, err
	}
	b, err := c.s.lockedBucket(name)
	if err != nil && !bucketName.MatchString(name) {
		err = errInvalidBucketName(name)
	}
	if err != nil {
		return nil, nil, err
	}
	if v := b.objects[key].find(id); v != nil && v.deleteMarker {
		// Sources: API pages CopyObject, UploadPartCopy; the latter's code is assumed.
		if c.route.op == UploadPartCopy {
			return nil, nil, errInvalidArgument("The source is a delete marker.")
		}
		return nil, nil, errNoSuchKey(key)
	}
	v, err := b.lookup(key, id)
	if err != nil {
		return nil, nil, err
	}
	if v.frozen(c.s.cfg.Now()) {
		return nil, nil, errInvalidObjectState(v)
	}
	return b, v, checkConditions(c.r.Header, "x-oss-copy-source-", v)
}

// parseCopySource parses the URL-encoded "/bucket/key", optionally followed by
// "?versionId=id". That "+" is a plus sign, as in any URL path, and a space
// must be sent as %20, is assumed; SDK v1 sends "+" for a space.
func parseCopySource(text string) (bucket, key, versionID string, err error) {
	path, query, _ := strings.Cut(strings.TrimPrefix(text, "/"), "?")
	if path, err = url.PathUnescape(path); err != nil {
		return "", "", "", errInvalidArgument("x-oss-copy-source: %v", err)
	}
	bucket, key, _ = strings.Cut(path, "/")
	values, err := url.ParseQuery(query)
	if err != nil || key == "" {
		return "", "", "", errInvalidArgument("Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.")
	}
	return bucket, key, values.Get("versionId"), nil
}

// withSourceVersion adds the ID of the copied version if the source bucket has
// versioning.
func withSourceVersion(a *answer, from *bucket, source *version) *answer {
	if from.versioning != "" {
		a.set("x-oss-copy-source-version-id", source.id)
	}
	return a
}
