// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"mime"
	"strings"
	"testing"
)

func TestContentTypeOf(t *testing.T) {
	for key, want := range map[string]string{
		"index.html":           "text/html",
		"site/INDEX.HTML":      "text/html",
		"a.tar.gz":             "application/gzip",
		"a.b/c":                unknownContentType,
		"dir.html/":            unknownContentType,
		"noextension":          unknownContentType,
		"ends.":                unknownContentType,
		".html":                "text/html",
		"photo.jpeg":           "image/jpeg",
		"thing.unheard-of-ext": unknownContentType,
	} {
		if got := contentTypeOf(key); got != want {
			t.Errorf("contentTypeOf(%q) = %q, want %q", key, got, want)
		}
	}
}

func TestContentTypes_wellFormed(t *testing.T) {
	for extension, value := range contentTypes {
		if extension != strings.ToLower(extension) || !strings.HasPrefix(extension, ".") {
			t.Errorf("%q is never looked up", extension)
		}
		if parsed, params, err := mime.ParseMediaType(value); err != nil || parsed != value || len(params) > 0 {
			t.Errorf("%s: %q is not a plain media type", extension, value)
		}
	}
}
