// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"cmp"
	"maps"
	"net/http"
	"strings"
)

// Headers are the attributes that OSS stores with the bytes of an object. They
// are fixed when an upload is initiated; later, only a copy of the object onto
// itself changes them. An empty value is an absent header, unless a comment says
// that the bucket decides.
type Headers struct {
	ContentType        string // "": DefaultContentType
	CacheControl       string
	ContentDisposition string
	ContentEncoding    string
	ContentLanguage    string
	Expires            string            // an HTTP date
	Metadata           map[string]string // by name, in lower case, without x-oss-meta-

	// DispositionHidden reports that OSS does not show the Content-Disposition of
	// the object.
	DispositionHidden bool

	StorageClass string     // "": the bucket's
	Encryption   Encryption // zero: the bucket's rule

	// Mark is the ID of the resource instance that wrote the object. OSS stores it
	// as metadata, which Metadata does not include. "": none; a copy then keeps the
	// existing mark. See [Claim].
	Mark string
}

// DefaultContentType is set on an object without a type. Otherwise OSS would
// guess one from the key.
const DefaultContentType = "application/octet-stream"

// Encryption is how OSS encrypts an object at rest.
type Encryption struct {
	Algorithm     string // "AES256", "KMS" or "SM4"
	DataAlgorithm string // with KMS: the algorithm for the bytes; "": AES256
	KMSKeyID      string // with KMS: the key; "": chosen by OSS
}

// String returns equal texts for equal encryptions, and "" for the rule of the
// bucket.
func (e Encryption) String() string {
	return strings.Trim(e.Algorithm+" "+e.DataAlgorithm+" "+e.KMSKeyID, " ")
}

// Archived reports whether objects of a storage class can be copied only while
// they are restored.
func Archived(class string) bool {
	return class == "Archive" || class == "ColdArchive" || class == "DeepColdArchive"
}

// SatisfiedBy reports whether the found headers of an object are those that h
// requests.
func (h Headers) SatisfiedBy(found Headers) bool { return h.differs(found) == "" }

func (h Headers) sameMark(found Headers) bool { return h.Mark == "" || h.Mark == found.Mark }

// differs returns the name of a header that differs from what h requests, or "".
func (h Headers) differs(found Headers) string {
	for _, header := range []struct {
		name string
		same bool
	}{
		{"owner mark", h.sameMark(found)},
		{"Content-Type", cmp.Or(h.ContentType, DefaultContentType) == cmp.Or(found.ContentType, DefaultContentType)},
		{"Cache-Control", h.CacheControl == found.CacheControl},
		{"Content-Disposition", found.DispositionHidden || h.ContentDisposition == found.ContentDisposition},
		{"Content-Encoding", h.ContentEncoding == found.ContentEncoding},
		{"Content-Language", h.ContentLanguage == found.ContentLanguage},
		{"Expires", SameDate(h.Expires, found.Expires)},
		{"metadata", maps.Equal(h.Metadata, found.Metadata)},
		{"storage class or encryption", h.sameStorage(found)},
	} {
		if !header.same {
			return header.name
		}
	}
	return ""
}

// sameStorage compares the headers for which OSS would have to store the bytes
// again.
func (h Headers) sameStorage(found Headers) bool {
	stored := h.filledFrom(found)
	return stored.StorageClass == found.StorageClass && stored.Encryption == found.Encryption
}

// filledFrom fills the headers that h leaves open from the found ones, because
// OSS would choose new values for a copy. HeadObject also reports a key that OSS
// has chosen.
func (h Headers) filledFrom(found Headers) Headers {
	h.Mark = cmp.Or(h.Mark, found.Mark)
	h.StorageClass = cmp.Or(h.StorageClass, found.StorageClass)
	h.Encryption = cmp.Or(h.Encryption, found.Encryption)
	if h.Encryption.Algorithm == found.Encryption.Algorithm {
		h.Encryption.KMSKeyID = cmp.Or(h.Encryption.KMSKeyID, found.Encryption.KMSKeyID)
	}
	return h
}

// SameDate compares HTTP dates as times, and anything else as text.
func SameDate(a, b string) bool {
	t, errA := http.ParseTime(a)
	u, errB := http.ParseTime(b)
	return a == b || errA == nil && errB == nil && t.Equal(u)
}
