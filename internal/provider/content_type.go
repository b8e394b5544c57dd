// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"path"
	"strings"
)

const unknownContentType = "application/octet-stream"

// contentTypeOf returns the type for the extension of a key. It does not use
// package mime, which reads files of the machine: the plans of two users would
// undo each other.
func contentTypeOf(key string) string {
	if t, known := contentTypes[strings.ToLower(path.Ext(key))]; known {
		return t
	}
	return unknownContentType
}

// contentTypes follows the IANA registry where it has an entry, and otherwise the
// common practice of browsers and servers. A text type has no charset, because
// the provider does not inspect the file. Entries never change: the next plan of
// every user would change every such object.
var contentTypes = map[string]string{
	// text
	".css":      "text/css",
	".csv":      "text/csv",
	".htm":      "text/html",
	".html":     "text/html",
	".ics":      "text/calendar",
	".js":       "text/javascript",
	".log":      "text/plain",
	".markdown": "text/markdown",
	".md":       "text/markdown",
	".mjs":      "text/javascript",
	".tsv":      "text/tab-separated-values",
	".txt":      "text/plain",
	".vtt":      "text/vtt",

	// data
	".avro":        "application/vnd.apache.avro",
	".geojson":     "application/geo+json",
	".json":        "application/json",
	".jsonl":       "application/jsonl",
	".jsonld":      "application/ld+json",
	".map":         "application/json",
	".ndjson":      "application/x-ndjson",
	".parquet":     "application/vnd.apache.parquet",
	".sql":         "application/sql",
	".sqlite":      "application/vnd.sqlite3",
	".toml":        "application/toml",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
	".xml":         "application/xml",
	".yaml":        "application/yaml",
	".yml":         "application/yaml",

	// archives and packages
	".7z":  "application/x-7z-compressed",
	".apk": "application/vnd.android.package-archive",
	".bz2": "application/x-bzip2",
	".deb": "application/vnd.debian.binary-package",
	".dmg": "application/x-apple-diskimage",
	".gz":  "application/gzip",
	".iso": "application/x-iso9660-image",
	".jar": "application/java-archive",
	".rar": "application/vnd.rar",
	".rpm": "application/x-rpm",
	".tar": "application/x-tar",
	".tgz": "application/gzip",
	".war": "application/java-archive",
	".xz":  "application/x-xz",
	".zip": "application/zip",
	".zst": "application/zstd",

	// documents
	".doc":  "application/msword",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".epub": "application/epub+zip",
	".odp":  "application/vnd.oasis.opendocument.presentation",
	".ods":  "application/vnd.oasis.opendocument.spreadsheet",
	".odt":  "application/vnd.oasis.opendocument.text",
	".pdf":  "application/pdf",
	".ppt":  "application/vnd.ms-powerpoint",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".ps":   "application/postscript",
	".rtf":  "application/rtf",
	".xls":  "application/vnd.ms-excel",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",

	// images
	".apng": "image/apng",
	".avif": "image/avif",
	".bmp":  "image/bmp",
	".gif":  "image/gif",
	".heic": "image/heic",
	".ico":  "image/vnd.microsoft.icon",
	".jpeg": "image/jpeg",
	".jpg":  "image/jpeg",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".tif":  "image/tiff",
	".tiff": "image/tiff",
	".webp": "image/webp",

	// audio and video
	".aac":  "audio/aac",
	".avi":  "video/x-msvideo",
	".flac": "audio/flac",
	".m3u8": "application/vnd.apple.mpegurl",
	".m4a":  "audio/mp4",
	".mkv":  "video/matroska",
	".mov":  "video/quicktime",
	".mp3":  "audio/mpeg",
	".mp4":  "video/mp4",
	".mpeg": "video/mpeg",
	".ogg":  "audio/ogg",
	".ogv":  "video/ogg",
	".opus": "audio/ogg",
	".ts":   "video/mp2t",
	".wav":  "audio/wav",
	".weba": "audio/webm",
	".webm": "video/webm",

	// fonts
	".otf":   "font/otf",
	".ttf":   "font/ttf",
	".woff":  "font/woff",
	".woff2": "font/woff2",
}
