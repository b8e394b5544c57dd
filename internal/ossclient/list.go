// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// pageSize is the maximum number of entries in a page.
const pageSize = 1000

// entries are the elements of a page with the same name. An answer with more than
// were requested is an error: two million would take half a gigabyte of memory.
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

// partsPage is the answer to ListParts. The type of the SDK has sizes of 32 bits on
// some systems, and no CRC-64.
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
		HashCrc64ecma string // not documented
	}]
}

// ListParts implements [resumable.OSS].
func (c *Client) ListParts(ctx context.Context, up resumable.Upload) ([]resumable.StoredPart, error) {
	var parts []resumable.StoredPart
	last := 0 // the highest part number listed so far
	for {     // at most MaxParts times, because each page except the last increases last
		page, ans, err := c.partsAfter(ctx, up, last)
		if err != nil {
			return nil, err
		}
		for _, part := range page.Part {
			if part.PartNumber <= last || part.PartNumber > resumable.MaxParts {
				return nil, ans.malformed("it lists part %d after part %d", part.PartNumber, last)
			}
			if part.Size < 0 {
				return nil, ans.malformed("part %d has %d bytes", part.PartNumber, part.Size)
			}
			if !plausible(part.ETag) || !plausible(part.HashCrc64ecma) {
				return nil, ans.malformed("the ETag or CRC-64 of part %d is invalid", part.PartNumber)
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
			return nil, ans.malformed("its page ends with part %d, but the next page begins after part %d", last, page.NextPartNumberMarker)
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
		return page, ans, ans.malformed("its document is about another upload")
	}
	return page, ans, page.checkKey(up.Object, ans)
}

// bucketPage is a page of a list of a bucket. Its bucket name may differ from that of
// the request, see checkKey.
type bucketPage interface {
	encoded() (encoding string, keys []*string) // the fields that encoding-type applies to
}

// nextPage gets a page of the keys that begin with prefix, and decodes them.
func (c *Client) nextPage(ctx context.Context, op, bucket, prefix string, query map[string]any, page bucketPage) (answer, error) {
	query["encoding-type"] = "url"
	if prefix != "" {
		query["prefix"] = prefix
	}
	ans, err := c.doBucket(ctx, request{op: op, object: resumable.Object{Bucket: bucket}, query: query})
	if err != nil {
		return ans, err
	}
	if err := ans.decode(page); err != nil {
		return ans, err
	}
	encoding, keys := page.encoded()
	return ans, ans.decodeKeys(encoding, keys)
}
