// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"crypto/md5"
	"encoding/base64"
	"slices"
	"strconv"
)

func (c *call) putObject() (*answer, error) {
	attributes, err := newAttributes(c.r.Header)
	if err != nil {
		return nil, err
	}
	if attributes.retention, err = c.requestedRetention(); err != nil {
		return nil, err
	}
	callback, err := c.parseCallback()
	if err != nil {
		return nil, err
	}
	blob, err := c.receiveChecked()
	if err != nil {
		return nil, err
	}
	v := newNormal(c.key, blob, attributes)
	a, err := c.commit(v)
	if err != nil {
		blob.release()
		return nil, err
	}
	a.set("ETag", v.quotedETag()).set("Content-MD5", v.contentMD5).set("x-oss-hash-crc64ecma", formatCRC64(v.crc64))
	return callback.after(c, a, v), nil
}

// newNormal returns an object stored by a single request. Its ETag is the MD5.
func newNormal(key string, b *blob, attributes attributes) *version {
	return &version{
		attributes: attributes, key: key, kind: "Normal",
		content: content{b}, size: b.size, crc64: b.crc64,
		etag: b.etag(), contentMD5: b.contentMD5(),
	}
}

// commit atomically makes v the latest version, unless it must not overwrite an
// existing object.
func (c *call) commit(v *version) (*answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	if v.retention.mode != "" && !b.worm {
		return nil, errNoObjectWorm()
	}
	v.inherit(b)
	return c.lockedCommit(b, v)
}

// lockedCommit is commit for a version that has all its attributes. s.mu must
// be held.
func (c *call) lockedCommit(b *bucket, v *version) (*answer, error) {
	if err := c.checkOverwrite(b); err != nil {
		return nil, err
	}
	if err := b.checkImmutable(v.key, c.s.cfg.Now()); err != nil {
		return nil, err
	}
	c.s.lockedPut(b, v)
	return c.withVersion(withEncryption(newAnswer(200), &v.attributes), v), nil
}

// lockedPut makes v the latest version, with the bucket's default retention.
// s.mu must be held.
func (s *Server) lockedPut(b *bucket, v *version) {
	v.modified = s.now()
	if v.retention.mode == "" && b.wormDays > 0 {
		v.retention = retention{mode: b.wormMode, until: v.modified.AddDate(0, 0, b.wormDays)}
	}
	b.put(v)
}

// receiveChecked receives a body and verifies the checksums in the request.
// Sources: API pages PutObject, UploadPart; EC page InvalidDigest.
func (c *call) receiveChecked() (*blob, error) {
	wantMD5 := c.r.Header.Get("Content-MD5")
	if sum, err := base64.StdEncoding.DecodeString(wantMD5); wantMD5 != "" && (err != nil || len(sum) != md5.Size) {
		return nil, errInvalidDigest(wantMD5)
	}
	b, err := c.receive()
	if err != nil {
		return nil, err
	}
	if wantMD5 != "" && wantMD5 != b.contentMD5() {
		b.release()
		return nil, errInvalidDigest(wantMD5)
	}
	if want := c.r.Header.Get("x-oss-hash-crc64ecma"); want != "" && want != formatCRC64(b.crc64) {
		b.release()
		return nil, refusal(400, "InvalidCRC64", "", "The CRC-64 you specified did not match what we received.")
	}
	if b.size > maxBodySize {
		b.release()
		return nil, errInvalidArgument("The body must be at most 5 GiB.")
	}
	return b, nil
}

// appendObject appends to an appendable object. The first append determines the
// encryption; later ones may specify another without effect. Sources: API page
// AppendObject, SDK v2 tests.
func (c *call) appendObject() (*answer, error) {
	position, err := strconv.ParseInt(c.query.Get("position"), 10, 64)
	if err != nil || position < 0 {
		return nil, errInvalidArgument("position must be a number, not %q.", c.query.Get("position"))
	}
	attributes, err := newAttributes(c.r.Header)
	if err != nil {
		return nil, err
	}
	added, err := c.receiveChecked()
	if err != nil {
		return nil, err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	v, err := c.lockedAppend(position, added, attributes)
	if err != nil {
		added.release()
		return nil, err
	}
	a := newAnswer(200).set("ETag", v.quotedETag()).set("x-oss-hash-crc64ecma", formatCRC64(v.crc64)).
		set("x-oss-next-append-position", strconv.FormatInt(v.size, 10))
	return c.withVersion(withEncryption(a, &v.attributes), v), nil
}

// sealAppendObject always fails, as OSS does for accounts that have not applied
// for the feature. Sources: API page SealAppendObject, SDK v2 tests.
func (c *call) sealAppendObject() (*answer, error) {
	return nil, refusal(400, "OperationNotSupported", "0016-00000513", "SealAppendable is not supported.")
}

func (c *call) lockedAppend(position int64, added *blob, attributes attributes) (*version, error) {
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	if b.worm {
		// Source: API page PutBucketObjectWormConfiguration; the code is assumed.
		return nil, refusal(400, "OperationNotSupported", "", "A bucket with object-level retention does not support append.")
	}
	v := b.current(c.key)
	if v == nil {
		v = &version{attributes: attributes, key: c.key, kind: "Appendable"}
	}
	if v.kind != "Appendable" {
		return nil, refusal(409, "ObjectNotAppendable", "", "The object is not appendable.")
	}
	if position != v.size {
		return nil, refusal(409, "PositionNotEqualToLength", "0026-00000016", "Position is not equal to file length").
			withHeader("x-oss-next-append-position", strconv.FormatInt(v.size, 10))
	}
	if v.id == "" {
		v.inherit(b)
		b.put(v)
	}
	v.content = append(slices.Clip(v.content), added)
	v.size = v.content.size()
	v.crc64 = v.content.crc64()
	v.etag = added.etag() // opaque; that it is not the MD5 of the object is assumed
	v.modified = c.s.now()
	return v, nil
}
