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
	details []detailXML // what the document names besides

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

// about adds an element to the document.
func (e *ossError) about(name, value string) *ossError {
	e.details = append(e.details, detailXML{xml.Name{Local: name}, value})
	return e
}

// detailXML is an element that only errors of some codes have. Source: recorded
// answers, cn-shanghai, May and June 2026.
type detailXML struct {
	XMLName xml.Name
	Value   string `xml:",chardata"`
}

// errorXML is the error document. The last element comes with EC. Sources: API
// page "Error responses"; recorded answers, cn-shanghai, May and June 2026.
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

// recommendDoc is the page about a finer code.
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
	return refusal(404, noSuchBucket, "0015-00000101", "The specified bucket does not exist.").about("BucketName", bucket)
}

// errInvalidBucketName, like errInvalidVersionID, is a recorded answer
// (cn-shanghai, June 2026), to a copy.
func errInvalidBucketName(bucket string) *ossError {
	return refusal(400, "InvalidBucketName", "0015-00000001", "The specified bucket is not valid.").about("BucketName", bucket)
}

func errNoSuchKey(key string) *ossError {
	return refusal(404, "NoSuchKey", "0026-00000001", "The specified key does not exist.").about("Key", key)
}

func errNoSuchVersion(key, id string) *ossError {
	return refusal(404, "NoSuchVersion", "0012-00000203", "The specified version does not exist.").
		about("Key", key).about("VersionId", id)
}

func errInvalidVersionID(id string) *ossError {
	return refusal(400, "InvalidArgument", "0012-00000202", "Invalid version id specified").
		about("ArgumentName", "VersionId").about("ArgumentValue", id)
}

// errInvalidDigest is what a Content-MD5 of other bytes meets. That one which is
// no MD5 meets the same is assumed.
func errInvalidDigest(given string) *ossError {
	return refusal(400, "InvalidDigest", "0017-00000503", "The Content-MD5 you specified was invalid.").about("Content-MD5", given)
}

// errNoSuchUpload has a finer code for some operations. Sources: EC pages;
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
		about("UploadId", id)
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
