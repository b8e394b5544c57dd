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

// attributes are what OSS stores with an object besides its bytes.
type attributes struct {
	header    http.Header // standard and x-oss- headers, returned unchanged
	acl       string      // "default" means the bucket's ACL
	tags      []tag
	retention retention
}

// storedHeaders are stored with the object and returned unchanged. OSS does not
// interpret the standard headers, not even the date in Expires. Sources: API
// pages PutObject, HeadObject; that Content-Language is stored is assumed.
var storedHeaders = []string{
	"Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires",
	"X-Oss-Storage-Class", encryptionHeader, encryptionKeyHeader, dataEncryptionHeader,
}

const metaPrefix = "X-Oss-Meta-"

// metaName matches what may follow metaPrefix. OSS converts it to lower case.
// Source: API page PutObject.
var metaName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

var (
	objectACLs     = []string{"default", "private", "public-read", "public-read-write"}
	storageClasses = []string{"Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"}
)

// newAttributes returns the attributes in a request's headers.
func newAttributes(h http.Header) (attributes, error) {
	kept := make(http.Header)
	size := 0
	for name, values := range h {
		meta, isMeta := strings.CutPrefix(name, metaPrefix)
		if isMeta && !metaName.MatchString(meta) {
			return attributes{}, errInvalidArgument("%s is not a valid name for user metadata.", name)
		}
		if isMeta {
			size += len(meta) + len(values[0])
		}
		if isMeta || slices.Contains(storedHeaders, name) {
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
		return "", errInvalidArgument("unknown ACL: %q", acl)
	}
	return acl, nil
}

// checkStorageClass refuses unknown storage classes, and a header without a
// value. Sources: EC 0013-00000101, 0017-00000131.
func checkStorageClass(h http.Header) error {
	given, class := h.Values("x-oss-storage-class"), h.Get("x-oss-storage-class")
	switch {
	case len(given) > 0 && class == "":
		return refusal(400, "InvalidArgument", "0017-00000131", "The x-oss-storage-class header cannot be left empty.")
	case class != "" && !slices.Contains(storageClasses, class):
		return refusal(400, "InvalidArgument", "0013-00000101", "unknown storage class: %q", class)
	}
	return nil
}

func (a *attributes) storageClass() string { return a.header.Get("x-oss-storage-class") }

// archived reports whether the object must be restored before it can be read or
// copied.
func (a *attributes) archived() bool { return strings.Contains(a.storageClass(), "Archive") }

// inherit sets the storage class and the encryption of a new object or upload
// to the bucket's, unless the request specified them. Sources: API pages
// PutObject, PutBucketEncryption.
func (a *attributes) inherit(b *bucket) {
	if a.storageClass() == "" {
		a.header.Set("x-oss-storage-class", b.storageClass)
	}
	if a.header.Get(encryptionHeader) == "" {
		maps.Copy(a.header, b.encryption)
	}
}
