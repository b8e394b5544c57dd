// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"fmt"
	"net/http"
)

// ossError is an error as OSS returns it: an HTTP status, a code for programs
// and a message for people.
type ossError struct {
	status  int
	code    string
	message string
	ec      string      // the detailed error code; sources: EC pages, SDK v2 tests; empty if unknown
	header  http.Header // additional headers, such as x-oss-delete-marker
	details []detailXML // additional elements of the document

	// The string that OSS signed; only for SignatureDoesNotMatch.
	stringToSign string
	// The missing permission; only for AccessDenied.
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

// withDetail adds an element to the document.
func (e *ossError) withDetail(name, value string) *ossError {
	e.details = append(e.details, detailXML{xml.Name{Local: name}, value})
	return e
}

// detailXML is an element that only some codes have. Source: recorded answers,
// cn-shanghai, May and June 2026.
type detailXML struct {
	XMLName xml.Name
	Value   string `xml:",chardata"`
}

// errorXML is the error document. RecommendDoc appears only with EC. Sources:
// API page "Error responses"; recorded answers, cn-shanghai, May and June 2026.
type errorXML struct {
	XMLName      xml.Name `xml:"Error"`
	Code         string
	Message      string
	RequestID    string `xml:"RequestId"`
	HostID       string `xml:"HostId"`
	Details      []detailXML
	StringToSign string           `xml:",omitempty"`
	AccessDetail *accessDetailXML `xml:"AccessDeniedDetail"`
	EC           string           `xml:",omitempty"`
	RecommendDoc string           `xml:",omitempty"`
}

// recommendDoc returns the URL of the page about an EC.
func recommendDoc(ec string) string {
	if ec == "" {
		return ""
	}
	return "https://api.aliyun.com/troubleshoot?q=" + ec
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

const noSuchBucket = "NoSuchBucket"

func errNoSuchBucket(bucket string) *ossError {
	return refusal(404, noSuchBucket, "0015-00000101", "The specified bucket does not exist.").withDetail("BucketName", bucket)
}

// errInvalidBucketName is a recorded answer to CopyObject, cn-shanghai, June
// 2026.
func errInvalidBucketName(bucket string) *ossError {
	return refusal(400, "InvalidBucketName", "0015-00000001", "The specified bucket is not valid.").withDetail("BucketName", bucket)
}

func errNoSuchKey(key string) *ossError {
	return refusal(404, "NoSuchKey", "0026-00000001", "The specified key does not exist.").withDetail("Key", key)
}

func errNoSuchVersion(key, id string) *ossError {
	return refusal(404, "NoSuchVersion", "0012-00000203", "The specified version does not exist.").
		withDetail("Key", key).withDetail("VersionId", id)
}

// errInvalidVersionID is a recorded answer to GetObject, cn-shanghai, May 2026.
func errInvalidVersionID(id string) *ossError {
	return refusal(400, "InvalidArgument", "0012-00000202", "Invalid version id specified").
		withDetail("ArgumentName", "VersionId").withDetail("ArgumentValue", id)
}

// errInvalidDigest is the answer to a Content-MD5 that does not match the body.
// That a malformed Content-MD5 gets the same answer is assumed.
func errInvalidDigest(given string) *ossError {
	return refusal(400, "InvalidDigest", "0017-00000503", "The Content-MD5 you specified was invalid.").withDetail("Content-MD5", given)
}

// errNoSuchUpload has a different EC for some operations. Sources: EC pages;
// recorded answers to Abort and Complete, cn-shanghai, June 2026.
func errNoSuchUpload(op Op, id string) *ossError {
	ec := "0042-00000002"
	switch op {
	case CompleteMultipartUpload:
		ec = "0042-00000203"
	case UploadPart:
		ec = "0042-00000104"
	case UploadPartCopy:
		ec = "0042-00000311"
	}
	return refusal(404, "NoSuchUpload", ec, "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.").
		withDetail("UploadId", id)
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

// errIncompleteBody is the answer to a body shorter than its Content-Length.
// The client has usually disconnected by then.
func errIncompleteBody(err error) *ossError {
	return refusal(400, "IncompleteBody", "", "You did not provide the number of bytes specified by the Content-Length HTTP header: %v", err)
}

func errInternal(err error) *ossError {
	return refusal(500, "InternalError", "", "We encountered an internal error. Please try again: %v", err)
}
