// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

type completeXML struct {
	XMLName xml.Name          `xml:"CompleteMultipartUpload"`
	Parts   []completePartXML `xml:"Part"`
}

type completePartXML struct {
	PartNumber int
	ETag       string
}

type completeResultXML struct {
	XMLName      xml.Name `xml:"CompleteMultipartUploadResult"`
	EncodingType string   `xml:",omitempty"`
	Location     string
	Bucket       string
	Key          string
	ETag         string
}

// completeMultipartUpload atomically makes the listed parts an object and ends
// the upload. The object refers to the parts' blobs: nothing is copied. The
// operation completes even if the client disconnects. Source: API page
// CompleteMultipartUpload.
func (c *call) completeMultipartUpload() (*answer, error) {
	encode, err := c.keyEncoder()
	if err != nil {
		return nil, err
	}
	callback, err := c.parseCallback()
	if err != nil {
		return nil, err
	}
	listed, err := c.listedParts()
	if err != nil {
		return nil, err
	}
	v, a, err := c.complete(listed)
	if err != nil {
		return nil, err
	}
	a.withBytes("application/xml", encodeXML(completeResultXML{
		EncodingType: c.query.Get("encoding-type"),
		Location:     fmt.Sprintf("http://%s/%s/%s", c.r.Host, c.bucket, escape(c.key)),
		Bucket:       c.bucket, Key: encode(c.key), ETag: v.quotedETag(),
	}))
	a.set("ETag", v.quotedETag()).set("x-oss-hash-crc64ecma", v.shownCRC64())
	return callback.after(c, a, v), nil
}

// listedParts returns the parts that the request lists, or nil if it asks for
// all parts.
func (c *call) listedParts() ([]completePartXML, error) {
	if c.r.Header.Get("x-oss-complete-all") == "yes" {
		if c.r.ContentLength > 0 {
			c.violate("x-oss-complete-all must not be combined with a body")
			// Source, also of the message: SDK v2 tests.
			return nil, refusal(400, "InvalidArgument", "0042-00000216", "Should not speficy both complete all header and http body.")
		}
		return nil, nil
	}
	var document completeXML
	if err := c.decodeXML(&document); err != nil {
		return nil, err
	}
	return append([]completePartXML{}, document.Parts...), nil
}

func (c *call) complete(listed []completePartXML) (*version, *answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, u, err := c.lockedUpload()
	if err != nil {
		return nil, nil, err
	}
	if listed == nil {
		listed = u.allParts()
	}
	chosen, err := c.selectParts(u, listed)
	if err != nil {
		return nil, nil, err
	}
	if err := c.checkOverwrite(b); err != nil {
		return nil, nil, err
	}
	if err := b.checkImmutable(c.key, c.s.cfg.Now()); err != nil {
		return nil, nil, err
	}
	v, err := u.object(chosen)
	if err != nil {
		return nil, nil, err
	}
	if v.acl, err = parseObjectACL(c.r.Header, v.acl); err != nil {
		return nil, nil, err
	}
	v.content.retain()
	b.abort(u) // releases all parts, including those not listed
	c.s.lockedPut(b, v)
	return v, c.withVersion(withEncryption(newAnswer(200), &v.attributes), v), nil
}

func (u *upload) allParts() (all []completePartXML) {
	for _, number := range slices.Sorted(maps.Keys(u.parts)) {
		all = append(all, completePartXML{number, u.parts[number].blob.etag()})
	}
	return all
}

// selectParts returns the stored parts that the list names. That OSS compares
// ETags exactly, ignoring only quotes, is assumed.
func (c *call) selectParts(u *upload, listed []completePartXML) (chosen []*part, err error) {
	for i, want := range listed {
		if i > 0 && want.PartNumber <= listed[i-1].PartNumber {
			return nil, refusal(400, "InvalidPartOrder", "", "The list of parts was not in ascending order: part %d follows part %d.", want.PartNumber, listed[i-1].PartNumber)
		}
		etag := strings.Trim(want.ETag, `"`)
		p := u.parts[want.PartNumber]
		if p == nil || p.blob.etag() != etag {
			if !slices.Contains(u.issued[want.PartNumber], etag) {
				c.violate("ETag %q was never issued for part %d", etag, want.PartNumber)
			}
			return nil, errInvalidPart(u, want.PartNumber, etag)
		}
		chosen = append(chosen, p)
	}
	for i, p := range chosen {
		if i < len(chosen)-1 && p.blob.size < minPartSize {
			return nil, refusal(400, "EntityTooSmall", "0042-00000213", "Part %d has %d bytes, less than the minimum of %d.", p.number, p.blob.size, minPartSize)
		}
	}
	return chosen, nil
}

// errInvalidPart is a recorded answer, cn-shanghai, June 2026.
func errInvalidPart(u *upload, number int, etag string) *ossError {
	return refusal(400, "InvalidPart", "0042-00000212", "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag.").
		withDetail("ETag", etag).withDetail("PartNumber", strconv.Itoa(number)).withDetail("UploadId", u.id)
}

// object returns the object that the upload becomes. An empty list makes an
// empty object (source: SDK tests). The object has a CRC-64 if every part has
// one (source: user guide "Check data integrity by using CRC-64").
func (u *upload) object(chosen []*part) (*version, error) {
	v := &version{attributes: u.attributes, key: u.key, kind: "Multipart"}
	for _, p := range chosen {
		v.content = append(v.content, p.blob)
		v.hidesCRC64 = v.hidesCRC64 || p.hidesCRC64
	}
	v.size, v.crc64 = v.content.size(), v.content.crc64()
	v.etag = multipartETag(v.content)
	if u.sequential {
		sum, err := v.content.contentMD5()
		if err != nil {
			return nil, err
		}
		v.contentMD5 = sum
	}
	return v, nil
}

// multipartETag is the MD5 of the parts' ETags, concatenated as upper-case hex
// text, followed by "-N" for N parts. S3, in contrast, hashes the binary
// digests. Source: SDK v1 tests, which contain the ETag of a known file, and
// recorded answers.
func multipartETag(parts content) string {
	sum := md5.New()
	for _, b := range parts {
		_, _ = io.WriteString(sum, b.etag())
	}
	return fmt.Sprintf("%s-%d", strings.ToUpper(hex.EncodeToString(sum.Sum(nil))), len(parts))
}

// contentMD5 reads the whole content. Only sequential uploads need it.
func (c content) contentMD5() (string, error) {
	body := c.open(0, c.size())
	defer body.Close()
	sum := md5.New()
	if _, err := io.Copy(sum, body); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(sum.Sum(nil)), nil
}
