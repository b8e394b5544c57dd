// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// versionsDocument is a page of ListObjectVersions. In the last page, next is "".
func versionsDocument(next string, entries ...string) string {
	more := ""
	if next != "" {
		more = "<NextKeyMarker>dir%2Fkey</NextKeyMarker><NextVersionIdMarker>" + next + "</NextVersionIdMarker>"
	}
	return fmt.Sprintf("<ListVersionsResult><Name>bucket</Name><EncodingType>url</EncodingType><IsTruncated>%t</IsTruncated>%s%s</ListVersionsResult>",
		next != "", more, strings.Join(entries, ""))
}

func version(id string, current bool) string { return versionElement("Version", id, current) }
func marker(id string, current bool) string  { return versionElement("DeleteMarker", id, current) }

func versionElement(element, id string, current bool) string {
	return fmt.Sprintf("<%s><Key>dir%%2Fkey</Key><VersionId>%s</VersionId><IsLatest>%t</IsLatest></%[1]s>", element, id, current)
}

// historyOf creates versions of every key: one from before the bucket had versioning,
// two later ones, and a delete marker.
func historyOf(server *osstest.Server, keys ...string) {
	for _, key := range keys {
		server.PutObject(bucketName, key, []byte("before versioning"), nil)
	}
	server.SetVersioning(bucketName, "Enabled")
	for _, key := range keys {
		server.PutObject(bucketName, key, []byte("one"), nil)
		server.DeleteObject(bucketName, key)
		server.PutObject(bucketName, key, []byte("two"), nil)
	}
}

func versionIDs(server *osstest.Server, key string) (ids []string) {
	for _, v := range server.Versions(bucketName, key) {
		ids = append(ids, v.VersionID)
	}
	return ids
}

// All versions of one key are listed and deleted, but none of another key with the
// same prefix.
func TestVersions_ofThisKeyOnly(t *testing.T) {
	for _, signature := range []string{"v4", "v1"} {
		for n, key := range awkwardKeys {
			t.Run(fmt.Sprintf("%s/%d", signature, n), func(t *testing.T) {
				t.Parallel()
				server := startServer(t)
				c := realClient(t, server, canaries, signature)
				others := []string{"0"}
				if len(key) < 1000 {
					others = append(others, key+"/b", key+".bak", key+"a", key[:len(key)-1])
				}
				historyOf(server, append(others, key)...)
				obj := resumable.Object{Bucket: bucketName, Key: key}

				ids, err := c.ListObjectVersions(t.Context(), obj)
				want := versionIDs(server, key)
				if err != nil || len(ids) != 4 || ids[3] != want[3] {
					t.Fatalf("listed %v, %v; want %v, the current one last", ids, err, want)
				}
				if slices.Sort(ids); !slices.Equal(ids, slices.Sorted(slices.Values(want))) {
					t.Errorf("listed %v, want %v", ids, want)
				}
				for left := len(ids); left > 0; left-- {
					for range 2 { // the second time, there is nothing to delete
						if err := c.DeleteObjectVersion(t.Context(), obj, ids[left-1]); err != nil {
							t.Error(err)
						}
					}
					if got := versionIDs(server, key); len(got) != left-1 {
						t.Errorf("%d versions are left, want %d", len(got), left-1)
					}
				}
				if ids, err := c.ListObjectVersions(t.Context(), obj); err != nil || len(ids) != 0 {
					t.Errorf("listed %v, %v, want none", ids, err)
				}
				for _, other := range others {
					if n := len(versionIDs(server, other)); n != 4 {
						t.Errorf("%q has %d versions, want 4", other, n)
					}
				}
			})
		}
	}
}

