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

// Error reports that a method returned no credentials. It matches
// [resumable.ErrNoCredentials].
type Error struct {
	method    string // name of the argument, variable or profile
	text      string // reason
	transient bool
}

func (e *Error) Error() string { return "credentials from " + e.method + ": " + e.text }

// Transient reports whether another attempt may succeed.
func (e *Error) Transient() bool { return e.transient }

// Is matches [resumable.ErrNoCredentials].
func (e *Error) Is(target error) bool { return target == resumable.ErrNoCredentials }

// permanentError returns an error that is not transient.
func permanentError(method, format string, args ...any) *Error {
	return &Error{method: method, text: fmt.Sprintf(format, args...)}
}

// refusal is the error document of STS, CloudSSO and OAuth. The case of names differs,
// which package json ignores.
type refusal struct{ Code, ErrorCode, Error, Message, RequestID string }

// refused returns the error of an answer without success. It contains the code, the
// message and the request ID. The secrets of the request are redacted, because STS may
// repeat the request.
func refused(method, service string, status int, body []byte, secrets ...ossclient.Credentials) *Error {
	var document refusal
	_ = json.Unmarshal(body, &document) // without valid JSON, the code is empty
	code := cmp.Or(document.Code, document.ErrorCode, document.Error)
	if code == "" {
		return unexpectedAnswer(method, service, status)
	}
	if strings.HasPrefix(code, "SignatureDoesNotMatch") {
		document.Message = "the AccessKey secret does not belong to the AccessKey ID" // STS would repeat the request
	}
	text := strings.TrimSuffix(code+": "+document.Message, ": ")
	text = ossclient.Excerpt(ossclient.Redact(text, secrets...))
	if document.RequestID != "" {
		text += " (request ID " + ossclient.Excerpt(ossclient.Redact(document.RequestID, secrets...)) + ")"
	}
	return &Error{method, service + " answered " + text, isTransientCode(code)}
}

// unexpectedAnswer returns the error of an answer that is not as the service documents
// it, such as that of a proxy.
func unexpectedAnswer(method, service string, status int) *Error {
	return &Error{
		method, fmt.Sprintf("not an answer from %s (status %d)", service, status),
		status >= 500 || status == http.StatusTooManyRequests || status == http.StatusOK,
	}
}

// isTransientCode reports whether another attempt may succeed after an error with this
// code. If STS refuses the credentials that assume a role, they are discarded, so the
// next attempt may have new ones.
func isTransientCode(code string) bool {
	for _, prefix := range []string{"Throttling", "ServiceUnavailable", "InternalError", "InvalidSecurityToken", "SecurityTokenExpired"} {
		if strings.HasPrefix(code, prefix) {
			return true
		}
	}
	return false
}
