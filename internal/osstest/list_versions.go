// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"iter"
	"slices"
	"strings"
)

type versionXML struct {
	XMLName      xml.Name
	Key          string
	VersionID    string `xml:"VersionId"`
	IsLatest     bool
	LastModified string
	ETag         string `xml:",omitempty"`
	Type         string `xml:",omitempty"`
	Size         *int64
	StorageClass string `xml:",omitempty"`
	Owner        ownerXML
}

// listVersionsXML lists its elements in the order of recorded answers,
// cn-shanghai, May 2026; the positions of the two next markers are assumed.
type listVersionsXML struct {
	XMLName             xml.Name `xml:"ListVersionsResult"`
	Name                string
	Prefix              string
	KeyMarker           string
	VersionIDMarker     string `xml:"VersionIdMarker"`
	MaxKeys             int
	Delimiter           string
	EncodingType        string `xml:",omitempty"`
	IsTruncated         bool
	NextKeyMarker       string `xml:",omitempty"`
	NextVersionIDMarker string `xml:"NextVersionIdMarker,omitempty"`
	Versions            []versionXML
	CommonPrefixes      []prefixXML
}

// listedVersion is an entry of the listing. place is the version's index among
// those of its key, 0 for the newest.
type listedVersion struct {
	*version
	place int
}

// listObjectVersions lists versions by key, then from newest to oldest. Source:
// API page ListObjectVersions.
func (c *call) listObjectVersions() (*answer, error) {
	encode, err := c.keyEncoder()
	if err != nil {
		return nil, err
	}
	size, err := c.pageSize("max-keys", 100)
	if err != nil {
		return nil, err
	}
	p := paging{prefix: c.query.Get("prefix"), delimiter: c.query.Get("delimiter"), marker: c.query.Get("key-marker"), size: size}
	idMarker := c.query.Get("version-id-marker")

	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	listed := paginate(p, b.allVersions(p.start()), func(v listedVersion) string { return v.key }, b.pastVersion(p.marker, idMarker))
	document := listVersionsXML{
		Name: b.name, Prefix: encode(p.prefix), Delimiter: encode(p.delimiter), EncodingType: c.query.Get("encoding-type"),
		KeyMarker: encode(p.marker), VersionIDMarker: idMarker, MaxKeys: size,
		IsTruncated: listed.truncated, NextKeyMarker: encode(listed.next()),
		CommonPrefixes: encodePrefixes(listed.prefixes, encode),
	}
	if listed.truncated && listed.lastItem.version != nil {
		document.NextVersionIDMarker = listed.lastItem.id
	}
	for _, v := range listed.items {
		document.Versions = append(document.Versions, describeVersion(v, encode(v.key)))
	}
	return xmlAnswer(document), nil
}

func describeVersion(v listedVersion, key string) versionXML {
	line := versionXML{
		XMLName: xml.Name{Local: "DeleteMarker"}, Key: key, VersionID: v.id,
		IsLatest: v.place == 0, LastModified: xmlTime(v.modified), Owner: owner,
	}
	if !v.deleteMarker {
		line.XMLName.Local = "Version"
		line.ETag, line.Type, line.Size, line.StorageClass = v.quotedETag(), v.kind, &v.size, v.storageClass()
	}
	return line
}

func (b *bucket) allVersions(start string) iter.Seq[listedVersion] {
	return func(yield func(listedVersion) bool) {
		for _, key := range b.sortedKeys(start) {
			h := b.objects[key]
			for i, v := range slices.Backward(h) {
				if !yield(listedVersion{v, len(h) - 1 - i}) {
					return
				}
			}
		}
	}
}

// pastVersion returns a function that reports whether a version is at or before
// the two markers. If id is "", every version of key is.
func (b *bucket) pastVersion(key, id string) func(listedVersion) bool {
	place := len(b.objects[key])
	for i, v := range b.objects[key] {
		if id != "" && v.id == id {
			place = len(b.objects[key]) - 1 - i
		}
	}
	return func(v listedVersion) bool {
		order := strings.Compare(v.key, key)
		return order < 0 || order == 0 && v.place <= place
	}
}
