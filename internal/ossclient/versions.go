// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// DeleteObject deletes the current version of an object. It succeeds if the object
// does not exist, and fails if the bucket does not exist.
//
// If the bucket has versioning, each request adds a delete marker. So a request
// without an answer is repeated only if HeadObject finds that the object still
// exists. Source: developer guide "Delete marker".
func (c *Client) DeleteObject(ctx context.Context, obj resumable.Object) error {
	for try := 1; ; try++ {
		_, err := c.do(ctx, request{op: "DeleteObject", method: http.MethodDelete, object: obj})
		if err == nil || errors.Is(err, resumable.ErrNoSuchKey) {
			return nil
		}
		failure, unanswered := errors.AsType[*networkError](err)
		if !unanswered || !failure.Transient() || try == maxTries {
			return err
		}
		_, headErr := c.HeadObject(ctx, obj)
		if errors.Is(headErr, resumable.ErrNoSuchKey) {
			return nil
		}
		if headErr != nil {
			return err
		}
	}
}

// DeleteObjectVersion permanently deletes exactly one version or delete marker. It
// succeeds if the version does not exist. The ID of a version that was written
// before the bucket had versioning is "null".
func (c *Client) DeleteObjectVersion(ctx context.Context, obj resumable.Object, versionID string) error {
	r := request{
		op: "DeleteObject", method: http.MethodDelete, object: obj,
		query: map[string]any{"versionId": versionID},
	}
	if versionID == "" {
		return r.unsendable(errors.New("version ID is empty")) // OSS might delete the current version
	}
	_, err := c.do(ctx, r)
	if refusal, ok := errors.AsType[*resumable.ServiceError](err); ok && (refusal.Code == "NoSuchVersion" || refusal.Code == "NoSuchKey") {
		return nil
	}
	return err
}

// versionsPage is one answer to ListObjectVersions.
type versionsPage struct {
	XMLName             struct{} `xml:"ListVersionsResult"`
	EncodingType        string
	IsTruncated         bool
	NextKeyMarker       string
	NextVersionIDMarker string `xml:"NextVersionIdMarker"`
	Version             entries[versionEntry]
	DeleteMarker        entries[versionEntry]
}

type versionEntry struct {
	Key       string
	VersionID string `xml:"VersionId"`
	IsLatest  bool
}

// maxVersionsPages limits a list that does not end, to 100,000 versions of one key.
const maxVersionsPages = 100

// ListObjectVersions returns the IDs of all versions and delete markers of exactly
// this key. The current one is last. If the bucket never had versioning, there is at
// most one version, and its ID may be empty: it is in the example of the API page,
// while SDKs expect "null".
//
// OSS lists by prefix, in the order of keys. Versions of the key itself come first,
// so the list can stop at the first longer key.
func (c *Client) ListObjectVersions(ctx context.Context, obj resumable.Object) ([]string, error) {
	var ids, current []string
	marker := "" // version ID
	for range maxVersionsPages {
		page, ans, err := c.versionsAfter(ctx, obj, marker)
		if err != nil {
			return nil, err
		}
		for _, list := range [][]versionEntry{page.Version, page.DeleteMarker} {
			for _, version := range list {
				switch {
				case version.Key != obj.Key:
				case !plausible(version.VersionID):
					return nil, ans.malformed("it lists an invalid version ID")
				case version.IsLatest:
					current = append(current, version.VersionID)
				default:
					ids = append(ids, version.VersionID)
				}
			}
		}
		if !page.IsTruncated || page.NextKeyMarker > obj.Key {
			return orderVersions(ids, current, ans)
		}
		if page.NextKeyMarker < obj.Key || page.NextVersionIDMarker == marker || !plausible(page.NextVersionIDMarker) {
			return nil, ans.malformed("its list has no valid next page")
		}
		marker = page.NextVersionIDMarker
	}
	return nil, fmt.Errorf("ListObjectVersions %s: the list has more than %d pages", escape.Line(obj.String()), maxVersionsPages)
}

// orderVersions appends the current version to the others. A version without an ID
// must be the only one, because a version is deleted by its ID.
func orderVersions(ids, current []string, ans answer) ([]string, error) {
	if len(current) > 1 || len(current) == 0 && len(ids) > 0 {
		return nil, ans.malformed("its list has %d current versions", len(current))
	}
	ids = append(ids, current...)
	for _, id := range ids {
		if id == "" && len(ids) > 1 {
			return nil, ans.malformed("it lists a version without an ID")
		}
	}
	return ids, nil
}

// versionsAfter returns the page after a version of the key.
func (c *Client) versionsAfter(ctx context.Context, obj resumable.Object, marker string) (page versionsPage, ans answer, err error) {
	query := map[string]any{"versions": nil, "max-keys": strconv.Itoa(pageSize)}
	if marker != "" {
		query["key-marker"], query["version-id-marker"] = obj.Key, marker
	}
	ans, err = c.nextPage(ctx, "ListObjectVersions", obj.Bucket, obj.Key, query, &page)
	return page, ans, err
}

func (p *versionsPage) encoded() (string, []*string) {
	keys := []*string{&p.NextKeyMarker}
	for _, list := range [][]versionEntry{p.Version, p.DeleteMarker} {
		for i := range list {
			keys = append(keys, &list[i].Key)
		}
	}
	return p.EncodingType, keys
}
