// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"net/http"
	"slices"
	"strings"
)

// attributes are what is stored along with an object's bytes.
type attributes struct {
	header http.Header // standard and x-oss- headers, returned as they came
	acl    string      // "default" follows the bucket
	tags   []tag
}

// keptHeaders come back with the object. Source: API pages PutObject, HeadObject.
var keptHeaders = []string{
	"Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires",
	"X-Oss-Storage-Class", "X-Oss-Server-Side-Encryption", "X-Oss-Server-Side-Encryption-Key-Id",
	"X-Oss-Server-Side-Data-Encryption",
}

const metaPrefix = "X-Oss-Meta-"

var (
	objectACLs     = []string{"default", "private", "public-read", "public-read-write"}
	storageClasses = []string{"Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"}
	encryptions    = []string{"AES256", "KMS", "SM4"}
)

// newAttributes takes an object's attributes from a request's headers.
func newAttributes(h http.Header) (attributes, error) {
	kept := make(http.Header)
	size := 0
	for name, values := range h {
		switch {
		case slices.Contains(keptHeaders, name):
			kept[name] = values[:1]
		case strings.HasPrefix(name, metaPrefix):
			kept[name] = values[:1]
			size += len(name) - len(metaPrefix) + len(values[0])
		}
	}
	if size > maxUserMetadata {
		return attributes{}, errInvalidArgument("User metadata is larger than %d bytes.", maxUserMetadata)
	}
	if kept.Get("Content-Type") == "" {
		kept.Set("Content-Type", "application/octet-stream")
	}
	acl := h.Get("x-oss-object-acl")
	if acl == "" {
		acl = "default"
	}
	if !slices.Contains(objectACLs, acl) {
		return attributes{}, errInvalidArgument("no such ACL: %q", acl)
	}
	if class := kept.Get("x-oss-storage-class"); class != "" && !slices.Contains(storageClasses, class) {
		return attributes{}, errInvalidArgument("no such storage class: %q", class)
	}
	if method := kept.Get("x-oss-server-side-encryption"); method != "" && !slices.Contains(encryptions, method) {
		return attributes{}, refusal(400, "InvalidEncryptionAlgorithmError", "", "The Encryption Algorithm %q is not supported.", method)
	}
	tags, err := parseTags(h.Get("x-oss-tagging"))
	return attributes{header: kept, acl: acl, tags: tags}, err
}

func (a *attributes) storageClass() string { return a.header.Get("x-oss-storage-class") }

// archived objects must be restored before they can be read; this server has no
// RestoreObject, so they stay so.
func (a *attributes) archived() bool { return strings.Contains(a.storageClass(), "Archive") }

// inherit gives a new object the storage class of its bucket if it has none.
func (a *attributes) inherit(b *bucket) {
	if a.storageClass() == "" {
		a.header.Set("x-oss-storage-class", b.storageClass)
	}
}
