// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"crypto/hmac"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Credential is an access key that the server accepts. With a SecurityToken it
// is a temporary credential, as STS issues them, and requests must carry the
// token. A zero Expires means that it does not expire. A non-zero Parts makes
// it expire once that many UploadPart requests were signed with it; a test can
// thus simulate an upload of several hours. Guest marks a key of an account
// that does not own the buckets but that their policies allow.
type Credential struct {
	AccessKeyID     string
	AccessKeySecret string
	SecurityToken   string
	Expires         time.Time
	Parts           int
	Guest           bool
}

// AddCredential makes the server accept c. It replaces a credential with the
// same ID.
func (s *Server) AddCredential(c Credential) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.credentials[c.AccessKeyID] = c
}

// RemoveCredential removes a credential. The server then answers requests with
// this ID with InvalidAccessKeyId.
func (s *Server) RemoveCredential(accessKeyID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.credentials, accessKeyID)
}

// maxSkew is the largest accepted difference between a request's date and the
// server's clock. Source: EC 0002-00000504.
const maxSkew = 15 * time.Minute

const (
	isoBasic  = "20060102T150405Z" // x-oss-date
	isoDay    = "20060102"
	schemeV1  = "OSS "
	schemeV2  = "OSS2 "
	schemeV4  = "OSS4-HMAC-SHA256 "
	queryV1   = "OSSAccessKeyId"
	queryV2   = "x-oss-access-key-id"
	queryV4   = "x-oss-credential"
	signature = "Signature"
)

// claim is the identity and signature in a request, in any signature version.
type claim struct {
	accessKeyID string
	signature   string
	date        time.Time // when the request was signed; zero for V1 and V2 URLs
	expires     time.Time // zero unless the URL is signed
	sign        func(accessKeySecret string) (signature, stringToSign string)
}

func (c *call) authenticate() error {
	claimed, err := c.claim()
	if err != nil {
		return err
	}
	c.s.mu.Lock()
	credential, known := c.s.credentials[claimed.accessKeyID]
	c.s.mu.Unlock()
	if !known {
		return errUnknownAccessKeyID("0002-00000002", claimed.accessKeyID)
	}
	if err := c.checkToken(credential); err != nil {
		return err
	}
	if err := c.checkDates(claimed); err != nil {
		return err
	}
	expected, stringToSign := claimed.sign(credential.AccessKeySecret)
	if !hmac.Equal([]byte(expected), []byte(claimed.signature)) {
		err := refusal(403, "SignatureDoesNotMatch", "0002-00000040", "The request signature we calculated does not match the signature you provided. Check your key and signing method.")
		err.stringToSign = stringToSign
		return err
	}
	return c.countPart(claimed.accessKeyID)
}

// countPart counts an UploadPart request against Credential.Parts. Of
// concurrent requests, only that many succeed.
func (c *call) countPart(accessKeyID string) error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	credential := c.s.credentials[accessKeyID]
	if credential.expired(c.s.cfg.Now()) {
		return errTokenExpired()
	}
	if c.route.op != UploadPart || credential.Parts == 0 {
		return nil
	}
	if credential.Parts--; credential.Parts == 0 {
		credential.Expires = c.s.cfg.Now()
	}
	c.s.credentials[accessKeyID] = credential
	return nil
}

func (c Credential) expired(now time.Time) bool {
	return !c.Expires.IsZero() && !now.Before(c.Expires)
}

// errUnknownAccessKeyID is a recorded answer, cn-shanghai, May 2026, with EC
// 0002-00000002.
func errUnknownAccessKeyID(ec, id string) error {
	return refusal(403, "InvalidAccessKeyId", ec, "The OSS Access Key Id you provided does not exist in our records.").
		withDetail("OSSAccessKeyId", id)
}

func errTokenExpired() error {
	return refusal(403, "SecurityTokenExpired", "", "The security token you provided has expired.")
}

// claim reads the signature from the Authorization header or the query.
func (c *call) claim() (claim, error) {
	authorization := c.r.Header.Get("Authorization")
	switch {
	case strings.HasPrefix(authorization, schemeV4):
		return c.claimHeaderV4(strings.TrimPrefix(authorization, schemeV4))
	case strings.HasPrefix(authorization, schemeV2):
		return c.claimHeaderV2(strings.TrimPrefix(authorization, schemeV2))
	case strings.HasPrefix(authorization, schemeV1):
		return c.claimHeaderV1(strings.TrimPrefix(authorization, schemeV1))
	case authorization != "":
		return claim{}, errInvalidArgument("Authorization header is invalid.")
	case c.query.Has(queryV4):
		return c.claimQueryV4()
	case c.query.Has(queryV2):
		return c.claimQueryV2()
	case c.query.Has(queryV1):
		return c.claimQueryV1()
	}
	c.violate("the request is not signed")
	return claim{}, errAccessDenied("Anonymous access is forbidden for this operation.")
}

