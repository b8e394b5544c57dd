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

		// A browser or a feed reader needs the type.
		"feed.rss":     "application/rss+xml",
		"feed.atom":    "application/atom+xml",
		"font.eot":     "application/vnd.ms-fontobject",
		"module.cjs":   "application/node",
		"scene.glb":    "model/gltf-binary",
		"scene.gltf":   "model/gltf+json",
		"page.xhtml":   "application/xhtml+xml",
		"image.jxl":    "image/jxl",
		"segment.m4s":  "video/iso.segment",
		"stream.mpd":   "application/dash+xml",
		"release.asc":  "application/pgp-signature",
		"contact.vcf":  "text/vcard",
		"archive.txz":  "application/x-xz",
		"clip.m4v":     "video/x-m4v",
		"track.gpx":    "application/gpx+xml",
		"package.msix": "application/msix",
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
