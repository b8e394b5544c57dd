// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"encoding/base64"
	"errors"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// Seeds for the fuzz tests. Each test uses all of them, because an answer to another
// operation is a good seed, too.
var documents = []string{
	"",
	" ",
	"<html><body>502 Bad Gateway</body></html>",
	errorXML("NoSuchUpload", "The specified upload does not exist."),
	"<Error><Code>AccessDenied</Code><Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint></Error>",
	"<Error><Code>\x1b[2J</Code></Error>",
	"<Error><Code>A</Code><Message>" + "\u202e\u2028&#x1b;&#10;" + "</Message></Error>",
	"<Error><Error><Error>",
	partsDocument(0),
	partsDocument(0, 1, 2, 3),
	partsDocument(2, 1, 2),
	partsDocument(2, 1, 3),
	partsDocument(10_000, 10_000),
	partsDocument(0, -1, 10_001),
	strings.Replace(partsDocument(0, 1), "<Size>5", "<Size>9223372036854775807", 1),
	strings.Replace(partsDocument(0, 1), "<Size>5", "<Size>-0x1", 1),
	`<ListMultipartUploadsResult xmlns="http://doc.oss-cn-hangzhou.aliyuncs.com"><Bucket>bucket</Bucket><EncodingType>url</EncodingType>` +
		`<IsTruncated>true</IsTruncated><NextKeyMarker>dir%2Fkey</NextKeyMarker><NextUploadIdMarker>A</NextUploadIdMarker>` +
		`<Upload><Key>dir%2Fkey</Key><UploadId>A</UploadId><Initiated>2026-11-06T08:49:37.000Z</Initiated></Upload></ListMultipartUploadsResult>`,
	`<ListMultipartUploadsResult><Bucket>bucket</Bucket><Upload><Key>dir/key2</Key></Upload><Upload><Key>dir/key</Key><UploadId></UploadId></Upload></ListMultipartUploadsResult>`,
	"<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>dir%2Fkey</Key><UploadId>0004B9894A22E5B1888A1E29F8236E2D</UploadId></InitiateMultipartUploadResult>",
	"<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>dir/key</Key><UploadId>a b</UploadId></InitiateMultipartUploadResult>",
	`<?xml version="1.0" encoding="UTF-8"?><CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>dir/key</Key><ETag>"E-1"</ETag></CompleteMultipartUploadResult>`,
	`<?xml version="1.0" encoding="GBK"?><CompleteMultipartUploadResult/>`,
	"<CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>%zz</Key></CompleteMultipartUploadResult>",
	`<!DOCTYPE x [<!ENTITY a "&b;&b;"><!ENTITY b "&a;&a;">]><Error><Code>&a;</Code></Error>`,
	`<CopyObjectResult><ETag>"E"</ETag></CopyObjectResult>`,
	versionsDocument("", version("A", true), version("B", false), marker("C", false)),
	versionsDocument("B", version("A", true), version("B", false)),
	versionsDocument("A", marker("A", true)),
	versionsDocument("", version("", true)),
	versionsDocument("", version("", true), version("", false)),
	versionsDocument("", version("A", true), marker("B", true)),
	objectsDocument("", "dir/a", "dir/b"),
	objectsDocument("A%3D", "dir/a", "dir/a"),
	objectsDocument("A%3D"),
	strings.Replace(objectsDocument("", "dir/a"), "<Size>5", "<Size>-1", 1),
	uploadsDocument("dir/b", "dir/a", "dir/b", "dir/b"),
	strings.Replace(uploadsDocument("", "dir/a"), "2026-11-06T08:49:37.000Z", "yesterday", 1),
	aclDocument("public-read"),
	aclDocument("public-read\r\nX-Oss-Forbid-Overwrite: false"),
	taggingDocument("a+b", "c=d", "e f", ""),
	taggingDocument("", "no key"),
	taggingDocument("twice", "1", "twice", "2"),
}

// mustBePrintable checks an error that contains parts of an answer.
func mustBePrintable(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); len(text) > 3000 || strings.ContainsFunc(text, unicode.IsControl) {
		t.Errorf("%d bytes: %q", len(text), text)
	}
}