// claimedAccessKeyID returns the access key ID in a request, for the log. It
// verifies nothing.
func claimedAccessKeyID(r *http.Request, query url.Values) string {
	authorization := r.Header.Get("Authorization")
	if credentials, ok := strings.CutPrefix(authorization, schemeV4); ok {
		id, _, _ := strings.Cut(fields(credentials, "=")["Credential"], "/")
		return id
	}
	if credentials, ok := strings.CutPrefix(authorization, schemeV2); ok {
		return fields(credentials, ":")["AccessKeyId"]
	}
	if credentials, ok := strings.CutPrefix(authorization, schemeV1); ok {
		id, _, _ := strings.Cut(credentials, ":")
		return id
	}
	id, _, _ := strings.Cut(query.Get(queryV4)+query.Get(queryV2)+query.Get(queryV1), "/")
	return id
}

// fields parses "A=1,B=2". Some clients separate the fields of an Authorization
// header with ", ".
func fields(list, separator string) map[string]string {
	m := make(map[string]string)
	for field := range strings.SplitSeq(list, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), separator)
		m[name] = value
	}
	return m
}

func (c *call) checkToken(credential Credential) error {
	token := c.r.Header.Get("x-oss-security-token")
	for _, name := range []string{"security-token", "x-oss-security-token"} {
		if token == "" {
			token = c.query.Get(name)
		}
	}
	if credential.expired(c.s.cfg.Now()) {
		return errTokenExpired()
	}
	if token == credential.SecurityToken {
		return nil
	}
	if token == "" {
		// That OSS does not know a temporary access key ID without its token is assumed.
		return errUnknownAccessKeyID("0002-00000902", credential.AccessKeyID)
	}
	return refusal(403, "InvalidSecurityToken", "", "The security token you provided is invalid.")
}

func (c *call) checkDates(claimed claim) error {
	now := c.s.cfg.Now()
	if !claimed.expires.IsZero() {
		if now.After(claimed.expires) {
			return errAccessDenied("Request has expired.")
		}
		return nil
	}
	if skew := now.Sub(claimed.date).Abs(); skew > maxSkew && !c.s.cfg.AnyDate {
		return refusal(403, "RequestTimeTooSkewed", "0002-00000504", "The difference between the request time and the current time is too large: %v.", skew)
	}
	return nil
}

// signedDate returns the date that the signature in the header covers:
// x-oss-date if present, otherwise Date.
func (c *call) signedDate() (text string, date time.Time, err error) {
	if text = c.r.Header.Get("x-oss-date"); text == "" {
		text = c.r.Header.Get("Date")
	}
	for _, layout := range []string{http.TimeFormat, isoBasic} {
		if date, err = time.Parse(layout, text); err == nil {
			return text, date, nil
		}
	}
	return "", time.Time{}, errAccessDenied("OSS authentication requires a valid Date.")
}

// escape is OSS's URI encoding: it escapes everything except letters, digits
// and "-_.~".
func escape(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// canonicalHeaders renders the x-oss- headers and those in also, which must be
// in lower case, as sorted "name:value" lines.
func (c *call) canonicalHeaders(also ...string) string {
	lines := make(map[string]string)
	for name, values := range c.r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-oss-") {
			lines[name] = strings.TrimSpace(values[0])
		}
	}
	for _, name := range also {
		if name == "host" {
			lines[name] = c.r.Host
		} else if values := c.r.Header.Values(name); len(values) > 0 {
			lines[name] = strings.TrimSpace(values[0])
		}
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		text.WriteString(name + ":" + lines[name] + "\n")
	}
	return text.String()
}

// canonicalQuery renders the parameters for which keep returns true as
// "a=1&b&c=2", sorted by encoded name. A parameter without a value has no "=".
func (c *call) canonicalQuery(encode func(string) string, keep func(name string) bool) string {
	parameters := make(map[string]string)
	for name, values := range c.query {
		if !keep(name) {
			continue
		}
		parameters[encode(name)] = ""
		if values[0] != "" {
			parameters[encode(name)] = "=" + encode(values[0])
		}
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		list = append(list, name+parameters[name])
	}
	return strings.Join(list, "&")
}
