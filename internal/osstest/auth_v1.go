// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Signature versions 1 and 2. V2 is undocumented, but the SDK v1 tests sign
// URLs with it. Sources: API pages "Include signatures in the Authorization
// header" and "Include signatures in URLs"; SDK v1 auth.go for V2.

// signedParameters are the query parameters that V1 signs. SDK v2 signs
// "retention"; SDK v1 does not know it.
var signedParameters = []string{
	"acl", "append", "bucketInfo", "callback", "callback-var", "cleanRestoredObject", "continuation-token", "delete",
	"live", "location", "objectMeta", "partNumber", "position", "restore", "retention", "seal", "security-token", "sequential",
	"stat", "status", "symlink", "tagging", "uploadId", "uploads", "versionId", "versioning", "versions",
	"response-cache-control", "response-content-disposition", "response-content-encoding",
	"response-content-language", "response-content-type", "response-expires",
	"x-oss-request-payer", "x-oss-traffic-limit",
}

func (c *call) claimHeaderV1(credentials string) (claim, error) {
	id, given, ok := strings.Cut(credentials, ":")
	if !ok {
		return claim{}, errInvalidArgument("Authorization header is invalid.")
	}
	text, date, err := c.signedDate()
	if err != nil {
		return claim{}, err
	}
	return claim{accessKeyID: id, signature: given, date: date, sign: c.signV1(text)}, nil
}

func (c *call) claimQueryV1() (claim, error) {
	expires := c.query.Get("Expires")
	return c.signedURL(queryV1, signature, expires, c.signV1(expires))
}

func (c *call) claimHeaderV2(credentials string) (claim, error) {
	field := fields(credentials, ":")
	text, date, err := c.signedDate()
	if err != nil {
		return claim{}, err
	}
	return claim{
		accessKeyID: field["AccessKeyId"], signature: field[signature], date: date,
		sign: c.signV2(text, field["AdditionalHeaders"]),
	}, nil
}

func (c *call) claimQueryV2() (claim, error) {
	expires := c.query.Get("x-oss-expires")
	return c.signedURL(queryV2, "x-oss-signature", expires, c.signV2(expires, c.query.Get("x-oss-additional-headers")))
}

// signedURL returns the claim of a URL whose expiry is in Unix seconds.
func (c *call) signedURL(id, given, expires string, sign func(string) (string, string)) (claim, error) {
	seconds, err := strconv.ParseInt(expires, 10, 64)
	if err != nil {
		return claim{}, errAccessDenied("Expires must be a number of seconds.")
	}
	return claim{
		accessKeyID: c.query.Get(id), signature: c.query.Get(given),
		expires: time.Unix(seconds, 0), sign: sign,
	}, nil
}

func (c *call) signV1(date string) func(secret string) (string, string) {
	resource := "/"
	if c.bucket != "" {
		resource += c.bucket + "/" + c.key
	}
	plain := func(text string) string { return text }
	if query := c.canonicalQuery(plain, func(name string) bool { return slices.Contains(signedParameters, name) }); query != "" {
		resource += "?" + query
	}
	return c.signHMAC(sha1.New, date, c.canonicalHeaders()+resource)
}

func (c *call) signV2(date, additional string) func(secret string) (string, string) {
	resource := escape("/")
	if c.bucket != "" {
		resource += escape(c.bucket+"/") + escape(c.key)
	}
	if query := c.canonicalQuery(escape, func(name string) bool { return name != "x-oss-signature" }); query != "" {
		resource += "?" + query
	}
	names := strings.Split(additional, ";")
	return c.signHMAC(sha256.New, date, c.canonicalHeaders(names...)+additional+"\n"+resource)
}

// signHMAC completes the string to sign of V1 and V2 with its first lines, and
// signs it with an HMAC in base64.
func (c *call) signHMAC(sum func() hash.Hash, date, tail string) func(secret string) (string, string) {
	stringToSign := strings.Join([]string{
		c.r.Method, c.r.Header.Get("Content-MD5"), c.r.Header.Get("Content-Type"), date, tail,
	}, "\n")
	return func(secret string) (string, string) {
		mac := hmac.New(sum, []byte(secret))
		mac.Write([]byte(stringToSign))
		return base64.StdEncoding.EncodeToString(mac.Sum(nil)), stringToSign
	}
}
