// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// maxExcerpt bounds, in bytes, what an error repeats of an answer.
const maxExcerpt = 256

// codeSkewed is OSS's refusal of a request whose date is not today's.
const codeSkewed = "RequestTimeTooSkewed"

// errorDocument is how OSS says no.
type errorDocument struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
	EC        string
	Endpoint  string // in AccessDenied: where the bucket really is

	ServerTime string // in RequestTimeTooSkewed
}

// refusal is the error that a status other than success means. The code comes
// from the document; to HEAD, which has none, newer servers send it in
// x-oss-err. Whatever else is in the body was not written by OSS.
func (a answer) refusal() *resumable.ServiceError {
	e := &resumable.ServiceError{
		Op:         a.op,
		StatusCode: a.status,
		RequestID:  a.header.Get(oss.HTTPHeaderOssRequestID),
		EC:         a.header.Get(oss.HTTPHeaderOssEc),
		RetryAfter: retryAfter(a.header),
	}
	text := a.text
	if len(text) == 0 {
		text, _ = base64.StdEncoding.DecodeString(a.header.Get(oss.HTTPHeaderOssErr))
	}

	document, isOSS := parseError(text)
	switch {
	case isOSS:
		e.Code = document.Code
		e.Message = document.Message
		e.RequestID = cmp.Or(e.RequestID, document.RequestID)
		e.EC = cmp.Or(e.EC, document.EC)
		if document.Endpoint != "" {
			e.Message += " Its endpoint is " + document.Endpoint + "."
		}
	case a.status == http.StatusPreconditionFailed:
		e.Code = "PreconditionFailed"
	case a.status >= 300 && a.status < 400:
		e.Message = "redirected" + toHost(a.header.Get("Location")) +
			", which is not followed: the endpoint or region is not the one of this bucket"
	case len(text) > 0:
		e.Message = "not an answer of OSS: " + foreignText(string(text))
	}

	if e.Code == codeSkewed {
		e.Message = fmt.Sprintf("by the clock of this machine it is %s, by the answer %s; set the clock",
			httpDate(0), a.header.Get("Date"))
	}

	// By the code and the EC, answers are told apart, so a secret that happens to
	// be a part of them takes nothing out of them.
	for _, text := range []*string{&e.Code, &e.EC} {
		if !isName(*text) || repeatsAnywhere(*text, a.signing.credentials) {
			*text = excerpt(a.redact(*text), maxExcerpt)
		}
	}
	for _, text := range []*string{&e.Message, &e.RequestID} {
		*text = excerpt(a.redact(*text), maxExcerpt)
	}
	return e
}

// isName reports whether text has the form of OSS's codes and ECs, such as
// "NoSuchKey" and "0015-00000104".
func isName(text string) bool {
	return len(text) <= 64 && !strings.ContainsFunc(text, func(r rune) bool {
		return r > 0x7f || r != '-' && r != '.' && r != '_' && !isLetterOrDigit(byte(r))
	})
}

// parseError reports false when text is not an error document.
func parseError(text []byte) (errorDocument, bool) {
	var document errorDocument
	err := unmarshal(text, &document)
	return document, err == nil && document.Code != ""
}

// toHost is " to host" for an address, without the rest of the address.
func toHost(location string) string {
	target, err := url.Parse(location)
	if err != nil || target.Host == "" {
		return ""
	}
	return " to " + target.Host
}

// foreignText is what a proxy or another server has answered, unless it
// repeats the request: then it may hold our signature, in any spelling.
func foreignText(text string) string {
	lower := strings.ToLower(text)
	for _, word := range []string{"authorization", "signature", "security-token", "oss4-hmac", "uploadid"} {
		if strings.Contains(lower, word) {
			return "(it repeats the request and is not shown)"
		}
	}
	return text
}

// retryAfter is how long the answer asks us to stay away. OSS says so in
// milliseconds, proxies in seconds or by a date, which is good only against
// the Date of the same answer: our own clock may be wrong.
func retryAfter(header http.Header) time.Duration {
	var wait time.Duration
	asked := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(asked, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if until, err := http.ParseTime(asked); err == nil {
		if date, err := http.ParseTime(header.Get("Date")); err == nil {
			wait = until.Sub(date)
		}
	}
	if milliseconds, err := strconv.ParseUint(oss.GetQosDelayTime(header), 10, 31); err == nil {
		wait = max(wait, time.Duration(milliseconds)*time.Millisecond)
	}
	return max(wait, 0)
}

// garbled is an answer that says success but is not what OSS answers. Whether
// the request took effect is open.
func (a answer) malformed(format string, args ...any) error {
	text := excerpt(a.redact(fmt.Sprintf(format, args...)), maxExcerpt)
	if id := a.header.Get(oss.HTTPHeaderOssRequestID); id != "" {
		text += " (request ID " + excerpt(a.redact(id), maxExcerpt) + ")"
	}
	return fmt.Errorf("%s: OSS answered %d, but %s", a.request, a.status, text)
}

// unsendableError is a request that cannot be sent, now or later.
type unsendableError struct{ err error }

func (e *unsendableError) Error() string   { return e.err.Error() }
func (e *unsendableError) Unwrap() error   { return e.err }
func (e *unsendableError) Transient() bool { return false }

func (r *request) unsendable(err error) error {
	return &unsendableError{fmt.Errorf("%s: %w", r, err)}
}

// networkError is a request that brought no answer. Whether it took effect is
// open.
type networkError struct {
	text      string
	err       error
	transient bool
}

func (e *networkError) Error() string   { return e.text }
func (e *networkError) Transient() bool { return e.transient }

// Unwrap hides the time-outs of package net, which claim to be
// [context.DeadlineExceeded] although no deadline of the caller has passed.
func (e *networkError) Unwrap() error {
	if errors.Is(e.err, context.DeadlineExceeded) {
		return nil
	}
	return e.err
}

// unanswered is the error of a request that ended without an answer. When ctx
// is done it says that, whatever else went wrong by it.
func (r *request) unanswered(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", r, ctx.Err())
	}
	return &networkError{r.String() + ": no answer from OSS: " + r.reason(err), withoutURL(err), transientFailure(err)}
}

// reason is the text of an error without URL, on one line. The longest that is
// of use is the list of names in a certificate. What is no HTTP is repeated in
// it, whoever sent it.
func (r *request) reason(err error) string {
	return excerpt(r.redact(withoutURL(err).Error()), 4*maxExcerpt)
}

// withoutURL takes away what http.Client wraps around each error: a URL, in
// whose query the upload ID is.
func withoutURL(err error) error {
	var wrapped *url.Error
	for errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err
}

// excerpt is the printable beginning of a text.
func excerpt(text string, limit int) string {
	if len(text) <= limit {
		return escape.Line(text)
	}
	return escape.Line(strings.ToValidUTF8(text[:limit], "")) + "…"
}

// Excerpt is the printable beginning of a text that somebody else wrote.
func Excerpt(text string) string { return excerpt(text, maxExcerpt) }
