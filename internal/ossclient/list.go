// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// pageSize is the largest page that OSS gives.
const pageSize = 1000

// entries are the elements of one name in a page. More than were asked for are
// not read: an answer could hold two million, and take half a gigabyte.
type entries[T any] []T

func (e *entries[T]) UnmarshalXML(decoder *xml.Decoder, start xml.StartElement) error {
	if len(*e) == pageSize {
		return fmt.Errorf("it has more than %d entries", pageSize)
	}
	var entry T
	if err := decoder.DecodeElement(&entry, &start); err != nil {
		return err
	}
	*e = append(*e, entry)
	return nil
}

// partsPage is one answer to ListParts. The SDK's own type has sizes of 32
// bits on some machines, and no CRC.
type partsPage struct {
	XMLName struct{} `xml:"ListPartsResult"`
	objectElements
	UploadID             string `xml:"UploadId"`
	IsTruncated          bool
	NextPartNumberMarker int
	Part                 entries[struct {
		PartNumber    int
		Size          int64
		ETag          string
		HashCrc64ecma string // sent by OSS, missing in its documentation
	}]
}

// ListParts implements [resumable.OSS].
func (c *Client) ListParts(ctx context.Context, up resumable.Upload) ([]resumable.StoredPart, error) {
	var parts []resumable.StoredPart
	last := 0 // the highest part number listed so far
	for {     // at most MaxParts times, since each page but the final one raises last
		page, ans, err := c.partsAfter(ctx, up, last)
		if err != nil {
			return nil, err
		}
		for _, part := range page.Part {
			if part.PartNumber <= last || part.PartNumber > resumable.MaxParts {
				return nil, ans.garbled("it lists part %d after part %d", part.PartNumber, last)
			}
			if part.Size < 0 {
				return nil, ans.garbled("part %d has %d bytes", part.PartNumber, part.Size)
			}
			if !plausible(part.ETag) || !plausible(part.HashCrc64ecma) {
				return nil, ans.garbled("the ETag or CRC-64 of part %d is not one", part.PartNumber)
			}
			last = part.PartNumber
			parts = append(parts, resumable.StoredPart{
				Number: part.PartNumber,
				Size:   part.Size,
				ETag:   unquoted(part.ETag),
				CRC64:  part.HashCrc64ecma,
			})
		}
		if !page.IsTruncated {
			return parts, nil
		}
		if len(page.Part) == 0 || page.NextPartNumberMarker != last {
			return nil, ans.garbled("its list ends at part %d and goes on after part %d", last, page.NextPartNumberMarker)
		}
	}
}

func (c *Client) partsAfter(ctx context.Context, up resumable.Upload, marker int) (page partsPage, ans answer, err error) {
	ans, err = c.do(ctx, request{
		op: "ListParts", method: http.MethodGet, object: up.Object,
		query: map[string]any{
			"uploadId":           up.UploadID,
			"max-parts":          strconv.Itoa(pageSize),
			"part-number-marker": strconv.Itoa(marker),
			"encoding-type":      "url",
		},
	})
	if err != nil {
		return page, ans, err
	}
	if err := ans.decode(&page); err != nil {
		return page, ans, err
	}
	if page.UploadID != up.UploadID {
		return page, ans, ans.garbled("its document is about another upload")
	}
	return page, ans, page.mustName(up.Object, ans)
}

// uploadsPage is one answer to ListMultipartUploads.
type uploadsPage struct {
	XMLName            struct{} `xml:"ListMultipartUploadsResult"`
	Bucket             string
	EncodingType       string
	IsTruncated        bool
	NextKeyMarker      string
	NextUploadIDMarker string `xml:"NextUploadIdMarker"`
	Upload             entries[struct {
		Key       string
		UploadID  string `xml:"UploadId"`
		Initiated time.Time
	}]
}

// maxUploadsPages bounds a list that does not end. Nobody has a hundred
// thousand open uploads of one key.
const maxUploadsPages = 100

// ListMultipartUploads implements [resumable.OSS]. OSS lists by prefix, in the
// order of keys: uploads of the key itself come first, and nothing that
// follows the first longer key is of interest.
func (c *Client) ListMultipartUploads(ctx context.Context, obj resumable.Object) ([]resumable.OpenUpload, error) {
	var uploads []resumable.OpenUpload
	marker := "" // upload ID
	for range maxUploadsPages {
		page, ans, err := c.uploadsAfter(ctx, obj, marker)
		if err != nil {
			return nil, err
		}
		for _, upload := range page.Upload {
			if upload.Key == obj.Key {
				if upload.UploadID == "" || !plausible(upload.UploadID) {
					return nil, ans.garbled("it lists an upload ID that is not one")
				}
				uploads = append(uploads, resumable.OpenUpload{UploadID: upload.UploadID, Initiated: upload.Initiated})
			}
		}
		if !page.IsTruncated || page.NextKeyMarker > obj.Key {
			return uploads, nil
		}
		if page.NextKeyMarker < obj.Key || page.NextUploadIDMarker == marker {
			return nil, ans.garbled("its list does not go on")
		}
		marker = page.NextUploadIDMarker
	}
	return nil, fmt.Errorf("ListMultipartUploads %s: list has more than %d pages", printable(obj.String()), maxUploadsPages)
}

// uploadsAfter returns a page with its keys decoded.
func (c *Client) uploadsAfter(ctx context.Context, obj resumable.Object, marker string) (page uploadsPage, ans answer, err error) {
	query := map[string]any{
		"uploads":       nil,
		"prefix":        obj.Key,
		"max-uploads":   strconv.Itoa(pageSize),
		"encoding-type": "url",
	}
	if marker != "" {
		query["key-marker"], query["upload-id-marker"] = obj.Key, marker
	}
	ans, err = c.do(ctx, request{
		op: "ListMultipartUploads", method: http.MethodGet,
		object: resumable.Object{Bucket: obj.Bucket}, ofBucket: true, query: query,
	})
	if err != nil {
		return page, ans, err
	}
	if err := ans.decode(&page); err != nil {
		return page, ans, err
	}
	if page.Bucket != obj.Bucket {
		return page, ans, ans.garbled("its document is about bucket %q", page.Bucket)
	}

	keys := []*string{&page.NextKeyMarker}
	for i := range page.Upload {
		keys = append(keys, &page.Upload[i].Key)
	}
	for _, key := range keys {
		if *key, err = decodeKey(page.EncodingType, *key); err != nil {
			return page, ans, ans.garbled("%v", err)
		}
	}
	return page, ans, nil
}
