// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// IncompleteUpload is a multipart upload that was neither completed nor aborted.
type IncompleteUpload struct {
	Key          string
	UploadID     string `xml:"UploadId"`
	Initiated    time.Time
	StorageClass string // "" if the answer does not contain it
}

// uploadsPage is the answer to ListMultipartUploads.
type uploadsPage struct {
	XMLName            struct{} `xml:"ListMultipartUploadsResult"`
	EncodingType       string
	IsTruncated        bool
	NextKeyMarker      string
	NextUploadIDMarker string `xml:"NextUploadIdMarker"`
	Upload             entries[IncompleteUpload]
}

// maxUploadsPages limits a list that does not end, to 100,000 uploads.
const maxUploadsPages = 100

// ListMultipartUploads implements [resumable.OSS]. OSS lists by prefix, in the order
// of keys. Uploads of the key itself come first, so the list can stop at the first
// longer key.
func (c *Client) ListMultipartUploads(ctx context.Context, obj resumable.Object) ([]resumable.OpenUpload, error) {
	var uploads []resumable.OpenUpload
	var after uploadMarker
	for range maxUploadsPages {
		page, ans, err := c.uploadsAfter(ctx, obj.Bucket, obj.Key, after)
		if err != nil {
			return nil, err
		}
		for _, upload := range page.Upload {
			if upload.Key == obj.Key {
				if upload.UploadID == "" || !plausible(upload.UploadID) {
					return nil, ans.malformed("it lists an invalid upload ID")
				}
				uploads = append(uploads, resumable.OpenUpload{UploadID: upload.UploadID, Initiated: upload.Initiated, StorageClass: upload.StorageClass})
			}
		}
		if !page.IsTruncated || page.NextKeyMarker > obj.Key {
			return uploads, nil
		}
		if page.NextKeyMarker < obj.Key || page.NextUploadIDMarker == after.uploadID {
			return nil, ans.malformed("its list has no valid next page")
		}
		after = uploadMarker{obj.Key, page.NextUploadIDMarker}
	}
	return nil, errTooManyPages(obj)
}

// IncompleteUploads yields the open uploads whose keys begin with prefix, in the order
// of keys. It requests a page at a time, and stops after an error. More than 100,000
// uploads are an error; callers can use longer prefixes.
//
// Callers may abort an upload because of its age, so an upload without a date is an
// error.
func (c *Client) IncompleteUploads(ctx context.Context, bucket, prefix string) iter.Seq2[IncompleteUpload, error] {
	return func(yield func(IncompleteUpload, error) bool) {
		err := c.listUploads(ctx, bucket, prefix, func(upload IncompleteUpload) bool { return yield(upload, nil) })
		if err != nil {
			yield(IncompleteUpload{}, err)
		}
	}
}

// listUploads calls take for each upload, until it returns false.
func (c *Client) listUploads(ctx context.Context, bucket, prefix string, take func(IncompleteUpload) bool) error {
	var after uploadMarker
	lastKey := ""
	for range maxUploadsPages {
		page, ans, err := c.uploadsAfter(ctx, bucket, prefix, after)
		if err != nil {
			return err
		}
		for _, upload := range page.Upload {
			if err := ans.checkKeyOrder(upload.Key, lastKey, prefix); err != nil {
				return err
			}
			if upload.UploadID == "" || !plausible(upload.UploadID) || !plausible(upload.StorageClass) {
				return ans.malformed("the ID or storage class of an upload of key %q is invalid", upload.Key)
			}
			if upload.Initiated.IsZero() {
				return ans.malformed("it has no date for upload %s", upload.UploadID)
			}
			lastKey = upload.Key
			if !take(upload) {
				return nil
			}
		}
		if !page.IsTruncated {
			return nil
		}
		next := uploadMarker{page.NextKeyMarker, page.NextUploadIDMarker}
		if len(page.Upload) == 0 || next.key < lastKey || next.uploadID == "" || next == after {
			return ans.malformed("its list has no valid next page")
		}
		after = next
	}
	return errTooManyPages(resumable.Object{Bucket: bucket, Key: prefix})
}

func errTooManyPages(prefix resumable.Object) error {
	return fmt.Errorf("ListMultipartUploads %s: the list has more than %d pages", escape.Line(prefix.String()), maxUploadsPages)
}

// checkKeyOrder checks that a listed key has the prefix, and is not less than the key
// before it. OSS orders keys by their bytes. A key may have several uploads.
func (a answer) checkKeyOrder(key, before, prefix string) error {
	if !strings.HasPrefix(key, prefix) || key == "" {
		return a.malformed("it lists key %q, which does not begin with %q", key, prefix)
	}
	if key < before {
		return a.malformed("it lists key %q after key %q", key, before)
	}
	return nil
}

// uploadMarker is the upload after which a page begins. The zero value is for the
// first page.
type uploadMarker struct{ key, uploadID string }

// uploadsAfter returns the page after an upload.
func (c *Client) uploadsAfter(ctx context.Context, bucket, prefix string, after uploadMarker) (page uploadsPage, ans answer, err error) {
	query := map[string]any{"uploads": nil, "max-uploads": strconv.Itoa(pageSize)}
	if after.uploadID != "" { // OSS ignores it without key-marker
		query["key-marker"], query["upload-id-marker"] = after.key, after.uploadID
	}
	ans, err = c.nextPage(ctx, "ListMultipartUploads", bucket, prefix, query, &page)
	return page, ans, err
}

func (p *uploadsPage) encoded() (string, []*string) {
	keys := []*string{&p.NextKeyMarker}
	for i := range p.Upload {
		keys = append(keys, &p.Upload[i].Key)
	}
	return p.EncodingType, keys
}
