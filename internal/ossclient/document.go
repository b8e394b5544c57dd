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

// decode reads the document of a successful answer. The type of document
// names the root element, and no other is accepted.
func (a answer) decode(document any) error {
	if _, isError := parseError(a.text); isError {
		return a.refusal()
	}
	if err := unmarshal(a.text, document); err != nil {
		return a.malformed("its document cannot be read: %v", err)
	}
	return nil
}

// checkEmpty is for a request to which OSS says no more than that it is done.
// With anything else in the body, somebody else has said so.
func (a answer) checkEmpty() error {
	if _, isError := parseError(a.text); isError {
		return a.refusal()
	}
	if len(bytes.TrimSpace(a.text)) > 0 {
		return a.malformed("with a document that does not belong there")
	}
	return nil
}

// plausible reports whether text may be an identifier that OSS made up: an
// upload ID, an ETag, a CRC-64. They are kept, sent back and written to
// checkpoints, so none may be as long as an answer can be.
func plausible(text string) bool {
	return len(text) <= 256 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// objectElements say which object a document is about.
type objectElements struct {
	Bucket string
	Key    string
}

// checkKey checks that the document is about the key of obj. That counts
// whether or not the server has heeded encoding-type; not every answer says so.
//
// The bucket may have another name: a request to the alias of an access point,
// or to a domain bound to a bucket, may be answered with the bucket's own.
func (e objectElements) checkKey(obj resumable.Object, a answer) error {
	decoded, err := url.QueryUnescape(e.Key)
	named := e.Key == obj.Key || err == nil && decoded == obj.Key
	if !named {
		return a.malformed("its document is about bucket %q, key %q", e.Bucket, e.Key)
	}
	return nil
}

// decodeKey undoes what we ask for with encoding-type, because XML cannot hold
// every character of a key.
func decodeKey(encoding, key string) (string, error) {
	switch encoding {
	case "":
		return key, nil
	case "url":
		return url.QueryUnescape(key)
	}
	return "", fmt.Errorf("keys are in the unknown encoding %q", encoding)
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
