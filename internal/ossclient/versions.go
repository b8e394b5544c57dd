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

// DeleteObject deletes the current version of an object. That there is none is
// success; that there is no bucket is not.
//
// Where the bucket has versioning, each such request lays one more delete
// marker. So when no answer came, it is not repeated before HeadObject says
// that the object is still there. Source: developer guide "Delete marker".
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
		_, lookErr := c.HeadObject(ctx, obj)
		if errors.Is(lookErr, resumable.ErrNoSuchKey) {
			return nil
		}
		if lookErr != nil {
			return err
		}
	}
}

// DeleteObjectVersion deletes one version or delete marker for good, and no
// other. One that is gone already is success. The ID of what was written while
// the bucket had no versioning is "null".
func (c *Client) DeleteObjectVersion(ctx context.Context, obj resumable.Object, versionID string) error {
	r := request{
		op: "DeleteObject", method: http.MethodDelete, object: obj,
		query: map[string]any{"versionId": versionID},
	}
	if versionID == "" {
		return r.unsendable(errors.New("version ID is empty")) // OSS might delete whichever is current
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

// maxVersionsPages bounds a list that does not end. Nobody has a hundred
// thousand versions of one key.
const maxVersionsPages = 100

// ListObjectVersions returns the IDs of all versions of exactly this key, delete
// markers among them, the current one last. Where the bucket never had
// versioning there is one at most, and its ID may be empty: the API's page shows
// it so, and SDKs meet "null".
//
// OSS lists by prefix, in the order of keys: versions of the key itself come
// first, and nothing that follows the first longer key is of interest.
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
					return nil, ans.malformed("it lists a version ID that is not one")
				case version.IsLatest:
					current = append(current, version.VersionID)
				default:
					ids = append(ids, version.VersionID)
				}
			}
		}
		if !page.IsTruncated || page.NextKeyMarker > obj.Key {
			return wholeHistory(ids, current, ans)
		}
		if page.NextKeyMarker < obj.Key || page.NextVersionIDMarker == marker || !plausible(page.NextVersionIDMarker) {
			return nil, ans.malformed("its list does not go on")
		}
		marker = page.NextVersionIDMarker
	}
	return nil, fmt.Errorf("ListObjectVersions %s: list has more than %d pages", escape.Line(obj.String()), maxVersionsPages)
}

// wholeHistory puts the current version behind the others. Without an ID there
// is nothing but the current one: to delete it would not be to delete a version.
func wholeHistory(ids, current []string, ans answer) ([]string, error) {
	if len(current) > 1 || len(current) == 0 && len(ids) > 0 {
		return nil, ans.malformed("%d versions of its list are the current one", len(current))
	}
	ids = append(ids, current...)
	for _, id := range ids {
		if id == "" && len(ids) > 1 {
			return nil, ans.malformed("it lists versions without an ID")
		}
	}
	return ids, nil
}

// versionsAfter returns the page that begins after a version of the key.
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
