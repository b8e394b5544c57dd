// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Signature version 4. Source: API page "Include V4 signatures in the
// Authorization header (recommended)" and the corresponding page for URLs.

const unsignedPayload = "UNSIGNED-PAYLOAD"

// scopeV4 is the parsed form of "ID/day/region/oss/aliyun_v4_request".
type scopeV4 struct {
	accessKeyID, day, region string
}

func (s scopeV4) String() string {
	return s.day + "/" + s.region + "/oss/aliyun_v4_request"
}

// parseScope parses the credential scope and checks its region and day. The
// error for the region is from the SDK Python's tests; the codes of the others
// are assumed.
func (c *call) parseScope(credential string, date time.Time) (scopeV4, error) {
	part := strings.Split(credential, "/")
	if len(part) != 5 || part[3] != "oss" || part[4] != "aliyun_v4_request" {
		return scopeV4{}, errInvalidArgument("Invalid credential %q in the V4 signature.", credential)
	}
	scope := scopeV4{accessKeyID: part[0], day: part[1], region: part[2]}
	if scope.region != c.s.cfg.Region {
		return scopeV4{}, refusal(400, "InvalidArgument", "0002-00000226", "Invalid signing region in Authorization header.")
	}
	if scope.day != date.Format(isoDay) {
		return scopeV4{}, errInvalidArgument("Invalid signing date in Authorization header.")
	}
	return scope, nil
}

func (c *call) claimHeaderV4(credentials string) (claim, error) {
	text, date, err := c.signedDate()
	if err != nil {
		return claim{}, err
	}
	field := fields(credentials, "=")
	scope, err := c.parseScope(field["Credential"], date)
	if err != nil {
		return claim{}, err
	}
	if err := c.checkAdditional(field["AdditionalHeaders"]); err != nil {
		return claim{}, err
	}
	switch payload := c.r.Header.Get("x-oss-content-sha256"); payload {
	case unsignedPayload:
	case "":
		return claim{}, errInvalidArgument("A V4 signature needs the header x-oss-content-sha256.")
	default:
		return claim{}, errInvalidArgument("x-oss-content-sha256 %q is not supported.", payload)
	}
	return claim{
		accessKeyID: scope.accessKeyID, signature: field[signature], date: date,
		sign: c.signV4(scope, text, field["AdditionalHeaders"]),
	}, nil
}

func (c *call) claimQueryV4() (claim, error) {
	text := c.query.Get("x-oss-date")
	date, err := time.Parse(isoBasic, text)
	if err != nil {
		return claim{}, errAccessDenied("x-oss-date is invalid.")
	}
	seconds, err := strconv.Atoi(c.query.Get("x-oss-expires"))
	if err != nil {
		return claim{}, errAccessDenied("x-oss-expires is invalid.")
	}
	scope, err := c.parseScope(c.query.Get(queryV4), date)
	if err != nil {
		return claim{}, err
	}
	if err := c.checkAdditional(c.query.Get("x-oss-additional-headers")); err != nil {
		return claim{}, err
	}
	return claim{
		accessKeyID: scope.accessKeyID, signature: c.query.Get("x-oss-signature"),
		date: date, expires: date.Add(time.Duration(seconds) * time.Second),
		sign: c.signV4(scope, text, c.query.Get("x-oss-additional-headers")),
	}, nil
}

// checkAdditional checks that the request has the additional headers that its
// signature covers. Source: SDK v2 tests, for the status; the code is assumed.
func (c *call) checkAdditional(names string) error {
	for name := range strings.SplitSeq(names, ";") {
		if name != "" && name != "host" && len(c.r.Header.Values(name)) == 0 {
			return errInvalidArgument("The additional header %q of the signature is missing.", name)
		}
	}
	return nil
}

func (c *call) signV4(scope scopeV4, date, additional string) func(secret string) (string, string) {
	uri := "/"
	if c.bucket != "" {
		uri += escape(c.bucket) + "/" + strings.ReplaceAll(escape(c.key), "%2F", "/")
	}
	signed := append([]string{"content-type", "content-md5"}, strings.Split(additional, ";")...)
	canonicalRequest := strings.Join([]string{
		c.r.Method,
		uri,
		c.canonicalQuery(escape, func(name string) bool { return name != "x-oss-signature" }),
		c.canonicalHeaders(signed...),
		additional,
		unsignedPayload,
	}, "\n")
	digest := sha256.Sum256([]byte(canonicalRequest))
	stringToSign := strings.Join([]string{
		strings.TrimSpace(schemeV4), date, scope.String(), hex.EncodeToString(digest[:]),
	}, "\n")
	return func(secret string) (string, string) {
		key := []byte("aliyun_v4" + secret)
		for _, text := range []string{scope.day, scope.region, "oss", "aliyun_v4_request", stringToSign} {
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(text))
			key = mac.Sum(nil)
		}
		return hex.EncodeToString(key), stringToSign
	}
}
