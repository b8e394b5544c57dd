// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package recorded

import "strings"

// operations are the operations of OSS. The first one that matches a request is used. The
// query parameter "" matches every request.
var operations = []struct {
	method, parameter string
	ofBucket          bool
	name              string
}{
	{"GET", "acl", true, "GetBucketAcl"},
	{"GET", "versioning", true, "GetBucketVersioning"},
	{"GET", "uploads", true, "ListMultipartUploads"},
	{"GET", "versions", true, "ListObjectVersions"},
	{"GET", "list-type", true, "ListObjectsV2"},
	{"PUT", "", true, "PutBucket"},
	{"POST", "delete", true, "DeleteMultipleObjects"},

	{"GET", "uploadId", false, "ListParts"},
	{"GET", "acl", false, "GetObjectAcl"},
	{"GET", "tagging", false, "GetObjectTagging"},
	{"GET", "retention", false, "GetObjectRetention"},
	{"GET", "legalHold", false, "GetObjectLegalHold"},
	{"GET", "", false, "GetObject"},
	{"HEAD", "objectMeta", false, "GetObjectMeta"},
	{"HEAD", "", false, "HeadObject"},
	{"PUT", "partNumber", false, "UploadPart"},
	{"PUT", "acl", false, "PutObjectAcl"},
	{"PUT", "tagging", false, "PutObjectTagging"},
	{"PUT", "retention", false, "PutObjectRetention"},
	{"PUT", "legalHold", false, "PutObjectLegalHold"},
	{"PUT", "", false, "PutObject"},
	{"POST", "uploads", false, "InitiateMultipartUpload"},
	{"POST", "uploadId", false, "CompleteMultipartUpload"},
	{"DELETE", "uploadId", false, "AbortMultipartUpload"},
	{"DELETE", "tagging", false, "DeleteObjectTagging"},
	{"DELETE", "", false, "DeleteObject"},
}

// Operation returns the name of the requested operation, or "".
func (a Answer) Operation() string {
	for _, operation := range operations {
		_, has := a.Query[operation.parameter]
		if operation.method == a.Method && operation.ofBucket == (a.Key() == "") && (operation.parameter == "" || has) {
			return a.copyOf(operation.name)
		}
	}
	return ""
}

// copyOf distinguishes copies from uploads. Not every recording has the header of the
// request, but the answer to a copy has a document.
func (a Answer) copyOf(operation string) string {
	copies := a.Request["x-oss-copy-source"] != "" || strings.Contains(a.Text, "<Copy")
	switch {
	case copies && operation == "PutObject":
		return "CopyObject"
	case copies && operation == "UploadPart":
		return "UploadPartCopy"
	}
	return operation
}
