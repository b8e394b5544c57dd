// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// encodeXML panics on failure: every document is a struct of this package.
func encodeXML(document any) []byte {
	body, err := xml.Marshal(document)
	if err != nil {
		panic(err)
	}
	return append([]byte(xml.Header), body...)
}

// decodeXML reads a request's document. Malformed XML is a violation.
func (c *call) decodeXML(document any) error {
	body, err := io.ReadAll(io.LimitReader(c.body, maxXMLBody+1))
	if err != nil {
		return errIncompleteBody(err)
	}
	if want := c.r.Header.Get("Content-MD5"); want != "" && want != contentMD5(body) {
		return errInvalidDigest(want)
	}
	if len(body) > maxXMLBody {
		err = errors.New("the document is too large")
	} else {
		err = xml.Unmarshal(hideControls(body), document)
	}
	if err == nil {
		return nil
	}
	if len(body) > 0 {
		c.violate("malformed XML: %v", err)
	}
	return errMalformedXML()
}

// controlReference matches a reference to a control character that XML 1.0 does
// not allow. OSS accepts it, because a key may contain any character. Source:
// SDK v2 and its tests.
var controlReference = regexp.MustCompile(`&#x(0[1-8BCEF]|1[0-9A-F]);`)

// hideControls replaces these characters with private-use characters from
// hiddenControls on, which keys do not contain.
const hiddenControls = 0x10ff00

func hideControls(body []byte) []byte {
	return controlReference.ReplaceAllFunc(body, func(reference []byte) []byte {
		code, _ := strconv.ParseUint(string(reference[3:5]), 16, 8)
		return utf8.AppendRune(nil, hiddenControls+rune(code))
	})
}

// keyText is a key in a request's document.
type keyText string

// UnmarshalText restores the control characters.
func (k *keyText) UnmarshalText(text []byte) error {
	*k = keyText(strings.Map(func(r rune) rune {
		if r > hiddenControls && r < hiddenControls+' ' {
			r -= hiddenControls
		}
		return r
	}, string(text)))
	return nil
}

func contentMD5(body []byte) string {
	sum := md5.Sum(body)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// xmlTime formats a time as documents do.
func xmlTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// keyEncoder returns the function that writes keys in this answer: unchanged,
// or URL-encoded if the client asked for encoding-type=url, because XML 1.0
// cannot represent every character of a key.
func (c *call) keyEncoder() (func(string) string, error) {
	switch kind := c.query.Get("encoding-type"); kind {
	case "":
		return func(key string) string { return key }, nil
	case "url":
		return escape, nil
	default:
		return nil, errInvalidArgument("encoding-type must be \"url\", not %q.", kind)
	}
}
