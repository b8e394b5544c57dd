// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"cmp"
	"maps"
	"net/http"
	"strings"
)

// Headers are what OSS keeps beside the bytes of an object. They are fixed
// when an upload is initiated; afterwards only a copy of the object onto
// itself changes them. An empty value is an absent header, except where a
// comment says that it leaves the choice to the bucket.
type Headers struct {
	ContentType        string // "": DefaultContentType
	CacheControl       string
	ContentDisposition string
	ContentEncoding    string
	ContentLanguage    string
	Expires            string            // an HTTP date
	Metadata           map[string]string // by name, in lower case and without x-oss-meta-

	// DispositionHidden says of found headers that OSS does not tell the object's
	// Content-Disposition.
	DispositionHidden bool

	StorageClass string     // "": the bucket's
	Encryption   Encryption // zero: the bucket's rule

	// Mark is the ID of the resource instance that has written the object. OSS
	// keeps it as metadata, which Metadata does not show. "": none; a copy then
	// keeps the one that is there. See [Claim].
	Mark string
}

// DefaultContentType is what an object of no known type is given: OSS would
// guess by the key.
const DefaultContentType = "application/octet-stream"

// Encryption is how OSS encrypts an object at rest.
type Encryption struct {
	Algorithm     string // "AES256", "KMS" or "SM4"
	DataAlgorithm string // with KMS: what the bytes themselves are encrypted by; "": AES256
	KMSKeyID      string // with KMS: the key; "": whichever OSS chooses
}

// String is the same for equal encryptions, and "" for the bucket's.
func (e Encryption) String() string {
	return strings.Trim(e.Algorithm+" "+e.DataAlgorithm+" "+e.KMSKeyID, " ")
}

// Archived reports a storage class whose objects are copied only while they are
// restored.
func Archived(class string) bool {
	return class == "Archive" || class == "ColdArchive" || class == "DeepColdArchive"
}

// SatisfiedBy reports whether an object that has the found headers is what h
// asks for.
func (h Headers) SatisfiedBy(found Headers) bool { return h.differs(found) == "" }

func (h Headers) markedAs(found Headers) bool { return h.Mark == "" || h.Mark == found.Mark }

// differs names what an object has otherwise than h asks for, or nothing.
func (h Headers) differs(found Headers) string {
	for _, header := range []struct {
		name string
		same bool
	}{
		{"owner mark", h.markedAs(found)},
		{"Content-Type", cmp.Or(h.ContentType, DefaultContentType) == cmp.Or(found.ContentType, DefaultContentType)},
		{"Cache-Control", h.CacheControl == found.CacheControl},
		{"Content-Disposition", found.DispositionHidden || h.ContentDisposition == found.ContentDisposition},
		{"Content-Encoding", h.ContentEncoding == found.ContentEncoding},
		{"Content-Language", h.ContentLanguage == found.ContentLanguage},
		{"Expires", SameDate(h.Expires, found.Expires)},
		{"metadata", maps.Equal(h.Metadata, found.Metadata)},
		{"storage class or encryption", h.convertedAs(found)},
	} {
		if !header.same {
			return header.name
		}
	}
	return ""
}

// convertedAs compares what makes OSS store the bytes anew.
func (h Headers) convertedAs(found Headers) bool {
	stored := h.orAsIn(found)
	return stored.StorageClass == found.StorageClass && stored.Encryption == found.Encryption
}

// orAsIn leaves what h leaves open as it was found: a copy would choose anew.
// HeadObject names a key also where OSS has chosen it.
func (h Headers) orAsIn(found Headers) Headers {
	h.Mark = cmp.Or(h.Mark, found.Mark)
	h.StorageClass = cmp.Or(h.StorageClass, found.StorageClass)
	h.Encryption = cmp.Or(h.Encryption, found.Encryption)
	if h.Encryption.Algorithm == found.Encryption.Algorithm {
		h.Encryption.KMSKeyID = cmp.Or(h.Encryption.KMSKeyID, found.Encryption.KMSKeyID)
	}
	return h
}

// SameDate compares HTTP dates as instants, and anything else as text.
func SameDate(a, b string) bool {
	t, errA := http.ParseTime(a)
	u, errB := http.ParseTime(b)
	return a == b || errA == nil && errB == nil && t.Equal(u)
}
