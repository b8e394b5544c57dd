// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// HeadObject implements [resumable.OSS].
func (c *Client) HeadObject(ctx context.Context, obj resumable.Object) (resumable.ObjectInfo, error) {
	return c.HeadObjectVersion(ctx, obj, "")
}

// HeadObjectVersion implements [resumable.OSS].
func (c *Client) HeadObjectVersion(ctx context.Context, obj resumable.Object, versionID string) (resumable.ObjectInfo, error) {
	head := request{op: "HeadObject", method: http.MethodHead, object: obj, query: versionQuery(versionID, nil)}
	ans, err := c.do(ctx, head)
	if isUnexplainedRefusal(err) {
		if err = c.refusalReason(ctx, head); err == nil { // the GET succeeded, so the HEAD may, too
			ans, err = c.do(ctx, head)
		}
	}
	if err != nil {
		return resumable.ObjectInfo{}, err
	}

	size, err := strconv.ParseInt(ans.header.Get("Content-Length"), 10, 64)
	if err != nil || size < 0 {
		return resumable.ObjectInfo{}, ans.malformed("without the object size")
	}
	modified, err := http.ParseTime(ans.header.Get("Last-Modified"))
	if err != nil {
		return resumable.ObjectInfo{}, ans.missingHeader("Last-Modified")
	}
	etag := ans.optionalETag()
	if etag == "" {
		return resumable.ObjectInfo{}, ans.missingHeader("ETag")
	}
	return resumable.ObjectInfo{
		Size:         size,
		CRC64:        ans.header.Get(oss.HTTPHeaderOssCRC64),
		ETag:         etag,
		VersionID:    ans.header.Get("X-Oss-Version-Id"),
		LastModified: modified,
		Headers:      headersOf(ans.header),
		Tags:         tagCount(ans.header),
		Retention:    retentionOf(ans.header),
		Symlink:      ans.header.Get(headerObjectType) == "Symlink",
		Appendable:   ans.header.Get(headerObjectType) == "Appendable",
		Restored:     strings.Contains(ans.header.Get("X-Oss-Restore"), `ongoing-request="false"`),
	}, nil
}

// isUnexplainedRefusal reports whether err is a permanent error without a code.
func isUnexplainedRefusal(err error) bool {
	var refusal *resumable.ServiceError
	return errors.As(err, &refusal) && refusal.Code == "" && refusal.StatusCode/100 == 4 && !resumable.Transient(err)
}

// refusalReason finds out why a HEAD was refused: because of a missing object, a
// missing bucket, the credentials, or because the server is not OSS. An answer to
// HEAD has no body, and not every server sends the error in a header. A GET of the
// first byte needs the same permission, and its error has a document with the code.
//
// If every 404 counted as a missing object, a wrong endpoint would remove objects
// from the Terraform state.
//
// The error is nil if the GET succeeds: because the object has been created in the
// meantime, or because the GET has adjusted the clock or got new credentials.
func (c *Client) refusalReason(ctx context.Context, head request) error {
	_, err := c.do(ctx, request{
		op: "GetObject", method: http.MethodGet, object: head.object, query: head.query,
		headers: []oss.Option{oss.Range(0, 0)},
	})
	return err
}

// versionQuery adds a version ID to a query. It omits an empty one, which OSS would
// refuse.
func versionQuery(versionID string, query map[string]any) map[string]any {
	if versionID == "" {
		return query
	}
	withVersion := map[string]any{"versionId": versionID}
	maps.Copy(withVersion, query)
	return withVersion
}

// PutObject implements [resumable.OSS].
func (c *Client) PutObject(ctx context.Context, dst resumable.Destination, body resumable.Body, md5 string) (string, error) {
	callback, err := callbackOptions(dst.Callback)
	if err != nil {
		return "", err
	}
	ans, err := c.do(ctx, request{
		op: "PutObject", method: http.MethodPut, object: dst.Object, body: body, trafficLimit: dst.BitsPerSecond,
		headers: slices.Concat(newObjectOptions(dst), aclOptions(dst.ACL), callback, []oss.Option{oss.ContentMD5(md5)}),
	})
	if err != nil {
		return "", err
	}
	if callback != nil {
		return ans.optionalETag(), ans.callbackError()
	}
	return ans.etag()
}

// newObjectOptions returns the headers of a request that creates an object from
// new bytes.
func newObjectOptions(dst resumable.Destination) []oss.Option {
	return slices.Concat(headerOptions(dst.Headers), tagOptions(dst.Tags), overwriteOptions(dst))
}

// overwriteOptions returns the header that forbids a request to replace an object.
// OSS checks it at InitiateMultipartUpload and again at CompleteMultipartUpload.
// It ignores the header if the bucket has versioning.
func overwriteOptions(dst resumable.Destination) []oss.Option {
	if !dst.ForbidOverwrite {
		return nil
	}
	return []oss.Option{oss.ForbidOverWrite(true)}
}

// etag returns the ETag of what was stored. OSS never omits it.
func (a answer) etag() (string, error) {
	etag := a.optionalETag()
	if etag == "" {
		return "", a.malformed("without an ETag")
	}
	return etag, nil
}

// optionalETag returns "" if the answer has no valid ETag.
func (a answer) optionalETag() string {
	etag := unquoted(a.header.Get("ETag"))
	if !plausible(etag) {
		return ""
	}
	return etag
}

// missingHeader is the error of an answer to HEAD that lacks a header which every
// object has. A rule of the bucket can hide it. Source: API page PutBucketResponseHeader.
func (a answer) missingHeader(header string) error {
	return a.malformed("without a valid %s, which the provider needs to detect changes of the object. A response header rule of the "+
		"bucket (PutBucketResponseHeader) or a proxy may hide it; remove it from the rule or bypass the proxy", header)
}

func quoted(etag string) string   { return `"` + etag + `"` }
func unquoted(etag string) string { return strings.Trim(etag, `"`) }
