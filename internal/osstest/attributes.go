// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// attributes are what is stored along with an object's bytes.
type attributes struct {
	header    http.Header // standard and x-oss- headers, returned as they came
	acl       string      // "default" follows the bucket
	tags      []tag
	retention retention
}

// keptHeaders come back with the object as they were given; OSS reads none of
// the standard ones, not even the date in Expires. Source: API pages PutObject,
// HeadObject; that Content-Language is kept is assumed.
var keptHeaders = []string{
	"Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires",
	"X-Oss-Storage-Class", encryptionHeader, encryptionKeyHeader, dataEncryptionHeader,
}

const metaPrefix = "X-Oss-Meta-"

// metaName is what may follow metaPrefix; OSS lowers the case. Source: API page
// PutObject.
var metaName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

var (
	objectACLs     = []string{"default", "private", "public-read", "public-read-write"}
	storageClasses = []string{"Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"}
)

// newAttributes takes an object's attributes from a request's headers.
func newAttributes(h http.Header) (attributes, error) {
	kept := make(http.Header)
	size := 0
	for name, values := range h {
		meta, isMeta := strings.CutPrefix(name, metaPrefix)
		if isMeta && !metaName.MatchString(meta) {
			return attributes{}, errInvalidArgument("%s is no valid name of user metadata.", name)
		}
		if isMeta {
			size += len(meta) + len(values[0])
		}
		if isMeta || slices.Contains(keptHeaders, name) {
			kept[name] = values[:1]
		}
	}
	if size > maxUserMetadata {
		return attributes{}, errInvalidArgument("User metadata is larger than %d bytes.", maxUserMetadata)
	}
	if kept.Get("Content-Type") == "" {
		kept.Set("Content-Type", "application/octet-stream")
	}
	acl, err := parseObjectACL(h, "default")
	if err != nil {
		return attributes{}, err
	}
	if err := checkStorageClass(kept); err != nil {
		return attributes{}, err
	}
	if err := checkEncryption(kept); err != nil {
		return attributes{}, err
	}
	tags, err := parseTags(h.Get("x-oss-tagging"))
	return attributes{header: kept, acl: acl, tags: tags}, err
}

func parseObjectACL(h http.Header, byDefault string) (string, error) {
	acl := h.Get("x-oss-object-acl")
	if acl == "" {
		return byDefault, nil
	}
	if !slices.Contains(objectACLs, acl) {
		return "", errInvalidArgument("no such ACL: %q", acl)
	}
	return acl, nil
}

// checkStorageClass refuses an empty class too. Sources: EC 0013-00000101,
// 0017-00000131.
func checkStorageClass(h http.Header) error {
	given, class := h.Values("x-oss-storage-class"), h.Get("x-oss-storage-class")
	switch {
	case len(given) > 0 && class == "":
		return refusal(400, "InvalidArgument", "0017-00000131", "The x-oss-storage-class header cannot be left empty.")
	case class != "" && !slices.Contains(storageClasses, class):
		return refusal(400, "InvalidArgument", "0013-00000101", "no such storage class: %q", class)
	}
	return nil
}

func (a *attributes) storageClass() string { return a.header.Get("x-oss-storage-class") }

// archived objects cannot be read or copied, unless they were restored.
func (a *attributes) archived() bool { return strings.Contains(a.storageClass(), "Archive") }

// inherit gives a new object or upload the bucket's storage class and
// encryption, where it has none of its own. Sources: API pages PutObject,
// PutBucketEncryption.
func (a *attributes) inherit(b *bucket) {
	if a.storageClass() == "" {
		a.header.Set("x-oss-storage-class", b.storageClass)
	}
	if a.header.Get(encryptionHeader) == "" {
		maps.Copy(a.header, b.encryption)
	}
}
