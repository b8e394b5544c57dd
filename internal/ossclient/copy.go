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

// CopyObject implements [resumable.OSS]. The headers are always replaced; the
// tags of another object are, too, since to copy them needs permissions more.
func (c *Client) CopyObject(ctx context.Context, dst resumable.Destination, from resumable.Object, etag string) (string, error) {
	options := slices.Concat(sourceOptions(from, etag), headerOptions(dst.Headers), aclOptions(dst.ACL), []oss.Option{
		oss.MetadataDirective(oss.MetaReplace),
	})
	if from != dst.Object {
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
	made := unquoted(result.ETag)
	if made == "" || !plausible(made) {
		return "", ans.malformed("without an ETag")
	}
	return made, nil
}

// UploadPartCopy implements [resumable.OSS]. From a range that OSS does not
// like it copies the whole object, and leaves out Content-Range; the sizes that
// ListParts tells show it.
func (c *Client) UploadPartCopy(ctx context.Context, up resumable.Upload, number int, from resumable.Range) (resumable.StoredPart, error) {
	span := fmt.Sprintf("%d-%d", from.Offset, from.Offset+from.Size-1)
	ans, err := c.do(ctx, request{
		op: "UploadPartCopy", method: http.MethodPut, object: up.Object, part: number, longRunning: true,
		query: map[string]any{"uploadId": up.UploadID, "partNumber": strconv.Itoa(number)},
		headers: slices.Concat(sourceOptions(from.Object, from.ETag), []oss.Option{
			oss.SetHeader(oss.HTTPHeaderOssCopySourceRange, "bytes="+span),
		}),
	})
	if err != nil {
		return resumable.StoredPart{}, err
	}
	if copied := ans.header.Get("Content-Range"); copied != "" && !strings.HasPrefix(copied, "bytes "+span+"/") {
		return resumable.StoredPart{}, ans.malformed("it copied %q in place of bytes %s", copied, span)
	}

	// OSS may have sent its 200 before it knew how the request would end.
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

// sourceOptions name an object to copy from, as long as it has the ETag. The
// SDK would send a space in its key as "+", which is another key.
func sourceOptions(obj resumable.Object, etag string) []oss.Option {
	source := "/" + obj.Bucket + "/" + strings.ReplaceAll(url.QueryEscape(obj.Key), "+", "%20")
	return []oss.Option{
		oss.SetHeader(oss.HTTPHeaderOssCopySource, source),
		oss.CopySourceIfMatch(quoted(etag)),
	}
}
