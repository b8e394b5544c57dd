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

// nullVersion is the ID of a version written while versioning was off or
// suspended.
const nullVersion = "null"

// version is one version of an object, or a delete marker.
type version struct {
	attributes
	key          string
	id           string
	deleteMarker bool
	kind         string // x-oss-object-type: "Normal", "Multipart", "Appendable" or "Symlink"
	content      content
	size         int64
	etag         string // without quotes
	contentMD5   string // base64; empty if OSS does not store one
	crc64        uint64
	hidesCRC64   bool // clients do not see it; a copy may have none
	modified     time.Time

	restore restore // for archived objects
	symlink string  // URL-encoded key of a link's target
}

func (v *version) quotedETag() string { return strconv.Quote(v.etag) }

// shownCRC64 is the CRC-64 that clients see, or "" if it is hidden.
func (v *version) shownCRC64() string {
	if v.hidesCRC64 {
		return ""
	}
	return formatCRC64(v.crc64)
}

// history is the versions of one key, oldest first. It is never empty.
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

// put makes v the latest version. Without versioning, or if it is suspended, v
// replaces the version "null". Source: API page "Overview of versioning".
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

// remove permanently deletes one version and returns it, or nil if there is no
// such version.
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

// current returns the latest version, or nil if there is no object or it is
// deleted.
func (b *bucket) current(key string) *version {
	if h := b.objects[key]; h != nil && !h.latest().deleteMarker {
		return h.latest()
	}
	return nil
}

// lookup returns the version of an object. If id is "", it returns the latest.
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

// lockedVersion returns the version that the request names. s.mu must be held.
func (c *call) lockedVersion() (*version, error) {
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	return b.lookup(c.key, c.query.Get("versionId"))
}

// withVersion adds the version ID, unless the bucket never had versioning. s.mu
// must be held.
func (c *call) withVersion(a *answer, v *version) *answer {
	if b := c.s.buckets[c.bucket]; b != nil && b.versioning != "" {
		a.set("x-oss-version-id", v.id)
	}
	return a
}

// checkOverwrite enforces x-oss-forbid-overwrite, which OSS ignores in buckets
// with versioning. Sources: API pages InitiateMultipartUpload,
// CompleteMultipartUpload.
func (c *call) checkOverwrite(b *bucket) error {
	if c.r.Header.Get("x-oss-forbid-overwrite") == "true" && b.versioning == "" && b.current(c.key) != nil {
		return errFileAlreadyExists()
	}
	return nil
}

// versionIDPrefix is the prefix of all recorded version IDs.
const versionIDPrefix = "CAEQ"

// wellFormed reports whether id could be a version ID of OSS. OSS refuses
// "fakeVersionId" with another error than the ID of a deleted version. Source:
// recorded answers to GetObject, cn-shanghai, May 2026; how it distinguishes
// them is assumed.
func wellFormed(id string) bool { return id == nullVersion || strings.HasPrefix(id, versionIDPrefix) }

func newVersionID() string {
	id := make([]byte, 45)
	_, _ = rand.Read(id) // never fails: crypto/rand
	return versionIDPrefix + base64.RawURLEncoding.EncodeToString(id)
}
