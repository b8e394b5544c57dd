// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// InitiateMultipartUpload implements [resumable.OSS].
func (c *Client) InitiateMultipartUpload(ctx context.Context, dst resumable.Destination) (resumable.Upload, error) {
	ans, err := c.do(ctx, request{
		op: "InitiateMultipartUpload", method: http.MethodPost, object: dst.Object,
		query:   map[string]any{"uploads": nil, "encoding-type": "url"},
		headers: newObjectOptions(dst),
	})
	if err != nil {
		return resumable.Upload{}, err
	}

	var result struct {
		XMLName struct{} `xml:"InitiateMultipartUploadResult"`
		objectElements
		UploadID string `xml:"UploadId"`
	}
	if err := ans.decode(&result); err != nil {
		return resumable.Upload{}, err
	}
	if err := result.checkKey(dst.Object, ans); err != nil {
		return resumable.Upload{}, err
	}
	if result.UploadID == "" || !plausible(result.UploadID) {
		return resumable.Upload{}, ans.malformed("without an upload ID")
	}
	return resumable.Upload{Destination: dst, UploadID: result.UploadID}, nil
}

// UploadPart implements [resumable.OSS].
func (c *Client) UploadPart(ctx context.Context, up resumable.Upload, number int, body resumable.Body) (resumable.StoredPart, error) {
	ans, err := c.do(ctx, request{
		op: "UploadPart", method: http.MethodPut, object: up.Object, part: number, body: body,
		query:        map[string]any{"uploadId": up.UploadID, "partNumber": strconv.Itoa(number)},
		trafficLimit: up.BitsPerSecond,
	})
	if err != nil {
		return resumable.StoredPart{}, err
	}
	etag, err := ans.etag()
	if err != nil {
		return resumable.StoredPart{}, err
	}
	return resumable.StoredPart{
		Number: number,
		Size:   body.Size(),
		ETag:   etag,
		CRC64:  ans.header.Get(oss.HTTPHeaderOssCRC64),
	}, nil
}

// CompleteMultipartUpload implements [resumable.OSS]. It always lists the parts:
// with x-oss-complete-all, OSS would use all parts that it has stored.
func (c *Client) CompleteMultipartUpload(ctx context.Context, up resumable.Upload, parts []resumable.StoredPart) (string, error) {
	document, err := completeDocument(parts)
	if err != nil {
		return "", err
	}
	callback, err := callbackOptions(up.Callback)
	if err != nil {
		return "", err
	}
	ans, err := c.do(ctx, request{
		op: "CompleteMultipartUpload", method: http.MethodPost, object: up.Object, longRunning: true,
		query:   map[string]any{"uploadId": up.UploadID, "encoding-type": "url"},
		headers: slices.Concat(overwriteOptions(up.Destination), aclOptions(up.ACL), callback, []oss.Option{oss.ContentType("application/xml")}),
		body:    bytes.NewReader(document),
	})
	if err != nil {
		return "", err
	}
	if callback != nil {
		return "", ans.callbackError()
	}

	// OSS may send the status 200 before it knows the result.
	var result struct {
		XMLName struct{} `xml:"CompleteMultipartUploadResult"`
		objectElements
		ETag string
	}
	if err := ans.decode(&result); err != nil {
		return "", err
	}
	etag := unquoted(result.ETag)
	if !plausible(etag) {
		etag = ""
	}
	return etag, result.checkKey(up.Object, ans)
}

// completeDocument lists the parts in the order of their numbers, as OSS requires.
func completeDocument(parts []resumable.StoredPart) ([]byte, error) {
	type part struct {
		PartNumber int
		ETag       string
	}
	var document struct {
		XMLName struct{} `xml:"CompleteMultipartUpload"`
		Part    []part
	}
	document.Part = make([]part, 0, len(parts))
	for _, p := range parts {
		document.Part = append(document.Part, part{p.Number, quoted(p.ETag)})
	}
	slices.SortFunc(document.Part, func(a, b part) int { return cmp.Compare(a.PartNumber, b.PartNumber) })
	return xml.Marshal(document)
}

// AbortMultipartUpload implements [resumable.OSS].
func (c *Client) AbortMultipartUpload(ctx context.Context, up resumable.Upload) error {
	_, err := c.do(ctx, request{
		op: "AbortMultipartUpload", method: http.MethodDelete, object: up.Object,
		query: map[string]any{"uploadId": up.UploadID},
	})
	return err
}
