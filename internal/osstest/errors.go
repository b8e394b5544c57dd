// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"fmt"
	"net/http"
)

// ossError is an error as OSS answers it: an HTTP status, a code that clients
// act upon, and a message for people.
type ossError struct {
	status  int
	code    string
	message string
	ec      string      // the finer code; sources: EC pages, SDK v2 tests; empty where we know none
	header  http.Header // headers that go with this error, such as x-oss-delete-marker

	// With SignatureDoesNotMatch OSS shows what it signed itself.
	stringToSign string
	// With AccessDenied, which permission was missing.
	accessDetail *accessDetailXML
}

func (e *ossError) Error() string { return e.code + ": " + e.message }

func (e *ossError) withHeader(name, value string) *ossError {
	if e.header == nil {
		e.header = make(http.Header)
	}
	e.header.Set(name, value)
	return e
}

// errorXML is the error document. Source: API page "Error responses".
type errorXML struct {
	XMLName      xml.Name `xml:"Error"`
	Code         string
	Message      string
	RequestID    string           `xml:"RequestId"`
	HostID       string           `xml:"HostId"`
	StringToSign string           `xml:",omitempty"`
	AccessDetail *accessDetailXML `xml:"AccessDeniedDetail"`
	EC           string           `xml:",omitempty"`
}

func refusal(status int, code, ec, format string, args ...any) *ossError {
	return &ossError{status: status, code: code, ec: ec, message: fmt.Sprintf(format, args...)}
}

func errAccessDenied(message string) *ossError {
	return refusal(403, "AccessDenied", "", "%s", message)
}

func errInvalidArgument(format string, args ...any) *ossError {
	return refusal(400, "InvalidArgument", "", format, args...)
}

func errMalformedXML() *ossError {
	return refusal(400, "MalformedXML", "0042-00000205", "The XML you provided was not well-formed or did not validate against our published schema.")
}

func errNoSuchBucket() *ossError {
	return refusal(404, "NoSuchBucket", "0015-00000101", "The specified bucket does not exist.")
}

func errNoSuchKey() *ossError {
	return refusal(404, "NoSuchKey", "0026-00000001", "The specified key does not exist.")
}

func errNoSuchVersion() *ossError {
	return refusal(404, "NoSuchVersion", "", "The specified version does not exist.")
}

// errNoSuchUpload has a finer code for parts.
func errNoSuchUpload(op Op) *ossError {
	ec := "0042-00000002"
	switch op {
	case UploadPart:
		ec = "0042-00000104"
	case UploadPartCopy:
		ec = "0042-00000311"
	}
	return refusal(404, "NoSuchUpload", ec, "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
}

func errFileAlreadyExists() *ossError {
	return refusal(409, "FileAlreadyExists", "0026-00000002", "The object you specified already exists and can not be overwritten.")
}

func errPreconditionFailed(condition string) *ossError {
	return refusal(412, "PreconditionFailed", "", "At least one of the pre-conditions you specified did not hold: %s.", condition)
}

func errNotModified() *ossError {
	return refusal(304, "NotModified", "", "Not Modified")
}

// errIncompleteBody answers a body that ended before its Content-Length; the
// client has usually gone by then.
func errIncompleteBody(err error) *ossError {
	return refusal(400, "IncompleteBody", "", "You did not provide the number of bytes specified by the Content-Length HTTP header: %v", err)
}

func errInternal(err error) *ossError {
	return refusal(500, "InternalError", "", "We encountered an internal error. Please try again: %v", err)
}
