// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// nullVersion is the ID of what was written while versioning was off or
// suspended.
const nullVersion = "null"

// version is one version of an object, or a delete marker in its place.
type version struct {
	attributes
	key          string
	id           string
	deleteMarker bool
	kind         string // x-oss-object-type: Normal, Multipart, Appendable, Symlink
	content      content
	size         int64
	etag         string // without quotes
	contentMD5   string // base64; empty where OSS keeps none
	crc64        uint64
	hidesCRC64   bool // a copy may not have one
	modified     time.Time

	restore restore // of an archived object
	symlink string  // the key a link points to, URL-encoded
}

func (v *version) quotedETag() string { return strconv.Quote(v.etag) }

// shownCRC64 is what clients see, "" for nothing.
func (v *version) shownCRC64() string {
	if v.hidesCRC64 {
		return ""
	}
	return formatCRC64(v.crc64)
}

// history is all versions of one key, oldest first; it is never empty.
type history []*version

func (h history) latest() *version { return h[len(h)-1] }

func (h history) find(id string) *version {
	for _, v := range h {
		if v.id == id {
			return v
		}
	}
	return nil
}

// put makes v the latest version: a new one where versioning is enabled, else
// in place of the version "null". Source: API page "Overview of versioning".
func (b *bucket) put(v *version) {
	v.id = nullVersion
	if b.versioning == "Enabled" {
		v.id = newVersionID()
	} else {
		b.remove(v.key, nullVersion)
	}
	b.objects[v.key] = append(b.objects[v.key], v)
	b.keysChanged = b.keysChanged || len(b.objects[v.key]) == 1
}

// remove deletes one version for good, and reports what it was.
func (b *bucket) remove(key, id string) (removed *version) {
	var kept history
	for _, v := range b.objects[key] {
		if v.id == id {
			removed = v
			v.content.release()
		} else {
			kept = append(kept, v)
		}
	}
	if len(kept) == 0 {
		delete(b.objects, key)
		b.keysChanged = true
	} else {
		b.objects[key] = kept
	}
	return removed
}

// current returns the object a plain request sees, or nil.
func (b *bucket) current(key string) *version {
	if h := b.objects[key]; h != nil && !h.latest().deleteMarker {
		return h.latest()
	}
	return nil
}

// lookup finds the version a request is about; id "" is the latest.
func (b *bucket) lookup(key, id string) (*version, error) {
	h := b.objects[key]
	if id != "" {
		v := h.find(id)
		switch {
		case v == nil && !wellFormed(id):
			return nil, errInvalidVersionID(id)
		case v == nil:
			return nil, errNoSuchVersion(key, id)
		case v.deleteMarker:
			// Source: API pages GetObject, PutObjectACL.
			return nil, refusal(http.StatusMethodNotAllowed, "MethodNotAllowed", "", "The specified version is a delete marker.").
				withHeader("x-oss-delete-marker", "true").withHeader("x-oss-version-id", id)
		}
		return v, nil
	}
	if h == nil {
		return nil, errNoSuchKey(key)
	}
	if v := h.latest(); v.deleteMarker {
		return nil, errNoSuchKey(key).withHeader("x-oss-delete-marker", "true").withHeader("x-oss-version-id", v.id)
	}
	return h.latest(), nil
}

// lockedVersion needs s.mu. It finds the version the request names.
func (c *call) lockedVersion() (*version, error) {
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	return b.lookup(c.key, c.query.Get("versionId"))
}

// withVersion adds the version ID, which buckets show once they had versioning.
// It needs s.mu.
func (c *call) withVersion(a *answer, v *version) *answer {
	if b := c.s.buckets[c.bucket]; b != nil && b.versioning != "" {
		a.set("x-oss-version-id", v.id)
	}
	return a
}

// checkOverwrite obeys x-oss-forbid-overwrite, which buckets with versioning
// ignore. Sources: API pages InitiateMultipartUpload, CompleteMultipartUpload.
func (c *call) checkOverwrite(b *bucket) error {
	if c.r.Header.Get("x-oss-forbid-overwrite") == "true" && b.versioning == "" && b.current(c.key) != nil {
		return errFileAlreadyExists()
	}
	return nil
}

// versionIDPrefix begins all version IDs that were recorded.
const versionIDPrefix = "CAEQ"

// wellFormed reports whether OSS could have made a version ID. It refuses
// "fakeVersionId" otherwise than the ID of a version that is gone. Source: recorded
// answers to GetObject, cn-shanghai, May 2026; how it tells them is assumed.
func wellFormed(id string) bool { return id == nullVersion || strings.HasPrefix(id, versionIDPrefix) }

func newVersionID() string {
	id := make([]byte, 45)
	_, _ = rand.Read(id) // never fails: crypto/rand
	return versionIDPrefix + base64.RawURLEncoding.EncodeToString(id)
}
