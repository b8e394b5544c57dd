// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// Error is a method that brought no credentials. It is
// [resumable.ErrNoCredentials].
type Error struct {
	method    string // as the user knows it, with what tells two apart
	text      string // what is missing or went wrong
	transient bool
}

func (e *Error) Error() string { return "credentials by " + e.method + ": " + e.text }

// Transient reports whether another try may bring them.
func (e *Error) Transient() bool { return e.transient }

// Is matches [resumable.ErrNoCredentials].
func (e *Error) Is(target error) bool { return target == resumable.ErrNoCredentials }

// missing is an error that stays until the user changes something.
func missing(method, format string, args ...any) *Error {
	return &Error{method: method, text: fmt.Sprintf(format, args...)}
}

// unreachable is a request that brought no answer. The text of err is free of
// its URL, in whose query secrets are.
func unreachable(method, service string, err error) *Error {
	for wrapped := (*url.Error)(nil); errors.As(err, &wrapped); {
		err = wrapped.Err
	}
	return &Error{method, service + " does not answer: " + ossclient.Excerpt(err.Error()), !errors.Is(err, context.Canceled)}
}

// refusal is how STS, CloudSSO and OAuth say no. They differ in the case of
// names too, which package json does not mind.
type refusal struct{ Code, ErrorCode, Error, Message, RequestID string }

// libraryError makes an error that can be shown of one of credentials-go, which
// repeats whole answers, and URLs with the token in the query. secrets are what
// the request held: STS repeats those, too.
func libraryError(method, service string, err error, secrets ...ossclient.Credentials) *Error {
	if _, ok := errors.AsType[*url.Error](err); ok {
		return unreachable(method, service, err)
	}
	text := err.Error()
	start := strings.IndexByte(text, '{')
	if start < 0 {
		// One of the library's own sentences, or the page of a proxy behind one.
		sentence, _, _ := strings.Cut(text, "failed: ")
		return &Error{method, fmt.Sprintf("not an answer of %s (%s)", service, ossclient.Excerpt(strings.Trim(sentence, ": "))), true}
	}
	var no refusal
	_ = json.Unmarshal([]byte(text[start:]), &no)
	code := cmp.Or(no.Code, no.ErrorCode, no.Error)
	if code == "" {
		return missing(method, "the answer of %s has no credentials in it", service)
	}
	if strings.HasPrefix(code, "SignatureDoesNotMatch") {
		no.Message = "the AccessKey secret is not the one of the AccessKey ID" // STS repeats the request
	}
	said := strings.TrimSuffix(code+": "+no.Message, ": ")
	for _, secret := range secrets {
		said = secret.Redact(said)
	}
	said = ossclient.Excerpt(said)
	if no.RequestID != "" {
		said += " (request ID " + ossclient.Excerpt(no.RequestID) + ")"
	}
	return &Error{method, service + " answered " + said, again(code)}
}

// again reports whether a code says that another try may help. The sets that a
// role was to be assumed with are discarded when STS refuses them, so a second
// try may have others.
func again(code string) bool {
	for _, prefix := range []string{"Throttling", "ServiceUnavailable", "InternalError", "InvalidSecurityToken", "SecurityTokenExpired"} {
		if strings.HasPrefix(code, prefix) {
			return true
		}
	}
	return false
}
