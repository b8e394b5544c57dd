// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"time"
)

// upload is a multipart upload that was neither completed nor aborted.
// Server.mu guards it.
type upload struct {
	attributes
	id         string
	key        string
	initiated  time.Time
	sequential bool // parts must be sent once and in order; the object gets an MD5
	parts      map[int]*part
	issued     map[int][]string // every ETag issued for a part number
}

type part struct {
	number     int
	blob       *blob
	uploaded   time.Time
	hidesCRC64 bool // as the object it was copied from does
}

// shownCRC64 is the CRC-64 that clients see, or "" if it is hidden.
func (p *part) shownCRC64() string {
	if p.hidesCRC64 {
		return ""
	}
	return formatCRC64(p.blob.crc64)
}

func (u *upload) release() {
	for _, p := range u.parts {
		p.blob.release()
	}
}

// put stores a part. It replaces an earlier part with the same number.
func (u *upload) put(number int, b *blob, now time.Time) {
	if old := u.parts[number]; old != nil {
		old.blob.release()
	}
	u.parts[number] = &part{number: number, blob: b, uploaded: now}
	u.issued[number] = append(u.issued[number], b.etag())
}

type initiateXML struct {
	XMLName      xml.Name `xml:"InitiateMultipartUploadResult"`
	EncodingType string   `xml:",omitempty"`
	Bucket       string
	Key          string
	UploadID     string `xml:"UploadId"`
}

func (c *call) initiateMultipartUpload() (*answer, error) {
	encode, err := c.keyEncoder()
	if err != nil {
		return nil, err
	}
	attributes, err := newAttributes(c.r.Header)
	if err != nil {
		return nil, err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	if err := c.checkOverwrite(b); err != nil {
		return nil, err
	}
	attributes.inherit(b)
	u := &upload{
		attributes: attributes, id: randomID(16), key: c.key, initiated: c.s.cfg.Now().UTC(),
		sequential: c.query.Has("sequential"),
		parts:      make(map[int]*part), issued: make(map[int][]string),
	}
	b.uploads[u.id] = u
	c.s.uploadIDs[u.id] = c.bucket + "/" + c.key
	document := initiateXML{EncodingType: c.query.Get("encoding-type"), Bucket: c.bucket, Key: encode(c.key), UploadID: u.id}
	return withEncryption(xmlAnswer(document), &u.attributes), nil
}

// abortMultipartUpload removes the parts stored so far. A part whose body is
// still being received then gets NoSuchUpload.
func (c *call) abortMultipartUpload() (*answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, u, err := c.lockedUpload()
	if err != nil {
		return nil, err
	}
	b.abort(u)
	return newAnswer(204), nil
}

func (b *bucket) abort(u *upload) {
	u.release()
	delete(b.uploads, u.id)
}

// lockedUpload returns the open upload that the request names. An upload ID
// that this server never issued for the key is a violation; one that was
// completed or aborted is not. s.mu must be held.
func (c *call) lockedUpload() (*bucket, *upload, error) {
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, nil, err
	}
	id := c.query.Get("uploadId")
	if c.s.uploadIDs[id] != c.bucket+"/"+c.key {
		c.violate("upload ID %q was never issued for this object", id)
		return nil, nil, errNoSuchUpload(c.route.op, id)
	}
	u := b.uploads[id]
	if u == nil {
		return nil, nil, errNoSuchUpload(c.route.op, id)
	}
	return b, u, nil
}
