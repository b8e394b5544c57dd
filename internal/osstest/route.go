// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// target is the kind of resource that a URL names.
type target int

const (
	service target = iota
	oneBucket
	oneObject
)

// route is an operation and the requests that select it.
type route struct {
	op     Op
	method string
	target target
	by     string   // the query parameter that selects it; "" if any query does
	header string   // the header that selects it; "" if no header is needed
	query  []string // other parameters that it supports; any other is a violation
	apply  func(*call) (*answer, error)
}

var (
	listQuery     = []string{"prefix", "delimiter", "max-keys", "encoding-type"}
	responseQuery = []string{
		"versionId", "response-cache-control", "response-content-disposition", "response-content-encoding",
		"response-content-language", "response-content-type", "response-expires",
	}
	signatureQuery = []string{
		"Expires", "OSSAccessKeyId", "Signature", "security-token",
		"x-oss-access-key-id", "x-oss-additional-headers", "x-oss-credential", "x-oss-date", "x-oss-expires",
		"x-oss-request-payer", "x-oss-security-token", "x-oss-signature", "x-oss-signature-version", "x-oss-traffic-limit",
	}
)

// routes is in order of precedence: of those with the request's method and
// target, the first match wins. The vendor's uploaders send some parameters
// with every request of an upload, and OSS ignores them where they have no
// meaning: versionId in a copy (SDK v1 tests), sequential (SDK v2 tests).
var routes = []route{
	{ListBuckets, "GET", service, "", "", []string{"prefix", "marker", "max-keys"}, (*call).listBuckets},

	{GetBucketInfo, "GET", oneBucket, "bucketInfo", "", nil, (*call).getBucketInfo},
	{GetBucketLocation, "GET", oneBucket, "location", "", nil, (*call).getBucketLocation},
	{GetBucketStat, "GET", oneBucket, "stat", "", nil, (*call).getBucketStat},
	{GetBucketACL, "GET", oneBucket, "acl", "", nil, (*call).getBucketACL},
	{GetBucketVersioning, "GET", oneBucket, "versioning", "", nil, (*call).getBucketVersioning},
	{ListLiveChannel, "GET", oneBucket, "live", "", []string{"prefix", "marker", "max-keys"}, (*call).listLiveChannel},
	{ListMultipartUploads, "GET", oneBucket, "uploads", "", []string{"prefix", "delimiter", "max-uploads", "key-marker", "upload-id-marker", "encoding-type"}, (*call).listMultipartUploads},
	{ListObjectVersions, "GET", oneBucket, "versions", "", append([]string{"key-marker", "version-id-marker"}, listQuery...), (*call).listObjectVersions},
	{ListObjectsV2, "GET", oneBucket, "list-type", "", append([]string{"continuation-token", "start-after", "fetch-owner"}, listQuery...), (*call).listObjectsV2},
	{ListObjects, "GET", oneBucket, "", "", append([]string{"marker"}, listQuery...), (*call).listObjects},
	{PutBucketVersioning, "PUT", oneBucket, "versioning", "", nil, (*call).putBucketVersioning},
	{PutBucketACL, "PUT", oneBucket, "acl", "", nil, (*call).putBucketACL},
	{PutBucket, "PUT", oneBucket, "", "", nil, (*call).putBucket},
	{DeleteBucket, "DELETE", oneBucket, "", "", nil, (*call).deleteBucket},
	{DeleteMultipleObjects, "POST", oneBucket, "delete", "", []string{"encoding-type"}, (*call).deleteMultipleObjects},

	{ListParts, "GET", oneObject, "uploadId", "", []string{"max-parts", "part-number-marker", "encoding-type", "sequential"}, (*call).listParts},
	{GetObjectACL, "GET", oneObject, "acl", "", []string{"versionId"}, (*call).getObjectACL},
	{GetObjectTagging, "GET", oneObject, "tagging", "", []string{"versionId"}, (*call).getObjectTagging},
	{GetObjectRetention, "GET", oneObject, "retention", "", []string{"versionId"}, (*call).getObjectRetention},
	{GetSymlink, "GET", oneObject, "symlink", "", []string{"versionId"}, (*call).getSymlink},
	{GetObject, "GET", oneObject, "", "", responseQuery, (*call).getObject},
	{GetObjectMeta, "HEAD", oneObject, "objectMeta", "", []string{"versionId"}, (*call).getObjectMeta},
	{HeadObject, "HEAD", oneObject, "", "", []string{"versionId"}, (*call).headObject},
	{UploadPartCopy, "PUT", oneObject, "partNumber", "x-oss-copy-source", []string{"uploadId", "sequential"}, (*call).uploadPartCopy},
	{UploadPart, "PUT", oneObject, "partNumber", "", []string{"uploadId", "sequential"}, (*call).uploadPart},
	{PutObjectACL, "PUT", oneObject, "acl", "", []string{"versionId"}, (*call).putObjectACL},
	{PutObjectTagging, "PUT", oneObject, "tagging", "", []string{"versionId"}, (*call).putObjectTagging},
	{PutObjectRetention, "PUT", oneObject, "retention", "", []string{"versionId"}, (*call).putObjectRetention},
	{PutSymlink, "PUT", oneObject, "symlink", "", nil, (*call).putSymlink},
	{CopyObject, "PUT", oneObject, "", "x-oss-copy-source", []string{"versionId"}, (*call).copyObject},
	{PutObject, "PUT", oneObject, "", "", []string{"callback", "callback-var"}, (*call).putObject},
	{AppendObject, "POST", oneObject, "append", "", []string{"position"}, (*call).appendObject},
	{SealAppendObject, "POST", oneObject, "seal", "", []string{"position"}, (*call).sealAppendObject},
	{RestoreObject, "POST", oneObject, "restore", "", []string{"versionId"}, (*call).restoreObject},
	{CleanRestoredObject, "POST", oneObject, "cleanRestoredObject", "", []string{"versionId"}, (*call).cleanRestoredObject},
	{InitiateMultipartUpload, "POST", oneObject, "uploads", "", []string{"sequential", "encoding-type", "versionId"}, (*call).initiateMultipartUpload},
	{CompleteMultipartUpload, "POST", oneObject, "uploadId", "", []string{"encoding-type", "callback", "callback-var", "versionId", "sequential"}, (*call).completeMultipartUpload},
	{AbortMultipartUpload, "DELETE", oneObject, "uploadId", "", []string{"sequential"}, (*call).abortMultipartUpload},
	{DeleteObjectTagging, "DELETE", oneObject, "tagging", "", []string{"versionId"}, (*call).deleteObjectTagging},
	{DeleteObject, "DELETE", oneObject, "", "", []string{"versionId"}, (*call).deleteObject},
}

// findRoute returns the operation that a request selects. An error is a
// violation.
func findRoute(r *http.Request, bucket, key string, query url.Values) (*route, error) {
	at := service
	switch {
	case key != "":
		at = oneObject
	case bucket != "":
		at = oneBucket
	}
	for i := range routes {
		route := &routes[i]
		if route.method == r.Method && route.target == at &&
			(route.by == "" || query.Has(route.by)) &&
			(route.header == "" || r.Header.Get(route.header) != "") {
			return route, route.checkQuery(query)
		}
	}
	return nil, fmt.Errorf("%s %s is not a known operation", r.Method, r.URL.Path)
}

func (rt *route) checkQuery(query url.Values) error {
	for name, values := range query {
		if name != rt.by && !slices.Contains(rt.query, name) && !slices.Contains(signatureQuery, name) {
			return fmt.Errorf("%s does not support the parameter %q", rt.op, name)
		}
		if len(values) > 1 {
			return fmt.Errorf("%s has the parameter %q more than once", rt.op, name)
		}
	}
	return nil
}