// inTurn answers with one document after the other, and then always with the last. It
// fails the test if it receives more requests than any list needs.
func inTurn(t *testing.T, documents ...string) *Client {
	requests := 0
	return answering(t, func(*http.Request, http.Header) (int, string) {
		if requests++; requests > 2*maxUploadsPages {
			t.Fatal("endless loop")
		}
		return 200, documents[min(requests, len(documents))-1]
	})
}

func FuzzListParts(f *testing.F) {
	for i, document := range documents {
		f.Add(document, documents[(i+1)%len(documents)])
	}
	f.Add(partsDocument(2, 1, 2), partsDocument(0, 3, 4))
	f.Add(partsDocument(2, 1, 2), partsDocument(0, 2, 3))
	f.Fuzz(func(t *testing.T, first, second string) {
		parts, err := inTurn(t, first, second).ListParts(t.Context(), upload)
		if err != nil {
			mustBePrintable(t, err)
			if parts != nil {
				t.Error("an error and parts")
			}
		}
		last := 0
		for _, part := range parts {
			if part.Number <= last || part.Number > resumable.MaxParts || part.Size < 0 || !plausible(part.ETag) || !plausible(part.CRC64) {
				t.Errorf("part %+v after part %d", part, last)
			}
			last = part.Number
		}
	})
}

func FuzzListMultipartUploads(f *testing.F) {
	for i, document := range documents {
		f.Add(document, documents[(i+1)%len(documents)])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		uploads, err := inTurn(t, first, second).ListMultipartUploads(t.Context(), object)
		if err != nil {
			mustBePrintable(t, err)
			if uploads != nil {
				t.Error("an error and uploads")
			}
		}
		for _, upload := range uploads {
			if upload.UploadID == "" || !plausible(upload.UploadID) {
				t.Errorf("upload ID %q", upload.UploadID)
			}
		}
	})
}

func FuzzListObjectVersions(f *testing.F) {
	for i, document := range documents {
		f.Add(document, documents[(i+1)%len(documents)])
	}
	f.Add(versionsDocument("B", version("A", true), version("B", false)), versionsDocument("", version("C", false)))
	f.Fuzz(func(t *testing.T, first, second string) {
		ids, err := inTurn(t, first, second).ListObjectVersions(t.Context(), object)
		if err != nil {
			mustBePrintable(t, err)
			if ids != nil {
				t.Error("an error and versions")
			}
		}
		for _, id := range ids {
			if !plausible(id) || id == "" && len(ids) > 1 {
				t.Errorf("version ID %q of %d", id, len(ids))
			}
		}
	})
}

// Listed objects and uploads are valid and in order. There is at most one error, at
// the end.
func FuzzObjects(f *testing.F) {
	for i, document := range documents {
		f.Add(document, documents[(i+1)%len(documents)])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		last := ""
		var failed error
		for listed, err := range inTurn(t, first, second).Objects(t.Context(), object.Bucket, "dir/") {
			if failed != nil {
				t.Fatal("it continues after an error")
			}
			if failed = err; err != nil {
				mustBePrintable(t, err)
				continue
			}
			if listed.Key <= last || !strings.HasPrefix(listed.Key, "dir/") || !listed.plausible() {
				t.Errorf("%+v after %q", listed, last)
			}
			last = listed.Key
		}
	})
}

func FuzzIncompleteUploads(f *testing.F) {
	for i, document := range documents {
		f.Add(document, documents[(i+1)%len(documents)])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		last := ""
		var failed error
		for upload, err := range inTurn(t, first, second).IncompleteUploads(t.Context(), object.Bucket, "dir/") {
			if failed != nil {
				t.Fatal("it continues after an error")
			}
			if failed = err; err != nil {
				mustBePrintable(t, err)
				continue
			}
			if upload.Key < last || !strings.HasPrefix(upload.Key, "dir/") || upload.UploadID == "" || !plausible(upload.UploadID) ||
				upload.Initiated.IsZero() {
				t.Errorf("%+v after %q", upload, last)
			}
			last = upload.Key
		}
	})
}

