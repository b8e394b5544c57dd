// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
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

// refusal is how STS, CloudSSO and OAuth say no. They differ in the case of
// names too, which package json does not mind.
type refusal struct{ Code, ErrorCode, Error, Message, RequestID string }

// refused makes an error of an answer that is not success. It shows the code,
// the message and the request ID, without secrets, which are what the request
// held: STS repeats it.
func refused(method, service string, status int, body []byte, secrets ...ossclient.Credentials) *Error {
	var no refusal
	_ = json.Unmarshal(body, &no) // what is no JSON has no code
	code := cmp.Or(no.Code, no.ErrorCode, no.Error)
	if code == "" {
		return notAnAnswer(method, service, status)
	}
	if strings.HasPrefix(code, "SignatureDoesNotMatch") {
		no.Message = "the AccessKey secret is not the one of the AccessKey ID" // STS repeats the request
	}
	said := strings.TrimSuffix(code+": "+no.Message, ": ")
	said = ossclient.Excerpt(ossclient.Redact(said, secrets...))
	if no.RequestID != "" {
		said += " (request ID " + ossclient.Excerpt(ossclient.Redact(no.RequestID, secrets...)) + ")"
	}
	return &Error{method, service + " answered " + said, again(code)}
}

// notAnAnswer is an answer that the service would not give: that of a proxy, or
// of a service that fails.
func notAnAnswer(method, service string, status int) *Error {
	return &Error{
		method, fmt.Sprintf("not an answer of %s (status %d)", service, status),
		status >= 500 || status == http.StatusTooManyRequests || status == http.StatusOK,
	}
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
