// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/recorded"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// readings has a call for each recorded operation that the client uses.
var readings = map[string]reading{
	"HeadObject":              {headRecorded, infoRecorded},
	"GetObject":               {headRecorded, infoRecorded},
	"PutObject":               {call: putRecorded},
	"CopyObject":              {call: copyRecorded},
	"DeleteObject":            {call: deleteRecorded},
	"ListObjectVersions":      {listVersionsRecorded, versionsRecorded},
	"ListObjectsV2":           {listObjectsRecorded, objectsRecorded},
	"GetObjectTagging":        {getTagsRecorded, tagsRecorded},
	"PutObjectTagging":        {call: putTagsRecorded},
	"GetObjectRetention":      {getRetentionRecorded, retentionRecorded},
	"PutObjectRetention":      {call: putRetentionRecorded},
	"InitiateMultipartUpload": {initiateRecorded, uploadIDRecorded},
	"UploadPart":              {uploadPartRecorded, partRecorded},
	"ListParts":               {listPartsRecorded, partsRecorded},
	"CompleteMultipartUpload": {call: completeRecorded},
	"AbortMultipartUpload":    {call: abortRecorded},
}

func objectOf(a recorded.Answer) resumable.Object {
	return resumable.Object{Bucket: a.Bucket(), Key: a.Key()}
}

func destinationOf(a recorded.Answer) resumable.Destination {
	return resumable.Destination{Object: objectOf(a)}
}

func uploadOf(a recorded.Answer) resumable.Upload {
	return resumable.Upload{Destination: destinationOf(a), UploadID: a.Query["uploadId"]}
}

func headRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	return c.HeadObjectVersion(ctx, objectOf(a), a.Query["versionId"])
}

func infoRecorded(a recorded.Answer) any {
	size := int64(suppliedSize)
	if a.Method == http.MethodGet {
		size = sizeOf(a)
	}
	modified, _ := time.Parse(http.TimeFormat, a.Headers["Last-Modified"])
	info := resumable.ObjectInfo{
		Size:         size,
		ETag:         strings.ReplaceAll(a.Headers["ETag"], `"`, ""),
		CRC64:        a.Headers["x-oss-hash-crc64ecma"],
		VersionID:    a.Headers["x-oss-version-id"],
		LastModified: modified,
		Headers: resumable.Headers{
			ContentType:  a.Headers["Content-Type"],
			StorageClass: a.Headers["x-oss-storage-class"],
			Encryption: resumable.Encryption{
				Algorithm: a.Headers["x-oss-server-side-encryption"],
				KMSKeyID:  a.Headers["x-oss-server-side-encryption-key-id"],
			},
		},
	}
	for name, value := range a.Headers {
		if meta, ok := strings.CutPrefix(name, "x-oss-meta-"); ok {
			if info.Headers.Metadata == nil {
				info.Headers.Metadata = map[string]string{}
			}
			info.Headers.Metadata[meta] = value
		}
	}
	return info
}

func putRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	return nil, errorOf(c.PutObject(ctx, destinationOf(a), strings.NewReader("body"), "md5"))
}

func copyRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	from := object
	if bucket, key, ok := strings.Cut(strings.TrimPrefix(a.Request["x-oss-copy-source"], "/"), "/"); ok {
		key, err := url.PathUnescape(key)
		if err != nil {
			return nil, err
		}
		from = resumable.Object{Bucket: bucket, Key: key}
	}
	return nil, errorOf(c.CopyObject(ctx, destinationOf(a), resumable.CopySource{Object: from, ETag: "ETAG"}))
}

func deleteRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	if id := a.Query["versionId"]; id != "" {
		return nil, c.DeleteObjectVersion(ctx, objectOf(a), id)
	}
	return nil, c.DeleteObject(ctx, objectOf(a))
}

func listVersionsRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	return c.ListObjectVersions(ctx, resumable.Object{Bucket: a.Bucket(), Key: a.Query["prefix"]})
}

// versionsRecorded returns the current version last.
func versionsRecorded(a recorded.Answer) any {
	type version struct {
		VersionID string `xml:"VersionId"`
		IsLatest  bool
	}
	var document struct{ Version, DeleteMarker []version }
	parse(a, &document)
	var ids []string
	latest := ""
	for _, v := range append(document.Version, document.DeleteMarker...) {
		if v.IsLatest {
			latest = v.VersionID
		} else {
			ids = append(ids, v.VersionID)
		}
	}
	return append(ids, latest)
}

func listObjectsRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	listed := []ListedObject{}
	for object, err := range c.Objects(ctx, a.Bucket(), a.Query["prefix"]) {
		if err != nil {
			return nil, err
		}
		listed = append(listed, object)
	}
	return listed, nil
}

func objectsRecorded(a recorded.Answer) any {
	var document struct {
		Contents []struct {
			Key, ETag, StorageClass, LastModified string
			Size                                  int64
		}
	}
	parse(a, &document)
	want := []ListedObject{}
	for _, o := range document.Contents {
		key, _ := url.PathUnescape(o.Key)
		modified, _ := time.Parse("2006-01-02T15:04:05.000Z", o.LastModified)
		want = append(want, ListedObject{key, o.Size, strings.ReplaceAll(o.ETag, `"`, ""), modified, o.StorageClass})
	}
	return want
}

func nextToken(a recorded.Answer) string {
	var document struct{ NextContinuationToken string }
	parse(a, &document)
	return document.NextContinuationToken
}

func getTagsRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	return c.GetObjectTagging(ctx, objectOf(a))
}

func tagsRecorded(a recorded.Answer) any {
	var document struct {
		Tag []struct{ Key, Value string } `xml:"TagSet>Tag"`
	}
	parse(a, &document)
	tags := map[string]string{}
	for _, tag := range document.Tag {
		tags[tag.Key] = tag.Value
	}
	return tags
}

func putTagsRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	return nil, c.PutObjectTagging(ctx, objectOf(a), map[string]string{"key": "value"})
}

func getRetentionRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	return c.GetObjectRetention(ctx, objectOf(a))
}

func retentionRecorded(a recorded.Answer) any {
	var document struct{ Mode, RetainUntilDate string }
	parse(a, &document)
	until, _ := time.Parse("2006-01-02T15:04:05.000Z", document.RetainUntilDate)
	return resumable.Retention{Mode: document.Mode, Until: until}
}

func putRetentionRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	return nil, c.PutObjectRetention(ctx, objectOf(a), retention)
}

func initiateRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	up, err := c.InitiateMultipartUpload(ctx, destinationOf(a))
	return up.UploadID, err
}

func uploadIDRecorded(a recorded.Answer) any {
	var document struct {
		UploadID string `xml:"UploadId"`
	}
	parse(a, &document)
	return document.UploadID
}

func uploadPartRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	number, err := strconv.Atoi(a.Query["partNumber"])
	if err != nil {
		return nil, err
	}
	return c.UploadPart(ctx, uploadOf(a), number, strings.NewReader("body"))
}

func partRecorded(a recorded.Answer) any {
	number, _ := strconv.Atoi(a.Query["partNumber"])
	return resumable.StoredPart{
		Number: number, Size: int64(len("body")),
		ETag: strings.ReplaceAll(a.Headers["ETag"], `"`, ""), CRC64: a.Headers["x-oss-hash-crc64ecma"],
	}
}

func listPartsRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	return c.ListParts(ctx, uploadOf(a))
}

func partsRecorded(a recorded.Answer) any {
	var document struct {
		Part []struct {
			PartNumber    int
			Size          int64
			ETag          string
			HashCrc64ecma string
		}
	}
	parse(a, &document)
	var want []resumable.StoredPart
	for _, part := range document.Part {
		want = append(want, resumable.StoredPart{
			Number: part.PartNumber, Size: part.Size, ETag: strings.ReplaceAll(part.ETag, `"`, ""), CRC64: part.HashCrc64ecma,
		})
	}
	return want
}

func completeRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	return nil, errorOf(c.CompleteMultipartUpload(ctx, uploadOf(a), []resumable.StoredPart{{Number: 1, ETag: "E"}}))
}

func abortRecorded(ctx context.Context, c *Client, a recorded.Answer) (any, error) {
	return nil, c.AbortMultipartUpload(ctx, uploadOf(a))
}

// parse leaves an invalid document empty. Then the result of the client differs.
func parse(a recorded.Answer, document any) { _ = xml.Unmarshal(a.Document(), document) }

func different(got, want any) string {
	return fmt.Sprintf("read as %+v, and it is %+v", got, want)
}
