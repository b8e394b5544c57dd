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

// Names of the headers that OSS stores with an object.
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

// MarkName is the name of the metadata that contains the mark of an object. It is not
// part of [resumable.Headers].Metadata.
const MarkName = "ossresumable-owner"

// headerOptions returns the headers to store with an object, for PutObject,
// InitiateMultipartUpload and CopyObject.
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

// headersOf is the inverse of headerOptions.
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
	// At its default domains, OSS makes browsers download some types. It then replaces
	// the Content-Disposition of the object. Source: developer guide "Bind custom
	// domain names", on HTML and images of buckets since 2018.
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

// tagOptions returns the header with the tags of a new object.
func tagOptions(tags map[string]string) []oss.Option {
	if len(tags) == 0 {
		return nil
	}
	values := url.Values{}
	for key, value := range tags {
		values.Set(key, value)
	}
	// It is not documented whether OSS decodes "+" as a space.
	return []oss.Option{oss.SetHeader(headerTagging, strings.ReplaceAll(values.Encode(), "+", "%20"))}
}

// aclOptions returns the header with the ACL of an object, for the requests that
// publish it: CopyObject, PutObject and CompleteMultipartUpload.
func aclOptions(acl string) []oss.Option {
	if acl == "" {
		return nil
	}
	return []oss.Option{oss.SetHeader(headerACL, acl)}
}

// trafficOptions returns the header that limits the bandwidth of an upload.
func trafficOptions(bitsPerSecond int) []oss.Option {
	if bitsPerSecond == 0 {
		return nil
	}
	return []oss.Option{oss.TrafficLimitHeader(int64(bitsPerSecond))}
}

// tagCount returns the number of tags from the answer to HeadObject.
func tagCount(header http.Header) int {
	n, err := strconv.ParseUint(header.Get(headerTaggingCount), 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}
