// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"encoding/xml"
	"strings"
	"testing"
)

func TestCheckShape(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) }
	for name, tt := range map[string]struct {
		text string
		good bool
	}{
		"empty":             {"", true},
		"text":              {"no markup > at all", true},
		"deepest":           {nested(maxDepth), true},
		"too deep":          {nested(maxDepth + 1), false},
		"siblings":          {"<a>" + strings.Repeat("<b><c/></b>", 1000) + "</a>", true},
		"most elements":     {"<a>" + strings.Repeat("<b/>", maxElements) + "</a>", true},
		"too many":          {strings.Repeat("<b></b>", maxElements+1), false},
		"slash in a value":  {strings.Repeat(`<a b="/>">`, maxDepth), true},
		"deep, with values": {strings.Repeat(`<a b="/>">`, maxDepth+1), false},
		"other quote":       {strings.Repeat(`<a b='"'>`, maxDepth+1), false},
		"longest tag":       {"<a " + strings.Repeat(" ", maxMarkup-4) + ">", true},
		"tag too long":      {"<a " + strings.Repeat(" ", maxMarkup-3) + ">", false},
		"comment":           {"<!-- <a> ' -->" + nested(maxDepth), true},
		"after a comment":   {"<!-- ' -->" + nested(maxDepth+1), false},
		"comment too long":  {"<!--" + strings.Repeat(" ", maxMarkup) + "-->", false},
		"instruction":       {`<?xml version="1.0" encoding="UTF-8"?><a/>`, true},
		"CDATA":             {"<a><![CDATA[" + strings.Repeat("<a>", maxMarkup) + "]]></a>", true},
		"CDATA, open":       {"<a><![CDATA[", false},
		"directive":         {"<!DOCTYPE a><a/>", false},
		"open":              {"<", false},
		"nothing":           {"<>", false},
		"slash":             {"</>", true}, // package xml refuses it
	} {
		if err := checkShape([]byte(tt.text)); err == nil != tt.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A document that passes checkShape is within the limits for package xml, too.
func FuzzCheckShape(f *testing.F) {
	for _, seed := range append(documents,
		"<a b='>'/><c>", "<!-- ' --><a x='>' y='>'>", "<![CDATA[<a>]]>", "<?a ?><b/>", `<a b="c"/>`, "<a/ >", "< a>", "<a\n>", strings.Repeat("<a>", maxDepth+2),
	) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if checkShape([]byte(text)) != nil {
			return
		}
		decoder := xml.NewDecoder(strings.NewReader(text))
		for depth := 0; ; {
			token, err := decoder.Token()
			if err != nil {
				return
			}
			switch token := token.(type) {
			case xml.StartElement:
				depth++
				if len(token.Attr) > maxMarkup {
					t.Fatalf("%d attributes", len(token.Attr))
				}
			case xml.EndElement:
				depth--
			case xml.Directive:
				t.Fatal("a directive")
			}
			if depth > maxDepth+1 { // a self-closing element counts, too
				t.Fatalf("%q is %d deep", text, depth)
			}
		}
	})
}