func TestListObjectVersions_manyPages(t *testing.T) {
	t.Log("FAULT F60: 2,500 versions and as many of a longer key")
	server := startServer(t)
	server.SetVersioning(bucketName, "Enabled")
	for range 2500 {
		server.PutObject(bucketName, "logs", nil, nil)
		server.PutObject(bucketName, "logs/2026", nil, nil)
	}
	c := realClient(t, server, canaries, "")
	ids, err := c.ListObjectVersions(t.Context(), resumable.Object{Bucket: bucketName, Key: "logs"})
	if err != nil || len(ids) != 2500 || ids[2499] != versionIDs(server, "logs")[2499] {
		t.Errorf("%d versions, %v", len(ids), err)
	}
	if n := server.Count(osstest.ListObjectVersions); n != 3 {
		t.Errorf("%d requests, want 3: the third page ends with versions of a longer key", n)
	}
}

// An invalid list is an error, never a shorter list: missing versions would count as
// deleted.
func TestListObjectVersions_hostile(t *testing.T) {
	t.Log("FAULT F60: lists of versions that are truncated, endless, without IDs, about another key")
	whole := versionsDocument("", version("A", true), marker("B", false))
	documents := map[string]string{
		"truncated, no marker":     strings.Replace(whole, "false</IsTruncated>", "true</IsTruncated>", 1),
		"truncated, same marker":   versionsDocument("A", version("A", true)),
		"truncated, marker behind": strings.Replace(versionsDocument("A", version("A", true)), "<NextKeyMarker>dir", "<NextKeyMarker>a", 1),
		"truncated, long marker":   versionsDocument(strings.Repeat("A", 1000), version("A", true)),
		"two current":              versionsDocument("", version("A", true), marker("B", true)),
		"none current":             versionsDocument("", version("A", false)),
		"two without an ID":        versionsDocument("", version("", true), version("", false)),
		"one without an ID":        versionsDocument("", version("A", true), version("", false)),
		"ID too long":              versionsDocument("", version(strings.Repeat("A", 1000), true)),
		"ID with a blank":          versionsDocument("", version("A A", true)),
		"invalid IsLatest":         strings.Replace(whole, "<IsLatest>true", "<IsLatest>perhaps", 1),
		"other root":               strings.ReplaceAll(whole, "ListVersionsResult", "ListBucketResult"),
		"other encoding":           strings.Replace(whole, ">url<", ">hex<", 1),
		"key is not encoded":       strings.Replace(whole, "dir%2Fkey", "dir%zz", 1),
		"more than requested":      versionsDocument("", strings.Repeat(version("A", false), 1001)),
	}
	for cut := range len(whole) {
		documents[fmt.Sprintf("cut after %d bytes", cut)] = whole[:cut]
	}
	for name, document := range documents {
		requests := 0
		c := answering(t, func(*http.Request, http.Header) (int, string) {
			if requests++; requests > 10 {
				return 404, ""
			}
			return 200, document
		})
		ids, err := c.ListObjectVersions(t.Context(), object)
		if err == nil || ids != nil || requests > 2 {
			t.Errorf("%s: %v, %v after %d requests", name, ids, err, requests)
		}
	}
}

func TestListObjectVersions_endless(t *testing.T) {
	t.Log("FAULT F60: a list of versions that never ends")
	requests := 0
	c := answering(t, func(*http.Request, http.Header) (int, string) {
		requests++
		return 200, versionsDocument(fmt.Sprint(requests), version(fmt.Sprint(requests), requests == 1))
	})
	if ids, err := c.ListObjectVersions(t.Context(), object); err == nil || ids != nil || requests != maxVersionsPages {
		t.Errorf("%d versions, %v after %d requests", len(ids), err, requests)
	}
}

// In the example of the API page for a bucket without versioning, the ID is empty.
func TestListObjectVersions_withoutVersioning(t *testing.T) {
	for name, id := range map[string]string{"empty": "", "null": "null"} {
		c := inTurn(t, versionsDocument("", version(id, true)))
		if ids, err := c.ListObjectVersions(t.Context(), object); err != nil || !slices.Equal(ids, []string{id}) {
			t.Errorf("%s: %q, %v", name, ids, err)
		}
	}
}

