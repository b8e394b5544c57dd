// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// uploadsDocument is a page of ListMultipartUploads, with upload IDs U0, U1 and so on.
// The next page begins after the key next; in the last page, next is "".
func uploadsDocument(next string, keys ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<ListMultipartUploadsResult><Bucket>bucket</Bucket><EncodingType>url</EncodingType><IsTruncated>%t</IsTruncated>"+
		"<NextKeyMarker>%s</NextKeyMarker><NextUploadIdMarker>U%d</NextUploadIdMarker>", next != "", next, len(keys)-1)
	for i, key := range keys {
		fmt.Fprintf(&b, "<Upload><Key>%s</Key><UploadId>U%d</UploadId><StorageClass>IA</StorageClass>"+
			"<Initiated>2026-11-06T08:49:37.000Z</Initiated></Upload>", key, i)
	}
	b.WriteString("</ListMultipartUploadsResult>")
	return b.String()
}

// TestIncompleteUploads lists awkward keys and several uploads of one key, which are
// on different pages.
func TestIncompleteUploads(t *testing.T) {
	for _, version := range []string{"v4", "v1"} {
		server := startServer(t)
		c := realClient(t, server, canaries, version)
		var keys []string
		for _, key := range slices.Concat(awkwardKeys, slices.Repeat([]string{"more/a", "more/b"}, pageSize-5)) {
			dst := resumable.Destination{Object: resumable.Object{Bucket: bucketName, Key: key}, Headers: resumable.Headers{StorageClass: "IA"}}
			if _, err := c.InitiateMultipartUpload(t.Context(), dst); err != nil {
				t.Fatal(err)
			}
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for prefix, requests := range map[string]int{"": 2, "more/": 2, "more/a": 1, "a+b c%20d%2F": 1, "nothing": 1} {
			server.ResetLog()
			var listed []string
			ids := map[string]bool{}
			for upload, err := range c.IncompleteUploads(t.Context(), bucketName, prefix) {
				if err != nil {
					t.Fatal(err)
				}
				if upload.StorageClass != "IA" || time.Since(upload.Initiated) > time.Minute {
					t.Fatalf("%+v", upload)
				}
				listed = append(listed, upload.Key)
				ids[upload.UploadID] = true
			}
			want := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !strings.HasPrefix(key, prefix) })
			if !slices.Equal(listed, want) || len(ids) != len(want) {
				t.Errorf("%s, prefix %q: %d keys and %d IDs, want %d", version, prefix, len(listed), len(ids), len(want))
			}
			if n := server.Count(osstest.ListMultipartUploads); n != requests {
				t.Errorf("%s, prefix %q: %d requests, want %d", version, prefix, n, requests)
			}
		}
	}
}

// An invalid list is an error after few requests. In particular, an upload without a
// date does not count as old.
func TestIncompleteUploads_hostile(t *testing.T) {
	whole := uploadsDocument("", "dir/a", "dir/a", "dir/b")
	documents := map[string]string{
		"no date":                strings.Replace(whole, "<Initiated>2026-11-06T08:49:37.000Z</Initiated>", "", 1),
		"invalid date":           strings.Replace(whole, "2026-11-06T08:49:37.000Z", "0", 1),
		"date of the year 1":     strings.Replace(whole, "2026-11-06T08:49:37.000Z", "0001-01-01T00:00:00Z", 1),
		"no ID":                  strings.Replace(whole, "U1", "", 1),
		"ID with a blank":        strings.Replace(whole, "U1", "U 1", 1),
		"unsorted":               uploadsDocument("", "dir/b", "dir/a"),
		"other prefix":           uploadsDocument("", "other/a"),
		"no key":                 uploadsDocument("", ""),
		"bad encoding":           uploadsDocument("", "dir/%zz"),
		"truncated, empty":       uploadsDocument("dir/a"),
		"truncated, behind":      uploadsDocument("dir/a", "dir/b"),
		"truncated, no ID":       strings.Replace(uploadsDocument("dir/a", "dir/a"), "<NextUploadIdMarker>U0", "<NextUploadIdMarker>", 1),
		"truncated, same marker": uploadsDocument("dir/a", "dir/a"),
		"other root":             strings.ReplaceAll(whole, "ListMultipartUploadsResult", "ListPartsResult"),
		"an error":               errorXML("AccessDenied", "x"),
		"cut":                    whole[:len(whole)-1],
	}
	for name, document := range documents {
		requests := 0
		c := answering(t, func(*http.Request, http.Header) (int, string) {
			requests++
			return 200, document
		})
		err := lastError(c.IncompleteUploads(t.Context(), object.Bucket, "dir/"))
		if err == nil || requests > 2 {
			t.Errorf("%s: %v after %d requests", name, err, requests)
			continue
		}
		mustBePrintable(t, err)
	}
	if err := lastError(inTurn(t, whole).IncompleteUploads(t.Context(), object.Bucket, "dir/")); err != nil {
		t.Error(err)
	}
}

// A list that never ends is an error.
func TestIncompleteUploads_neverEnds(t *testing.T) {
	requests := 0
	c := answering(t, func(*http.Request, http.Header) (int, string) {
		requests++
		return 200, strings.ReplaceAll(uploadsDocument("dir/a", "dir/a"), "U0", fmt.Sprintf("U%d", requests))
	})
	err := lastError(c.IncompleteUploads(t.Context(), object.Bucket, "dir/"))
	if err == nil || !strings.Contains(err.Error(), "more than 100 pages") || requests != maxUploadsPages {
		t.Errorf("%v after %d requests", err, requests)
	}
}
