// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"cmp"
	"encoding/xml"
	"maps"
	"slices"
	"strconv"
)

type partXML struct {
	PartNumber   int
	LastModified string
	ETag         string
	HashCRC64    string `xml:"HashCrc64ecma,omitempty"`
	Size         int64
}

type listPartsXML struct {
	XMLName              xml.Name `xml:"ListPartsResult"`
	EncodingType         string   `xml:",omitempty"`
	Bucket               string
	Key                  string
	UploadID             string `xml:"UploadId"`
	StorageClass         string
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	Parts                []partXML `xml:"Part"`
}

// listParts lists parts by number. HashCrc64ecma is not on the API page, but
// the SDK v2 has a field for it and OSS returns it.
func (c *call) listParts() (*answer, error) {
	encode, err := c.keyEncoder()
	if err != nil {
		return nil, err
	}
	size, err := c.pageSize("max-parts", maxListPage)
	if err != nil {
		return nil, err
	}
	marker, err := strconv.Atoi(cmp.Or(c.query.Get("part-number-marker"), "0"))
	if err != nil {
		return nil, errInvalidArgument("part-number-marker must be a number, not %q.", c.query.Get("part-number-marker"))
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	_, u, err := c.lockedUpload()
	if err != nil {
		return nil, err
	}
	document := listPartsXML{
		EncodingType: c.query.Get("encoding-type"), Bucket: c.bucket, Key: encode(c.key), UploadID: u.id,
		StorageClass: u.storageClass(), PartNumberMarker: marker, MaxParts: size,
	}
	for _, number := range slices.Sorted(maps.Keys(u.parts)) {
		if number <= marker {
			continue
		}
		if len(document.Parts) == size {
			document.IsTruncated = true
			break
		}
		p := u.parts[number]
		document.Parts = append(document.Parts, partXML{
			PartNumber: number, LastModified: xmlTime(p.uploaded), ETag: strconv.Quote(p.blob.etag()),
			HashCRC64: p.shownCRC64(), Size: p.blob.size,
		})
		document.NextPartNumberMarker = number
	}
	return xmlAnswer(document), nil
}

type uploadXML struct {
	Key          string
	UploadID     string `xml:"UploadId"`
	StorageClass string
	Initiated    string
}

type listUploadsXML struct {
	XMLName            xml.Name `xml:"ListMultipartUploadsResult"`
	EncodingType       string   `xml:",omitempty"`
	Bucket             string
	Prefix             string
	Delimiter          string
	KeyMarker          string
	UploadIDMarker     string `xml:"UploadIdMarker"`
	NextKeyMarker      string
	NextUploadIDMarker string `xml:"NextUploadIdMarker"`
	MaxUploads         int
	IsTruncated        bool
	Uploads            []uploadXML `xml:"Upload"`
	CommonPrefixes     []prefixXML
}

// listMultipartUploads lists uploads by key, then by upload ID. It ignores
// upload-id-marker without key-marker. Source: API page ListMultipartUploads.
func (c *call) listMultipartUploads() (*answer, error) {
	encode, err := c.keyEncoder()
	if err != nil {
		return nil, err
	}
	size, err := c.pageSize("max-uploads", maxListPage)
	if err != nil {
		return nil, err
	}
	p := paging{prefix: c.query.Get("prefix"), delimiter: c.query.Get("delimiter"), marker: c.query.Get("key-marker"), size: size}
	idMarker := c.query.Get("upload-id-marker")

	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	listed := paginate(p, slices.Values(b.sortedUploads()), func(u *upload) string { return u.key }, func(u *upload) bool {
		sameKey := p.marker != "" && u.key == p.marker
		return u.key < p.marker || sameKey && (idMarker == "" || u.id <= idMarker)
	})
	document := listUploadsXML{
		EncodingType: c.query.Get("encoding-type"), Bucket: c.bucket, Prefix: encode(p.prefix), Delimiter: encode(p.delimiter),
		KeyMarker: encode(p.marker), UploadIDMarker: idMarker, NextKeyMarker: encode(listed.next()),
		MaxUploads: size, IsTruncated: listed.truncated, CommonPrefixes: encodePrefixes(listed.prefixes, encode),
	}
	if listed.truncated && listed.lastItem != nil {
		document.NextUploadIDMarker = listed.lastItem.id
	}
	for _, u := range listed.items {
		document.Uploads = append(document.Uploads, uploadXML{
			Key: encode(u.key), UploadID: u.id, StorageClass: u.storageClass(), Initiated: xmlTime(u.initiated),
		})
	}
	return xmlAnswer(document), nil
}

func (b *bucket) sortedUploads() []*upload {
	return slices.SortedFunc(maps.Values(b.uploads), func(a, b *upload) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id))
	})
}
