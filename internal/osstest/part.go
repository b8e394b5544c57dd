// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// uploadPart stores a part. Complete checks its size, because only then is it
// known which part is the last. Source: EC 0042-00000213.
func (c *call) uploadPart() (*answer, error) {
	for name := range c.r.Header {
		if strings.HasPrefix(name, "X-Oss-Server-Side-Encryption") {
			return nil, errInvalidArgument("%s is a header of InitiateMultipartUpload.", name)
		}
	}
	number, err := c.partNumber()
	if err != nil {
		return nil, err
	}
	b, err := c.receiveChecked()
	if err != nil {
		return nil, err
	}
	u, err := c.putPart(number, b, false)
	if err != nil {
		return nil, err
	}
	return withEncryption(newAnswer(200), &u.attributes).set("ETag", strconv.Quote(b.etag())).set("Content-MD5", b.contentMD5()).
		set("x-oss-hash-crc64ecma", formatCRC64(b.crc64)), nil
}

// partNumber validates the part number and the upload ID before the body is
// read.
func (c *call) partNumber() (int, error) {
	number, err := strconv.Atoi(c.query.Get("partNumber"))
	if err != nil || number < 1 || number > maxPartNumber {
		c.violate("part number %q is not between 1 and %d", c.query.Get("partNumber"), maxPartNumber)
		return 0, errInvalidArgument("Part number must be an integer between 1 and %d, inclusive.", maxPartNumber)
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	_, u, err := c.lockedUpload()
	if err != nil {
		return 0, err
	}
	return number, u.checkSequence(number)
}

// checkSequence enforces the order of parts in a sequential upload. Source: EC
// 0042-00000108.
func (u *upload) checkSequence(number int) error {
	if !u.sequential {
		return nil
	}
	if p := u.parts[number]; p != nil {
		return refusal(409, "PartAlreadyExist", "0042-00000108", "The specified part already exists: %s.", p.blob.etag())
	}
	if number != len(u.parts)+1 {
		return refusal(400, "PartNotSequential", "", "Part %d does not follow part %d.", number, len(u.parts))
	}
	return nil
}

// putPart stores b as a part and takes ownership of it. The upload may have
// ended while the body was received.
func (c *call) putPart(number int, b *blob, hidesCRC64 bool) (*upload, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	_, u, err := c.lockedUpload()
	if err == nil {
		err = u.checkSequence(number)
	}
	if err != nil {
		b.release()
		return nil, err
	}
	u.put(number, b, c.s.cfg.Now().UTC())
	u.parts[number].hidesCRC64 = hidesCRC64
	return u, nil
}

type copyPartXML struct {
	XMLName      xml.Name `xml:"CopyPartResult"`
	LastModified string
	ETag         string
}

// uploadPartCopy stores a range of another object as a part. A range that does
// not fit is ignored: the whole object is copied, and the answer has no
// Content-Range. Source: API page UploadPartCopy. The ETag is both in the XML
// and in a header, where ali-oss reads it.
func (c *call) uploadPartCopy() (*answer, error) {
	number, err := c.partNumber()
	if err != nil {
		return nil, err
	}
	a := newAnswer(200)
	source, err := c.copySource(a)
	if err != nil {
		return nil, err
	}
	defer source.content.release()
	if source.kind == "Appendable" {
		return nil, refusal(409, "OperationNotSupported", "", "An appendable object cannot be copied as a part.")
	}
	first, last, ok := parseRange(c.r.Header.Get("x-oss-copy-source-range"), source.size)
	if ok && last < source.size {
		a.set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, source.size))
	} else {
		first, last = 0, source.size-1
	}
	if last-first+1 > maxBodySize {
		// Sources: API page UploadPartCopy, HTTP 400 page; the code is assumed.
		return nil, refusal(400, "EntityTooLarge", "", "Source object Length exceeds the maximum allowed size.")
	}
	b, err := c.s.store.cut(source.content, first, last-first+1)
	if err != nil {
		return nil, err
	}
	hidesCRC64 := source.hidesCRC64 || c.s.cfg.CopyWithoutCRC64
	u, err := c.putPart(number, b, hidesCRC64)
	if err != nil {
		return nil, err
	}
	document := copyPartXML{LastModified: xmlTime(c.s.now()), ETag: strconv.Quote(b.etag())}
	withEncryption(a, &u.attributes).withBytes("application/xml", encodeXML(document)).set("ETag", strconv.Quote(b.etag()))
	if !hidesCRC64 {
		a.set("x-oss-hash-crc64ecma", formatCRC64(b.crc64))
	}
	return a, nil
}

// copySource returns a copy of the source version, with its content retained,
// and sets the version ID in the answer.
func (c *call) copySource(a *answer) (*version, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	from, v, err := c.lockedCopySource()
	if err != nil {
		return nil, err
	}
	withSourceVersion(a, from, v)
	if v, err = from.follow(v); err != nil { // that OSS follows links here is assumed
		return nil, err
	}
	snapshot := *v
	snapshot.content.retain()
	return &snapshot, nil
}
