// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"maps"
	"net/http"
	"slices"
)

// DefaultKMSKeyID is the key ID that the server reports for an object encrypted
// with KMS without a key ID in the request. HeadObject always reports one.
// Source: API page HeadObject.
const DefaultKMSKeyID = "osstest0-0000-4000-8000-default0cmk0"

const (
	encryptionHeader     = "X-Oss-Server-Side-Encryption"
	encryptionKeyHeader  = "X-Oss-Server-Side-Encryption-Key-Id"
	dataEncryptionHeader = "X-Oss-Server-Side-Data-Encryption"
)

var encryptions = []string{"AES256", "KMS", "SM4"}

// checkEncryption validates the three encryption headers and adds the default
// KMS key. Sources: API page PutObject, HTTP 400 page; that a key without KMS
// is InvalidArgument is assumed.
func checkEncryption(h http.Header) error {
	method := h.Get(encryptionHeader)
	if method != "" && !slices.Contains(encryptions, method) {
		return refusal(400, "InvalidEncryptionAlgorithmError", "", "The Encryption Algorithm %q is not supported.", method)
	}
	if method == "KMS" {
		if h.Get(encryptionKeyHeader) == "" {
			h.Set(encryptionKeyHeader, DefaultKMSKeyID)
		}
	} else if h.Get(encryptionKeyHeader) != "" || h.Get(dataEncryptionHeader) != "" {
		return errInvalidArgument("A KMS key or data encryption requires x-oss-server-side-encryption: KMS.")
	}
	if data := h.Get(dataEncryptionHeader); data != "" && data != "SM4" {
		return refusal(400, "InvalidDataEncryptionAlgorithmError", "", "The KMS Data Encryption request you specified is not valid. Supported value:SM4")
	}
	return nil
}

// encryption returns the encryption headers.
func (a *attributes) encryption() http.Header {
	h := make(http.Header)
	for _, name := range []string{encryptionHeader, encryptionKeyHeader, dataEncryptionHeader} {
		if values := a.header[name]; len(values) > 0 {
			h[name] = values
		}
	}
	return h
}

// withEncryption adds the encryption headers to the answer. Source: API pages
// PutObject, CopyObject, UploadPart.
func withEncryption(a *answer, of *attributes) *answer {
	maps.Copy(a.header, of.encryption())
	return a
}

// SetEncryption sets a bucket's default encryption, as PutBucketEncryption
// does. If method is "", the bucket has no default. It panics if OSS would
// refuse the rule.
func (s *Server) SetEncryption(bucket, method, kmsKeyID string) {
	rule := make(http.Header)
	if method != "" {
		rule.Set(encryptionHeader, method)
	}
	if kmsKeyID != "" {
		rule.Set(encryptionKeyHeader, kmsKeyID)
	}
	if err := checkEncryption(rule); err != nil {
		panic("osstest: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustBucket(bucket).encryption = rule
}
