// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/base64"
	"encoding/xml"
	"iter"
	"maps"
	"slices"
)

type objectXML struct {
	Key          string
	LastModified string
	ETag         string
	Type         string
	Size         int64
	StorageClass string
	Owner        *ownerXML `xml:",omitempty"`
}

// listObjectsXML is the document of ListObjects and ListObjectsV2. The order of
// elements is that of recorded answers to ListObjectsV2, cn-shanghai, May 2026.
// The positions of Marker, NextMarker and StartAfter, and that a KeyCount of 0
// is present, are assumed.
type listObjectsXML struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name                  string
	Prefix                string
	Marker                string `xml:",omitempty"` // of ListObjects
	StartAfter            string `xml:",omitempty"` // of ListObjectsV2
	ContinuationToken     string `xml:",omitempty"` // of ListObjectsV2
	MaxKeys               int
	Delimiter             string
	EncodingType          string `xml:",omitempty"`
	IsTruncated           bool
	NextMarker            string `xml:",omitempty"` // of ListObjects
	NextContinuationToken string `xml:",omitempty"` // of ListObjectsV2
	Contents              []objectXML
	CommonPrefixes        []prefixXML
	KeyCount              *int // of ListObjectsV2
}

func (c *call) listObjects() (*answer, error) {
	marker := c.query.Get("marker")
	document, page, encode, err := c.listPage(marker, true)
	if err != nil {
		return nil, err
	}
	document.Marker, document.NextMarker = encode(marker), encode(page.next())
	return xmlAnswer(document), nil
}

// listObjectsV2 encodes the token in the same way as the keys. Source:
// decodeListObjectsResultV2 of the SDK v1.
func (c *call) listObjectsV2() (*answer, error) {
	token := c.query.Get("continuation-token")
	marker, err := base64.URLEncoding.DecodeString(token)
	if c.query.Get("list-type") != "2" || err != nil {
		return nil, errInvalidArgument("list-type or continuation-token is invalid.")
	}
	if token == "" {
		marker = []byte(c.query.Get("start-after"))
	}
	document, page, encode, err := c.listPage(string(marker), c.query.Get("fetch-owner") == "true")
	if err != nil {
		return nil, err
	}
	document.StartAfter, document.ContinuationToken = encode(c.query.Get("start-after")), token
	count := len(page.items) + len(page.prefixes)
	document.KeyCount = &count
	document.NextContinuationToken = encode(base64.URLEncoding.EncodeToString([]byte(page.next())))
	return xmlAnswer(document), nil
}

// listPage lists the objects of a bucket, without old versions and deleted
// objects.
func (c *call) listPage(marker string, withOwner bool) (*listObjectsXML, page[*version], func(string) string, error) {
	var none page[*version]
	encode, err := c.keyEncoder()
	if err != nil {
		return nil, none, nil, err
	}
	size, err := c.pageSize("max-keys", 100)
	if err != nil {
		return nil, none, nil, err
	}
	p := paging{prefix: c.query.Get("prefix"), delimiter: c.query.Get("delimiter"), marker: marker, size: size}

	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, none, nil, err
	}
	listed := paginate(p, b.currentObjects(p.start()), func(v *version) string { return v.key }, func(v *version) bool { return v.key <= marker })
	document := &listObjectsXML{
		Name: b.name, Prefix: encode(p.prefix), Delimiter: encode(p.delimiter), EncodingType: c.query.Get("encoding-type"),
		MaxKeys: size, IsTruncated: listed.truncated, CommonPrefixes: encodePrefixes(listed.prefixes, encode),
	}
	for _, v := range listed.items {
		object := objectXML{
			Key: encode(v.key), LastModified: xmlTime(v.modified), ETag: v.quotedETag(),
			Type: v.kind, Size: v.size, StorageClass: v.storageClass(),
		}
		if withOwner {
			object.Owner = &owner
		}
		document.Contents = append(document.Contents, object)
	}
	return document, listed, encode, nil
}

// sortedKeys returns the sorted keys that are not before start. It sorts only
// after a key was added or removed, so that a bucket of 100,000 objects can be
// listed page by page.
func (b *bucket) sortedKeys(start string) []string {
	if b.keysChanged {
		b.keys, b.keysChanged = slices.Sorted(maps.Keys(b.objects)), false
	}
	at, _ := slices.BinarySearch(b.keys, start)
	return b.keys[at:]
}

// currentObjects returns the objects whose latest version is not a delete
// marker.
func (b *bucket) currentObjects(start string) iter.Seq[*version] {
	return func(yield func(*version) bool) {
		for _, key := range b.sortedKeys(start) {
			if v := b.current(key); v != nil && !yield(v) {
				return
			}
		}
	}
}
