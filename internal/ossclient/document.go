// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// decode parses the document of a successful answer. The root element must be that
// of the type of document.
func (a answer) decode(document any) error {
	if _, isError := parseError(a.text); isError {
		return a.refusal()
	}
	if err := unmarshal(a.text, document); err != nil {
		return a.malformed("its document is invalid: %v", err)
	}
	return nil
}

// checkEmpty checks the answer to a request that OSS answers without a body. A body
// means that the answer does not come from OSS.
func (a answer) checkEmpty() error {
	if _, isError := parseError(a.text); isError {
		return a.refusal()
	}
	if len(bytes.TrimSpace(a.text)) > 0 {
		return a.malformed("with an unexpected body")
	}
	return nil
}

// plausible reports whether text has the form of a value from OSS, such as an upload
// ID, an ETag or a CRC-64. These values are sent back and written to checkpoints, so
// their length is limited.
func plausible(text string) bool {
	return len(text) <= 256 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// objectElements are the elements that name the object of a document.
type objectElements struct {
	Bucket string
	Key    string
}

// checkKey checks that a document is about the key of obj. It accepts the key with
// and without URL encoding, because not every answer states its encoding.
//
// It does not check the bucket: a request that uses the alias of an access point, or
// a domain that is bound to a bucket, may be answered with the name of the bucket.
func (e objectElements) checkKey(obj resumable.Object, a answer) error {
	decoded, err := url.QueryUnescape(e.Key)
	named := e.Key == obj.Key || err == nil && decoded == obj.Key
	if !named {
		return a.malformed("its document is about bucket %q, key %q", e.Bucket, e.Key)
	}
	return nil
}

// decodeKey decodes a key. Requests set encoding-type, because XML cannot represent
// every character of a key.
func decodeKey(encoding, key string) (string, error) {
	switch encoding {
	case "":
		return key, nil
	case "url":
		return url.QueryUnescape(key)
	}
	return "", fmt.Errorf("its keys have the unknown encoding %q", encoding)
}

// decodeKeys decodes in place.
func (a answer) decodeKeys(encoding string, keys []*string) (err error) {
	for _, key := range keys {
		if *key, err = decodeKey(encoding, *key); err != nil {
			return a.malformed("%v", err)
		}
	}
	return nil
}
