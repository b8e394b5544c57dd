// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// Ranges of an object are copied into parts, if the object has the expected ETag.
func TestUploadPartCopy(t *testing.T) {
	s := newState(t, osstest.Config{})
	c := s.client(t, Config{})
	from := resumable.Range{CopySource: resumable.CopySource{Object: s.dst.Object, ETag: s.etag}, Offset: 1, Size: 2}
	part, err := c.UploadPartCopy(t.Context(), s.upload, 1, from)
	if err != nil || part.Number != 1 || part.Size != 2 || part.CRC64 == "" {
		t.Fatalf("%+v, %v", part, err)
	}
	if listed, err := c.ListParts(t.Context(), s.upload); err != nil || len(listed) != 1 || listed[0] != part {
		t.Errorf("listed %+v, want %+v: %v", listed, part, err)
	}
	from.ETag = "OTHER"
	if _, err := c.UploadPartCopy(t.Context(), s.upload, 2, from); !errors.Is(err, resumable.ErrPreconditionFailed) {
		t.Errorf("of another ETag: %v", err)
	}
	from.ETag, from.Offset = s.etag, 2 // "old" is shorter, so OSS copies all of it
	part, err = c.UploadPartCopy(t.Context(), s.upload, 2, from)
	if err != nil {
		t.Fatal(err)
	}
	if listed, err := c.ListParts(t.Context(), s.upload); err != nil || listed[1].ETag != part.ETag || listed[1].Size == part.Size {
		t.Errorf("the list does not show that the whole object was copied: %+v, %v", listed, err)
	}
}

// A copy of another object has the headers, tags and ACL of the request, not those of
// the source. It respects ForbidOverwrite.
func TestCopyObject_fromAnother(t *testing.T) {
	s := newState(t, osstest.Config{})
	c := s.client(t, Config{})
	s.server.SetTags(s.dst.Bucket, s.dst.Key, map[string]string{"old": "1"})
	dst := s.dst
	dst.Key, dst.ForbidOverwrite, dst.Tags, dst.ACL = "a b+c", true, map[string]string{"a b": "c"}, "private"
	dst.Headers = resumable.Headers{ContentType: "text/new"}
	if _, err := c.CopyObject(t.Context(), dst, resumable.CopySource{Object: s.dst.Object, ETag: s.etag}); err != nil {
		t.Fatal(err)
	}
	copied, _ := s.server.Object(dst.Bucket, dst.Key)
	if copied.ACL != "private" || len(copied.Tags) != 1 || copied.Tags["a b"] != "c" || copied.Header.Get("Content-Type") != "text/new" {
		t.Errorf("%+v", copied)
	}
	if _, err := c.CopyObject(t.Context(), dst, resumable.CopySource{Object: s.dst.Object, ETag: s.etag}); !errors.Is(err, resumable.ErrObjectExists) {
		t.Errorf("over an object: %v", err)
	}
	dst.ForbidOverwrite, dst.Tags = false, nil
	if _, err := c.CopyObject(t.Context(), dst, resumable.CopySource{Object: s.dst.Object, ETag: s.etag}); err != nil {
		t.Error(err)
	}
	if copied, _ := s.server.Object(dst.Bucket, dst.Key); len(copied.Tags) != 0 {
		t.Errorf("tags were copied: %v", copied.Tags)
	}
	if _, err := c.CopyObject(t.Context(), dst, resumable.CopySource{Object: s.dst.Object, ETag: "OTHER"}); !errors.Is(err, resumable.ErrPreconditionFailed) {
		t.Errorf("of another ETag: %v", err)
	}
}

// TestUploadPartCopy_onTheWire checks the encoding of the copy source, and answers
// that are errors.
func TestUploadPartCopy_onTheWire(t *testing.T) {
	const good = `<CopyPartResult><ETag>"E"</ETag></CopyPartResult>`
	from := resumable.Range{CopySource: resumable.CopySource{Object: resumable.Object{Bucket: "bucket", Key: "a b+c/d%"}, ETag: "E"}, Offset: 10, Size: 90}
	for name, answer := range map[string]struct {
		contentRange, document string
		says                   string // part of the error; "" for success
	}{
		"good":          {"bytes 10-99/200", good, ""},
		"without range": {"", good, ""},
		"other range":   {"bytes 10-98/200", good, "instead of bytes 10-99"},
		"whole":         {"bytes 0-199/200", good, "instead of bytes 10-99"},
		"error":         {"bytes 10-99/200", errorXML("InternalError", "x"), "InternalError"},
		"no ETag":       {"bytes 10-99/200", "<CopyPartResult/>", "without an ETag"},
		"other root":    {"bytes 10-99/200", "<CopyObjectResult><ETag>E</ETag></CopyObjectResult>", "UploadPartCopy"},
	} {
		var sent http.Header
		c := answering(t, func(req *http.Request, h http.Header) (int, string) {
			sent = req.Header
			if answer.contentRange != "" {
				h.Set("Content-Range", answer.contentRange)
			}
			return 200, answer.document
		})
		part, err := c.UploadPartCopy(t.Context(), upload, 7, from)
		if answer.says == "" && (err != nil || part != resumable.StoredPart{Number: 7, Size: 90, ETag: "E"}) {
			t.Errorf("%s: %+v, %v", name, part, err)
		}
		if answer.says != "" && (err == nil || !strings.Contains(err.Error(), answer.says)) {
			t.Errorf("%s: %v, want %q", name, err, answer.says)
		}
		for header, want := range map[string]string{
			"X-Oss-Copy-Source":          "/bucket/a%20b%2Bc%2Fd%25",
			"X-Oss-Copy-Source-If-Match": `"E"`,
			"X-Oss-Copy-Source-Range":    "bytes=10-99",
		} {
			if got := sent.Get(header); got != want {
				t.Errorf("%s: %q, want %q", header, got, want)
			}
		}
	}
}
