// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"time"
)

// encodeXML panics on failure: every document is a struct of this package.
func encodeXML(document any) []byte {
	body, err := xml.Marshal(document)
	if err != nil {
		panic(err)
	}
	return append([]byte(xml.Header), body...)
}

// decodeXML reads a request's document. One that is no XML is a client's bug.
func (c *call) decodeXML(document any) error {
	body, err := io.ReadAll(io.LimitReader(c.body, maxXMLBody+1))
	if err != nil {
		return errIncompleteBody(err)
	}
	if want := c.r.Header.Get("Content-MD5"); want != "" && want != contentMD5(body) {
		return refusal(400, "InvalidDigest", "", "The Content-MD5 you specified was invalid.")
	}
	if len(body) > maxXMLBody {
		err = errors.New("the document is too large")
	} else {
		err = xml.Unmarshal(body, document)
	}
	if err == nil {
		return nil
	}
	if len(body) > 0 {
		c.violate("malformed XML: %v", err)
	}
	return errMalformedXML()
}

func contentMD5(body []byte) string {
	sum := md5.Sum(body)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// xmlTime is how documents write times.
func xmlTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// keyEncoder returns how keys are written in this answer: as they are, or
// URL-encoded if the client asked for encoding-type=url, since XML 1.0 cannot
// hold every character a key can.
func (c *call) keyEncoder() (func(string) string, error) {
	switch kind := c.query.Get("encoding-type"); kind {
	case "":
		return func(key string) string { return key }, nil
	case "url":
		return escape, nil
	default:
		return nil, errInvalidArgument("encoding-type is %q, not \"url\".", kind)
	}
}
