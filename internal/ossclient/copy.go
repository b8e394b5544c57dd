// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// CopyObject implements [resumable.OSS]. It always replaces the headers. It replaces
// the tags unless an object is copied to itself, since copying tags needs more
// permissions.
func (c *Client) CopyObject(ctx context.Context, dst resumable.Destination, from resumable.CopySource) (string, error) {
	options := slices.Concat(sourceOptions(from), headerOptions(dst.Headers), aclOptions(dst.ACL), []oss.Option{
		oss.MetadataDirective(oss.MetaReplace),
	})
	if from.Object != dst.Object {
		options = slices.Concat(options, tagOptions(dst.Tags), overwriteOptions(dst), []oss.Option{oss.TaggingDirective(oss.TaggingReplace)})
	}
	ans, err := c.do(ctx, request{op: "CopyObject", method: http.MethodPut, object: dst.Object, longRunning: true, headers: options})
	if err != nil {
		return "", err
	}

	var result struct {
		XMLName struct{} `xml:"CopyObjectResult"`
		ETag    string
	}
	if err := ans.decode(&result); err != nil {
		return "", err
	}
	copied := unquoted(result.ETag)
	if copied == "" || !plausible(copied) {
		return "", ans.malformed("without an ETag")
	}
	return copied, nil
}

// UploadPartCopy implements [resumable.OSS]. If the range is invalid, OSS copies
// the whole object and omits Content-Range. The size of the part in ListParts
// then shows the mistake.
func (c *Client) UploadPartCopy(ctx context.Context, up resumable.Upload, number int, from resumable.Range) (resumable.StoredPart, error) {
	span := fmt.Sprintf("%d-%d", from.Offset, from.Offset+from.Size-1)
	ans, err := c.do(ctx, request{
		op: "UploadPartCopy", method: http.MethodPut, object: up.Object, part: number, longRunning: true,
		query: map[string]any{"uploadId": up.UploadID, "partNumber": strconv.Itoa(number)},
		headers: slices.Concat(sourceOptions(from.CopySource), []oss.Option{
			oss.SetHeader(oss.HTTPHeaderOssCopySourceRange, "bytes="+span),
		}),
	})
	if err != nil {
		return resumable.StoredPart{}, err
	}
	if copied := ans.header.Get("Content-Range"); copied != "" && !strings.HasPrefix(copied, "bytes "+span+"/") {
		return resumable.StoredPart{}, ans.malformed("it copied %q instead of bytes %s", copied, span)
	}

	// OSS may send the status 200 before it knows the result.
	var result struct {
		XMLName struct{} `xml:"CopyPartResult"`
		ETag    string
	}
	if err := ans.decode(&result); err != nil {
		return resumable.StoredPart{}, err
	}
	etag := unquoted(result.ETag)
	if etag == "" || !plausible(etag) {
		return resumable.StoredPart{}, ans.malformed("without an ETag")
	}
	return resumable.StoredPart{
		Number: number,
		Size:   from.Size,
		ETag:   etag,
		CRC64:  ans.header.Get(oss.HTTPHeaderOssCRC64),
	}, nil
}

// sourceOptions returns the headers that name the object to copy, and its expected
// ETag. The SDK would encode a space in the key as "+", which is another key.
func sourceOptions(from resumable.CopySource) []oss.Option {
	source := "/" + from.Bucket + "/" + strings.ReplaceAll(url.QueryEscape(from.Key), "+", "%20")
	if from.VersionID != "" {
		source += "?versionId=" + url.QueryEscape(from.VersionID)
	}
	return []oss.Option{
		oss.SetHeader(oss.HTTPHeaderOssCopySource, source),
		oss.CopySourceIfMatch(quoted(from.ETag)),
	}
}
