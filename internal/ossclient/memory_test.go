// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// The memory for an answer is at most a small multiple of its size, whatever it
// contains. The test counts all allocations, also those of buffers that were outgrown
// and freed; the race detector makes these larger.
func TestAnswer_memory(t *testing.T) {
	const size, atMost = 2 << 20, 20
	repeat := func(text string) string { return strings.Repeat(text, size/len(text)) }
	forms := map[string]func(root string) string{
		"nested": func(root string) string { return "<" + root + ">" + repeat("<a>") },
		"nested and closed": func(root string) string {
			return "<" + root + ">" + strings.Repeat("<a>", size/8) + strings.Repeat("</a>", size/8) + "</" + root + ">"
		},
		"nested, other names": func(root string) string { return "<" + root + ">" + repeat("<Part><Upload><Contents><TagSet><Tag>") },
		"attributes":          func(root string) string { return "<" + root + " " + repeat(`a="" `) + "/>" },
		"attributes inside":   func(root string) string { return "<" + root + "><x " + repeat(`a='>' `) + "/></" + root + ">" },
		"name spaces":         func(root string) string { return "<" + root + ">" + repeat(`<a xmlns="b"/>`) + "</" + root + ">" },
		"empty elements":      func(root string) string { return "<" + root + ">" + repeat("<x/>") + "</" + root + ">" },
		"elements":            func(root string) string { return "<" + root + ">" + repeat("<Bucket>b</Bucket>") + "</" + root + ">" },
		"elements in entries": func(root string) string {
			return "<" + root + "><Part><ETag>" + repeat("<x/>") + "</ETag></Part></" + root + ">"
		},
		"text": func(root string) string { return "<" + root + "><Bucket>" + repeat("x") + "</Bucket></" + root + ">" },
		"entities": func(root string) string {
			return "<" + root + "><Bucket>" + repeat("&amp;") + "</Bucket></" + root + ">"
		},
		"comments":     func(root string) string { return "<" + root + ">" + repeat("<!-- ' -->") + "</" + root + ">" },
		"comment":      func(root string) string { return "<" + root + "><!--" + repeat("x") + "--></" + root + ">" },
		"instructions": func(root string) string { return "<" + root + ">" + repeat("<?a b?>") + "</" + root + ">" },
		"CDATA": func(root string) string {
			return "<" + root + "><Bucket>" + repeat("<![CDATA[x]]>") + "</Bucket></" + root + ">"
		},
		"directive":            func(root string) string { return "<!DOCTYPE a [" + repeat("<!ENTITY a 'b'>") + "]><" + root + "/>" },
		"long name":            func(root string) string { return "<" + root + "><" + repeat("x") },
		"after the document":   func(root string) string { return "<" + root + "></" + root + ">" + repeat("<a>") },
		"opened and not named": func(root string) string { return "<" + root + ">" + repeat("<") },
	}
	for root, status := range map[string]int{"Error": 403, "ListPartsResult": 200, "Tagging": 200} {
		for name, form := range forms {
			document := form(root)
			c := answering(t, func(*http.Request, http.Header) (int, string) { return status, document })
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if root == "Tagging" {
				_, _ = c.GetObjectTagging(t.Context(), object)
			} else {
				_, _ = c.ListParts(t.Context(), upload)
			}
			runtime.ReadMemStats(&after)
			taken := after.TotalAlloc - before.TotalAlloc
			if taken > atMost*uint64(len(document)) {
				t.Errorf("%s, %s: %d KiB took %d KiB", root, name, len(document)>>10, taken>>10)
			}
		}
	}
}

// A header that does not end is an error.
func TestAnswer_header(t *testing.T) {
	c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
		for n := range 300 {
			w.Header().Set(fmt.Sprintf("X-%d", n), strings.Repeat("x", 1<<10))
		}
	})
	_, err := c.HeadObject(t.Context(), object)
	if err == nil || !strings.Contains(err.Error(), "exceeded") {
		t.Errorf("error is %v", err)
	}
}
