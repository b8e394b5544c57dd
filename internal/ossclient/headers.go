// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// The names under which OSS takes and returns what is beside the bytes.
const (
	headerMeta          = "X-Oss-Meta-"
	headerStorageClass  = "X-Oss-Storage-Class"
	headerEncryption    = "X-Oss-Server-Side-Encryption"
	headerDataAlgorithm = "X-Oss-Server-Side-Data-Encryption"
	headerKMSKeyID      = "X-Oss-Server-Side-Encryption-Key-Id"
	headerACL           = "X-Oss-Object-Acl"
	headerTagging       = "X-Oss-Tagging"
	headerTaggingCount  = "X-Oss-Tagging-Count"
	headerObjectType    = "X-Oss-Object-Type"
	headerForceDownload = "X-Oss-Force-Download"
)

// MarkName is the metadata that holds an object's mark. It is never among
// [resumable.Headers].Metadata.
const MarkName = "ossresumable-owner"

// headerOptions are the headers that OSS keeps with an object, as PutObject,
// InitiateMultipartUpload and CopyObject take them.
func headerOptions(headers resumable.Headers) []oss.Option {
	fields := map[string]string{
		"Content-Type":        cmp.Or(headers.ContentType, resumable.DefaultContentType),
		"Cache-Control":       headers.CacheControl,
		"Content-Disposition": headers.ContentDisposition,
		"Content-Encoding":    headers.ContentEncoding,
		"Content-Language":    headers.ContentLanguage,
		"Expires":             headers.Expires,
		headerStorageClass:    headers.StorageClass,
		headerEncryption:      headers.Encryption.Algorithm,
		headerDataAlgorithm:   headers.Encryption.DataAlgorithm,
		headerKMSKeyID:        headers.Encryption.KMSKeyID,
	}
	for name, value := range headers.Metadata {
		fields[headerMeta+name] = value
	}
	if headers.Mark != "" {
		fields[headerMeta+MarkName] = headers.Mark
	}
	var options []oss.Option
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] != "" || strings.HasPrefix(name, headerMeta) {
			options = append(options, oss.SetHeader(name, fields[name]))
		}
	}
	return options
}

// headersOf reads what headerOptions writes.
func headersOf(header http.Header) resumable.Headers {
	headers := resumable.Headers{
		ContentType:        header.Get("Content-Type"),
		CacheControl:       header.Get("Cache-Control"),
		ContentDisposition: header.Get("Content-Disposition"),
		ContentEncoding:    header.Get("Content-Encoding"),
		ContentLanguage:    header.Get("Content-Language"),
		Expires:            header.Get("Expires"),
		StorageClass:       header.Get(headerStorageClass),
		Encryption: resumable.Encryption{
			Algorithm:     header.Get(headerEncryption),
			DataAlgorithm: header.Get(headerDataAlgorithm),
			KMSKeyID:      header.Get(headerKMSKeyID),
		},
	}
	// Through its own domains, OSS makes browsers download some types, by a
	// Content-Disposition that is not the object's. Source: developer guide "Bind
	// custom domain names", on HTML and images of buckets since 2018.
	if header.Get(headerForceDownload) == "true" {
		headers.ContentDisposition, headers.DispositionHidden = "", true
	}
	for name, values := range header {
		meta, ok := strings.CutPrefix(name, headerMeta)
		meta = strings.ToLower(meta)
		switch {
		case !ok || len(values) == 0:
		case meta == MarkName:
			headers.Mark = values[0]
		default:
			if headers.Metadata == nil {
				headers.Metadata = map[string]string{}
			}
			headers.Metadata[meta] = values[0]
		}
	}
	return headers
}

// tagOptions are the tags of a new object.
func tagOptions(tags map[string]string) []oss.Option {
	if len(tags) == 0 {
		return nil
	}
	values := url.Values{}
	for key, value := range tags {
		values.Set(key, value)
	}
	// That OSS takes "+" for a space is documented nowhere.
	return []oss.Option{oss.SetHeader(headerTagging, strings.ReplaceAll(values.Encode(), "+", "%20"))}
}

// aclOptions go with the request that publishes an object: a copy, PutObject,
// CompleteMultipartUpload.
func aclOptions(acl string) []oss.Option {
	if acl == "" {
		return nil
	}
	return []oss.Option{oss.SetHeader(headerACL, acl)}
}

// trafficOptions go with the requests that carry bytes of the object.
func trafficOptions(bitsPerSecond int) []oss.Option {
	if bitsPerSecond == 0 {
		return nil
	}
	return []oss.Option{oss.TrafficLimitHeader(int64(bitsPerSecond))}
}

// tagCount is how many tags HeadObject tells of.
func tagCount(header http.Header) int {
	n, err := strconv.ParseUint(header.Get(headerTaggingCount), 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}
