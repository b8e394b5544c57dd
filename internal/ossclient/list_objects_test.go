// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// objectsDocument is a page of ListObjectsV2. In the last page, token is "".
func objectsDocument(token string, keys ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<ListBucketResult><Name>bucket</Name><Prefix></Prefix><EncodingType>url</EncodingType><IsTruncated>%t</IsTruncated>"+
		"<NextContinuationToken>%s</NextContinuationToken>", token != "", token)
	for _, key := range keys {
		fmt.Fprintf(&b, `<Contents><Key>%s</Key><LastModified>2026-11-06T08:49:37.000Z</LastModified><ETag>"E"</ETag><Type>Normal</Type>`+
			`<Size>5</Size><StorageClass>IA</StorageClass></Contents>`, key)
	}
	b.WriteString("</ListBucketResult>")
	return b.String()
}

// TestObjects lists awkward keys and more than a page. It sends a request for each
// 1,000 keys.
func TestObjects(t *testing.T) {
	for _, version := range []string{"v4", "v1"} {
		server := startServer(t)
		keys := slices.Concat(awkwardKeys, []string{"more/"})
		for i := range 2*pageSize - 1 {
			keys = append(keys, fmt.Sprintf("more/%04d", i))
		}
		for _, key := range keys {
			server.PutObject(bucketName, key, []byte("hello"), http.Header{"X-Oss-Storage-Class": {"IA"}})
		}
		slices.Sort(keys)
		c := realClient(t, server, canaries, version)
		for prefix, requests := range map[string]int{"": 3, "more/": 2, "more/0000": 1, "a+b c%20d%2F": 1, "nothing": 1} {
			server.ResetLog()
			var listed []string
			for object, err := range c.Objects(t.Context(), bucketName, prefix) {
				if err != nil {
					t.Fatal(err)
				}
				if object.Size != 5 || len(object.ETag) != 32 || object.StorageClass != "IA" || time.Since(object.LastModified) > time.Minute {
					t.Fatalf("%+v", object)
				}
				listed = append(listed, object.Key)
			}
			want := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !strings.HasPrefix(key, prefix) })
			if !slices.Equal(listed, want) {
				t.Errorf("%s, prefix %q: %d keys, want %d", version, prefix, len(listed), len(want))
			}
			if n := server.Count(osstest.ListObjectsV2); n != requests || len(server.Requests()) != n {
				t.Errorf("%s, prefix %q: %d requests, want %d", version, prefix, n, requests)
			}
		}

		server.ResetLog()
		n := 0
		for _, err := range c.Objects(t.Context(), bucketName, "more/") {
			if n++; err != nil || n == pageSize {
				break
			}
		}
		if requests := server.Count(osstest.ListObjectsV2); requests != 1 {
			t.Errorf("%d requests for the first page", requests)
		}
	}
}

func TestObjects_refused(t *testing.T) {
	server := startServer(t)
	c := realClient(t, server, canaries, "")
	if err := lastError(c.Objects(t.Context(), "no-such-bucket", "")); !errors.Is(err, resumable.ErrNoSuchBucket) {
		t.Error(err)
	}
	server.DenyActions("oss:ListObjects")
	if err := lastError(c.Objects(t.Context(), bucketName, "")); !errors.Is(err, resumable.ErrAccessDenied) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := lastError(c.Objects(ctx, bucketName, "")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// An invalid list is an error after one or two requests. It never results in a
// shorter list without an error or in endless requests.
func TestObjects_hostile(t *testing.T) {
	whole := objectsDocument("", "dir/a", "dir/b")
	documents := map[string]string{
		"truncated, empty":          objectsDocument("T"),
		"truncated, no token":       strings.Replace(whole, "false", "true", 1),
		"truncated, same token":     objectsDocument("T", "dir/a"),
		"unsorted":                  objectsDocument("", "dir/b", "dir/a"),
		"twice":                     objectsDocument("", "dir/a", "dir/a"),
		"other prefix":              objectsDocument("", "other/a"),
		"no key":                    objectsDocument("", ""),
		"bad encoding of a key":     objectsDocument("", "dir/%zz"),
		"bad encoding of the token": objectsDocument("%zz", "dir/a"),
		"unknown encoding":          strings.Replace(whole, "<EncodingType>url", "<EncodingType>rot13", 1),
		"size negative":             strings.Replace(whole, "<Size>5", "<Size>-5", 1),
		"size not a number":         strings.Replace(whole, "<Size>5", "<Size>5e3", 1),
		"no date":                   strings.Replace(whole, "<LastModified>2026-11-06T08:49:37.000Z</LastModified>", "", 1),
		"invalid date":              strings.Replace(whole, "2026-11-06T08:49:37.000Z", "yesterday", 1),
		"no ETag":                   strings.Replace(whole, `"E"`, "", 1),
		"ETag too long":             strings.Replace(whole, `"E"`, strings.Repeat("E", 10_000), 1),
		"storage class escapes":     strings.Replace(whole, "IA", "\u202e", 1),
		"invalid IsTruncated":       strings.Replace(whole, "false", "perhaps", 1),
		"other root":                strings.ReplaceAll(whole, "ListBucketResult", "ListVersionsResult"),
		"an error":                  errorXML("AccessDenied", "x"),
		"too many":                  objectsDocument("", numberedKeys(pageSize+1)...),
		"cut":                       whole[:len(whole)-1],
	}
	for name, document := range documents {
		requests := 0
		c := answering(t, func(*http.Request, http.Header) (int, string) {
			requests++
			return 200, document
		})
		err := lastError(c.Objects(t.Context(), object.Bucket, "dir/"))
		if err == nil || requests > 2 {
			t.Errorf("%s: %v after %d requests", name, err, requests)
			continue
		}
		mustBePrintable(t, err)
	}
	for _, document := range []string{whole, strings.Replace(whole, "<Size>5", "<Size>0", 1)} {
		if err := lastError(inTurn(t, document).Objects(t.Context(), object.Bucket, "dir/")); err != nil {
			t.Error(err)
		}
	}
}

func numberedKeys(n int) (keys []string) {
	for i := range n {
		keys = append(keys, fmt.Sprintf("dir/%07d", i))
	}
	return keys
}
