// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"cmp"
	"encoding/xml"
	"time"
)

func (c *call) deleteObject() (*answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	if err := b.checkDelete(c.key, c.query.Get("versionId"), c.s.cfg.Now()); err != nil {
		return nil, err
	}
	deleted := b.delete(c.s, c.key, c.query.Get("versionId"))
	a := newAnswer(204)
	if deleted.marker {
		a.set("x-oss-delete-marker", "true")
	}
	if b.versioning != "" {
		a.set("x-oss-version-id", deleted.versionID)
	}
	return a, nil
}

// deletion is the result of a delete. marker reports whether a delete marker
// was created or removed.
type deletion struct {
	marker    bool
	versionID string
}

// checkDelete checks that retention allows the delete. A delete marker may hide
// any object, retained or not.
func (b *bucket) checkDelete(key, versionID string, now time.Time) error {
	if versionID == "" && b.versioning != "" {
		return b.checkImmutable(key, now)
	}
	return b.checkRemovable(key, cmp.Or(versionID, nullVersion), now)
}

// delete removes one version or, if the request names none and the bucket has
// versioning, adds a delete marker. Deleting what does not exist succeeds.
// Source: API page DeleteObject.
func (b *bucket) delete(s *Server, key, versionID string) deletion {
	if versionID == "" && b.versioning != "" {
		marker := &version{key: key, deleteMarker: true, modified: s.now()}
		b.put(marker)
		return deletion{marker: true, versionID: marker.id}
	}
	versionID = cmp.Or(versionID, nullVersion)
	removed := b.remove(key, versionID)
	return deletion{marker: removed != nil && removed.deleteMarker, versionID: versionID}
}

type deleteXML struct {
	XMLName xml.Name `xml:"Delete"`
	Quiet   bool
	Objects []struct {
		Key       keyText
		VersionID string `xml:"VersionId"`
	} `xml:"Object"`
}

type deletedXML struct {
	Key                   string
	VersionID             string `xml:"VersionId,omitempty"`
	DeleteMarker          bool   `xml:",omitempty"`
	DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId,omitempty"`
}

type deleteResultXML struct {
	XMLName      xml.Name `xml:"DeleteResult"`
	EncodingType string   `xml:",omitempty"`
	Deleted      []deletedXML
}

func (c *call) deleteMultipleObjects() (*answer, error) {
	encode, err := c.keyEncoder()
	if err != nil {
		return nil, err
	}
	var document deleteXML
	if err := c.decodeXML(&document); err != nil {
		return nil, err
	}
	if n := len(document.Objects); n == 0 || n > maxDeletedAtOnce {
		return nil, errMalformedXML()
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	// That one refused object makes the whole request fail is assumed.
	for _, object := range document.Objects {
		if object.VersionID != "" {
			if err := c.s.lockedAllowed("oss:DeleteObjectVersion"); err != nil {
				return nil, err
			}
		}
		if err := b.checkDelete(string(object.Key), object.VersionID, c.s.cfg.Now()); err != nil {
			return nil, err
		}
	}
	result := deleteResultXML{EncodingType: c.query.Get("encoding-type")}
	for _, object := range document.Objects {
		key := string(object.Key)
		deleted := b.delete(c.s, key, object.VersionID)
		entry := deletedXML{Key: encode(key), VersionID: object.VersionID, DeleteMarker: deleted.marker}
		if deleted.marker {
			entry.DeleteMarkerVersionID = deleted.versionID
		}
		result.Deleted = append(result.Deleted, entry)
	}
	if document.Quiet { // no document; source: recorded answers, cn-shanghai, May 2026
		return newAnswer(200), nil
	}
	return xmlAnswer(result), nil
}
