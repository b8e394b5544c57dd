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

// HeadObjectVersion is HeadObject for one version; "" is the current one.
// ErrNoSuchVersion: there is none of that ID.
func (c *Client) HeadObjectVersion(ctx context.Context, obj resumable.Object, versionID string) (resumable.ObjectInfo, error) {
	head := request{op: "HeadObject", method: http.MethodHead, object: obj, query: versionQuery(versionID, nil)}
	ans, err := c.do(ctx, head)
	if isUnexplainedRefusal(err) {
		if err = c.refusalReason(ctx, head); err == nil { // it is not any more
			ans, err = c.do(ctx, head)
		}
	}
	if err != nil {
		return resumable.ObjectInfo{}, err
	}

	size, err := strconv.ParseInt(ans.header.Get("Content-Length"), 10, 64)
	if err != nil || size < 0 {
		return resumable.ObjectInfo{}, ans.malformed("without the size of the object")
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
		Restored:     strings.Contains(ans.header.Get("X-Oss-Restore"), `ongoing-request="false"`),
	}, nil
}

// isUnexplainedRefusal reports a refusal for good that does not say why.
func isUnexplainedRefusal(err error) bool {
	var refusal *resumable.ServiceError
	return errors.As(err, &refusal) && refusal.Code == "" && refusal.StatusCode/100 == 4 && !resumable.Transient(err)
}

// refusalReason finds out what a refused HEAD did not say: whether it missed the
// object, the bucket or OSS itself, or what was wrong with the credentials. An
// answer to HEAD has no body, and not every server puts its error into a
// header. A GET of the first byte needs the same permission and is refused for
// the same reason, with a document that names it.
//
// To take any 404 for a missing object would let a wrong endpoint remove
// objects from a Terraform state.
//
// No error means that the object has come in between, or that the GET has set
// the clock or found new credentials.
func (c *Client) refusalReason(ctx context.Context, head request) error {
	_, err := c.do(ctx, request{
		op: "GetObject", method: http.MethodGet, object: head.object, query: head.query,
		headers: []oss.Option{oss.Range(0, 0)},
	})
	return err
}

// versionQuery makes a query ask about one version of an object. An empty
// versionId would not be the current version but an invalid one.
func versionQuery(versionID string, query map[string]any) map[string]any {
	if versionID == "" {
		return query
	}
	about := map[string]any{"versionId": versionID}
	maps.Copy(about, query)
	return about
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

// newObjectOptions are the headers of a request that makes an object of new
// bytes.
func newObjectOptions(dst resumable.Destination) []oss.Option {
	return slices.Concat(headerOptions(dst.Headers), tagOptions(dst.Tags), overwriteOptions(dst))
}

// overwriteOptions must go with each request that could replace an object: OSS
// looks for one at InitiateMultipartUpload and again at
// CompleteMultipartUpload. In a bucket with versioning it ignores them.
func overwriteOptions(dst resumable.Destination) []oss.Option {
	if !dst.ForbidOverwrite {
		return nil
	}
	return []oss.Option{oss.ForbidOverWrite(true)}
}

// etag is the ETag of what was stored. An answer without one has not come from
// OSS.
func (a answer) etag() (string, error) {
	etag := a.optionalETag()
	if etag == "" {
		return "", a.malformed("without an ETag")
	}
	return etag, nil
}

// optionalETag is "" where the answer has none.
func (a answer) optionalETag() string {
	etag := unquoted(a.header.Get("ETag"))
	if !plausible(etag) {
		return ""
	}
	return etag
}

// missingHeader is the error of a HEAD that does not tell what OSS knows of every
// object. A rule of the bucket can hide it. Source: API page PutBucketResponseHeader.
func (a answer) missingHeader(header string) error {
	return a.malformed("without a valid %s, by which the provider tells whether the object changed. If a rule of the bucket hides that "+
		"header (PutBucketResponseHeader), remove it from the rule; a proxy may drop it, too", header)
}

func quoted(etag string) string   { return `"` + etag + `"` }
func unquoted(etag string) string { return strings.Trim(etag, `"`) }