func FuzzInitiateMultipartUpload(f *testing.F) {
	for _, document := range documents {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		up, err := inTurn(t, document).InitiateMultipartUpload(t.Context(), destination)
		if err != nil {
			mustBePrintable(t, err)
		} else if up.UploadID == "" || !plausible(up.UploadID) || !reflect.DeepEqual(up.Destination, destination) {
			t.Errorf("%+v", up)
		}
	})
}

func FuzzCompleteMultipartUpload(f *testing.F) {
	for _, document := range documents {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		if _, err := inTurn(t, document).CompleteMultipartUpload(t.Context(), upload, nil); err != nil {
			mustBePrintable(t, err)
		} else if !strings.Contains(document, "CompleteMultipartUploadResult") || !strings.Contains(document, "key") {
			t.Errorf("accepted as success: %q", document)
		}
	})
}

func FuzzGetObjectACL(f *testing.F) {
	for _, document := range documents {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		acl, err := inTurn(t, document).GetObjectACL(t.Context(), object)
		if err != nil {
			mustBePrintable(t, err)
		} else if acl == "" || !plausible(acl) {
			t.Errorf("ACL %q", acl)
		}
	})
}

func FuzzGetObjectTagging(f *testing.F) {
	for _, document := range documents {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		tags, err := inTurn(t, document).GetObjectTagging(t.Context(), object)
		if err != nil {
			mustBePrintable(t, err)
			if tags != nil {
				t.Error("an error and tags")
			}
		}
		if _, nameless := tags[""]; nameless || len(tags) > pageSize {
			t.Errorf("%d tags: %v", len(tags), tags)
		}
	})
}

// FuzzRefusal checks errors of any status, with an error document in the body or in
// the header of an answer to HEAD.
func FuzzRefusal(f *testing.F) {
	for i, document := range documents {
		for _, status := range [][]int{{403, 200}, {307, 203}, {412, 503}}[i%3] {
			f.Add(status, document, document)
		}
	}
	f.Fuzz(func(t *testing.T, status int, document, header string) {
		if status < 100 || status > 999 {
			return
		}
		for _, op := range operations {
			c := answering(t, func(req *http.Request, h http.Header) (int, string) {
				h.Set("X-Oss-Err", base64.StdEncoding.EncodeToString([]byte(header)))
				h.Set("X-Oss-Request-Id", header)
				h.Set("Retry-After", header)
				h.Set("Location", header)
				h.Set("Date", header)
				if req.Method == http.MethodHead {
					return status, ""
				}
				return status, document
			})
			err := op.call(t.Context(), c)
			if err == nil && success(status) {
				continue
			}
			var refusal *resumable.ServiceError
			if err == nil || !success(status) && !errors.As(err, &refusal) {
				t.Fatalf("%s, %d: %v", op.name, status, err)
			}
			mustBePrintable(t, err)
			if refusal != nil && refusal.RetryAfter < 0 {
				t.Errorf("RetryAfter is %v", refusal.RetryAfter)
			}
		}
	})
}

// Lists with more entries than requested take little memory.
func TestList_memory(t *testing.T) {
	t.Log("FAULT F60: lists of half a million entries")
	for root, element := range map[string]string{
		"ListPartsResult": "<Part/>", "ListMultipartUploadsResult": "<Upload/>", "Tagging": "<TagSet><Tag/></TagSet>",
		"ListVersionsResult": "<DeleteMarker/>", "ListBucketResult": "<Contents/>",
	} {
		c := inTurn(t, "<"+root+">"+strings.Repeat(element, (4<<20)/len(element))+"</"+root+">")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var err error
		switch root {
		case "ListPartsResult":
			_, err = c.ListParts(t.Context(), upload)
		case "ListVersionsResult":
			_, err = c.ListObjectVersions(t.Context(), object)
		case "Tagging":
			_, err = c.GetObjectTagging(t.Context(), object)
		case "ListBucketResult":
			err = lastError(c.Objects(t.Context(), object.Bucket, ""))
		default:
			_, err = c.ListMultipartUploads(t.Context(), object)
		}
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "it has more than") {
			t.Errorf("%s: %v", root, err)
		}
		if taken := (after.TotalAlloc - before.TotalAlloc) >> 20; taken > 64 {
			t.Errorf("%s took %d MiB", root, taken)
		}
	}
}
