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

// maxExcerpt limits how many bytes of an answer an error contains.
const maxExcerpt = 256

// codeSkewed is the code of OSS for a request whose date is wrong.
const codeSkewed = "RequestTimeTooSkewed"

// errorDocument is the error document of OSS.
type errorDocument struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
	EC        string
	Endpoint  string // of the bucket; in AccessDenied

	ServerTime string // in RequestTimeTooSkewed
}

// refusal returns the error of an answer without success. The code is in the error
// document. Answers to HEAD have no body; newer servers send the document in the
// header x-oss-err. A body that is not an error document does not come from OSS.
//
// The class of the error follows from the code and the EC. Redacting secrets must
// not change it, so a short secret that is part of a code by chance stays there.
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
			e.Message += " The endpoint of the bucket is " + document.Endpoint + "."
		}
	case a.status == http.StatusPreconditionFailed:
		e.Code = "PreconditionFailed"
	case a.status >= 300 && a.status < 400:
		e.Message = "redirected" + toHost(a.header.Get("Location")) +
			", which the provider does not follow: the endpoint or region is not that of the bucket"
	case len(text) > 0:
		e.Message = "not an answer from OSS: " + foreignText(string(text))
	}

	if e.Code == codeSkewed {
		e.Message = fmt.Sprintf("the clock of this machine shows %s, that of OSS %s; correct the clock of this machine",
			httpDate(0), a.header.Get("Date"))
	}

	for _, text := range []*string{&e.Code, &e.EC} {
		if !isName(*text) || containsLongSecret(*text, a.signing.credentials) {
			*text = excerpt(a.redact(*text), maxExcerpt)
		}
	}
	for _, text := range []*string{&e.Message, &e.RequestID} {
		*text = excerpt(a.redact(*text), maxExcerpt)
	}
	return e
}

// isName reports whether text has the form of a code or an EC of OSS, such as
// "NoSuchKey" or "0015-00000104".
func isName(text string) bool {
	return len(text) <= 64 && !strings.ContainsFunc(text, func(r rune) bool {
		return r > 0x7f || r != '-' && r != '.' && r != '_' && !isLetterOrDigit(byte(r)) //nolint:gosec // at most 0x7f
	})
}

// parseError parses an error document. It returns false if text is not one.
func parseError(text []byte) (errorDocument, bool) {
	var document errorDocument
	err := unmarshal(text, &document)
	return document, err == nil && document.Code != ""
}

// toHost returns " to host" for a URL, without the rest of the URL.
func toHost(location string) string {
	target, err := url.Parse(location)
	if err != nil || target.Host == "" {
		return ""
	}
	return " to " + target.Host
}

// foreignText returns the answer of a proxy or another server, unless it repeats
// the request: then it may contain the signature, in any encoding.
func foreignText(text string) string {
	lower := strings.ToLower(text)
	for _, word := range []string{"authorization", "signature", "security-token", "oss4-hmac", "uploadid"} {
		if strings.Contains(lower, word) {
			return "(not shown, because it repeats the request)"
		}
	}
	return text
}

// retryAfter returns how long to wait before the next request. OSS sends it in
// milliseconds, proxies send seconds or a date. A date is compared with the Date of
// the same answer, because the clock of this machine may be wrong.
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

// malformed returns the error of an answer that reports success but is not as OSS
// documents it. It is unknown whether the request took effect. The format continues
// the sentence "OSS answered 200, but".
func (a answer) malformed(format string, args ...any) error {
	text := excerpt(a.redact(fmt.Sprintf(format, args...)), maxExcerpt)
	if id := a.header.Get(oss.HTTPHeaderOssRequestID); id != "" {
		text += " (request ID " + excerpt(a.redact(id), maxExcerpt) + ")"
	}
	return fmt.Errorf("%s: OSS answered %d, but %s", a.request, a.status, text)
}

// unsendableError is the error of a request that can never be sent.
type unsendableError struct{ err error }

func (e *unsendableError) Error() string   { return e.err.Error() }
func (e *unsendableError) Unwrap() error   { return e.err }
func (e *unsendableError) Transient() bool { return false }

func (r *request) unsendable(err error) error {
	return &unsendableError{fmt.Errorf("%s: %w", r, err)}
}

// networkError is the error of a request without an answer. It is unknown whether
// the request took effect.
type networkError struct {
	text      string
	err       error
	transient bool
}

func (e *networkError) Error() string   { return e.text }
func (e *networkError) Transient() bool { return e.transient }

// Unwrap hides timeouts of package net. They match [context.DeadlineExceeded],
// although the caller's deadline has not passed.
func (e *networkError) Unwrap() error {
	if errors.Is(e.err, context.DeadlineExceeded) {
		return nil
	}
	return e.err
}

// unanswered returns the error of a request that ended without an answer. If ctx is
// done, it returns that error instead of err, which only results from it.
func (r *request) unanswered(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", r, ctx.Err())
	}
	return &networkError{r.String() + ": no answer from OSS: " + r.reason(err), withoutURL(err), transientFailure(err)}
}

// reason returns the text of an error without URLs and secrets, on one line. The
// limit leaves room for the names in a certificate. The text may contain parts of an
// answer that is not HTTP.
func (r *request) reason(err error) string {
	return excerpt(r.redact(withoutURL(err).Error()), 4*maxExcerpt)
}

// withoutURL removes the URL that [http.Client] adds to errors, because its query
// may contain the upload ID.
func withoutURL(err error) error {
	var wrapped *url.Error
	for errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err
}

// excerpt returns the beginning of a text, escaped for printing.
func excerpt(text string, limit int) string {
	if len(text) <= limit {
		return escape.Line(text)
	}
	return escape.Line(strings.ToValidUTF8(text[:limit], "")) + "…"
}

// Excerpt returns the beginning of a text from outside, escaped for printing.
func Excerpt(text string) string { return excerpt(text, maxExcerpt) }
