// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package escape makes text from outside safe to print on a terminal: names of
// files and objects, and answers of servers, may hold anything.
//
// [Text] is what has passed through it. All that the provider prints is a Text,
// so the compiler finds a name that is not escaped.
package escape

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes visible what could move the cursor of a terminal, change its
// colour, its title or the order of its letters, begin another line, or not be
// seen at all: control characters (C0 and C1), bidirectional controls, other
// separators than the space, invisible letters and marks, and bytes that are
// not UTF-8. The spelling is Go's. Text that has passed through Line passes
// unchanged.
func Line(text string) string {
	return spell(text, "")
}

// Lines is Line for text with line breaks and tabs of its own.
func Lines(text string) string {
	return spell(text, "\n\t")
}

func spell(text, allowed string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case visible(r) || strings.ContainsRune(allowed, r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
		text = text[size:]
	}
	return b.String()
}

// brailleBlank is a symbol to Unicode, and looks like a space.
const brailleBlank = '\u2800'

// visible is false of letters and marks that [unicode.IsPrint] lets pass and
// that show nothing: fillers, joiners and variation selectors.
func visible(r rune) bool {
	return unicode.IsPrint(r) && r != brailleBlank &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