func TestDeleteObjectVersion_answers(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		code   string
		fails  bool
	}{
		"gone":          {404, "NoSuchVersion", false},
		"key gone":      {404, "NoSuchKey", false},
		"no bucket":     {404, "NoSuchBucket", true},
		"not OSS":       {404, "", true},
		"not permitted": {403, "AccessDenied", true},
		"retained":      {409, "FileImmutable", true},
	} {
		c := answering(t, func(*http.Request, http.Header) (int, string) {
			if tt.code == "" {
				return tt.status, "<html></html>"
			}
			return tt.status, errorXML(tt.code, "x")
		})
		if err := c.DeleteObjectVersion(t.Context(), object, "A"); (err != nil) != tt.fails {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An empty ID would delete the current version.
func TestDeleteObjectVersion_withoutID(t *testing.T) {
	c := answering(t, func(*http.Request, http.Header) (int, string) {
		t.Error("a request was sent")
		return 204, ""
	})
	if err := c.DeleteObjectVersion(t.Context(), object, ""); err == nil || resumable.Transient(err) {
		t.Errorf("got %v", err)
	}
}

// If an answer is lost, there is still only one delete marker.
func TestDeleteObject_oneMarker(t *testing.T) {
	for name, rules := range map[string][]osstest.Rule{
		"answer lost":     {{Op: osstest.DeleteObject, Times: 1, Fault: osstest.LoseAnswer()}},
		"answer cut":      {{Op: osstest.DeleteObject, Times: 1, Fault: osstest.CutAnswer(5)}},
		"refused":         {{Op: osstest.DeleteObject, Times: 2, Fault: osstest.Refuse(503, "ServiceUnavailable")}},
		"never applied":   {{Op: osstest.DeleteObject, Times: 2, Fault: osstest.CutBody(0)}},
		"HEAD fails, too": {{Op: osstest.DeleteObject, Times: 1, Fault: osstest.LoseAnswer()}, {Op: osstest.HeadObject, Times: 2, Fault: osstest.Refuse(503, "x")}},
	} {
		server := startServer(t)
		server.SetVersioning(bucketName, "Enabled")
		server.PutObject(bucketName, "k", []byte("hello"), nil)
		for _, rule := range rules {
			server.AddRule(rule)
		}
		c := realClient(t, server, canaries, "")
		if err := c.DeleteObject(t.Context(), resumable.Object{Bucket: bucketName, Key: "k"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := server.Versions(bucketName, "k"); len(got) != 2 || got[0].DeleteMarker || !got[1].DeleteMarker {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// If it is unknown whether the object still exists, the error is that of DeleteObject.
func TestDeleteObject_outcomeUnknown(t *testing.T) {
	server := startServer(t)
	server.PutObject(bucketName, "k", []byte("hello"), nil)
	server.AddRule(osstest.Rule{Op: osstest.DeleteObject, Fault: osstest.LoseAnswer()})
	server.DenyActions("oss:GetObject")
	c := realClient(t, server, canaries, "")
	err := c.DeleteObject(t.Context(), resumable.Object{Bucket: bucketName, Key: "k"})
	mustBeUnknown(t, err)
	if errors.Is(err, resumable.ErrAccessDenied) || server.Count(osstest.DeleteObject) != 1 {
		t.Errorf("%v after %d requests", err, server.Count(osstest.DeleteObject))
	}
}

// A DELETE that is never answered is not repeated forever, although the object is still there.
func TestDeleteObject_neverAnswered(t *testing.T) {
	var tries atomic.Int32 // a connection that is cut synchronizes nothing
	c := fakeOSS(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			if tries.Add(1) > 2*maxTries {
				t.Error("it does not end")
				w.WriteHeader(http.StatusNoContent)
				return
			}
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("ETag", `"5D41402ABC4B2A76B9719D911017C592"`)
		w.Header().Set("Content-Length", "5")
		w.Header().Set("Last-Modified", httpDate(0))
	})
	if err := c.DeleteObject(t.Context(), object); err == nil || tries.Load() != maxTries {
		t.Errorf("%d requests: %v", tries.Load(), err)
	}
}
