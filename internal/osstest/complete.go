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

// completeMultipartUpload turns the listed parts into the object, at one
// instant, and ends the upload. The object is the list of the parts' blobs:
// nothing is copied. It does not depend on the client's staying. Source: API
// page CompleteMultipartUpload.
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

// listedParts reads the request's list, or returns nil for all parts there are.
func (c *call) listedParts() ([]completePartXML, error) {
	if c.r.Header.Get("x-oss-complete-all") == "yes" {
		if c.r.ContentLength > 0 {
			c.violate("x-oss-complete-all with a body")
			// Source: SDK v2 tests, for the message too.
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
	chosen, err := c.choose(u, listed)
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
	b.abort(u) // releases all parts, also those that were not listed
	c.s.lockedPut(b, v)
	return v, c.withVersion(withEncryption(newAnswer(200), &v.attributes), v), nil
}

func (u *upload) allParts() (all []completePartXML) {
	for _, number := range slices.Sorted(maps.Keys(u.parts)) {
		all = append(all, completePartXML{number, u.parts[number].blob.etag()})
	}
	return all
}

// choose holds the list against the parts that are stored. ETags are compared
// exactly, quotes aside; assumed.
func (c *call) choose(u *upload, listed []completePartXML) (chosen []*part, err error) {
	for i, want := range listed {
		if i > 0 && want.PartNumber <= listed[i-1].PartNumber {
			return nil, refusal(400, "InvalidPartOrder", "", "The list of parts was not in ascending order: %d follows %d.", want.PartNumber, listed[i-1].PartNumber)
		}
		etag := strings.Trim(want.ETag, `"`)
		p := u.parts[want.PartNumber]
		if p == nil || p.blob.etag() != etag {
			if !slices.Contains(u.issued[want.PartNumber], etag) {
				c.violate("part %d never had the ETag %q", want.PartNumber, etag)
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
		about("ETag", etag).about("PartNumber", strconv.Itoa(number)).about("UploadId", u.id)
}

// object is what the upload becomes. An empty list makes an empty object.
// Source: SDK tests. It has a CRC-64 if every part has one. Source: user guide
// "Check data integrity by using CRC-64".
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

// multipartETag is the MD5 of the parts' ETags as upper-case hex text, joined,
// with "-N" for N parts; not of the binary digests, as S3 has it. Source: SDK
// v1 tests, which state the ETag of a known file, and recorded answers.
func multipartETag(parts content) string {
	sum := md5.New()
	for _, b := range parts {
		_, _ = io.WriteString(sum, b.etag())
	}
	return fmt.Sprintf("%s-%d", strings.ToUpper(hex.EncodeToString(sum.Sum(nil))), len(parts))
}

// contentMD5 reads everything once more: what sequential uploads cost.
func (c content) contentMD5() (string, error) {
	body := c.open(0, c.size())
	defer body.Close()
	sum := md5.New()
	if _, err := io.Copy(sum, body); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(sum.Sum(nil)), nil
}
