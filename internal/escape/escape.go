// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package escape makes text from outside safe to print on a terminal. The names of files
// and objects, and the answers of servers, may contain any characters.
//
// The result is a [Text]. Everything that the provider prints is a Text, so the compiler
// reports text that is not escaped.
package escape

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line escapes characters that could move the cursor of a terminal, change its color,
// its title or the order of characters, begin a new line, or be invisible: control
// characters (C0 and C1), bidirectional controls, separators other than the space,
// invisible letters and marks, and bytes that are not UTF-8. It uses the escape
// sequences of Go, and does not escape its own result again.
func Line(text string) string {
	return spell(text, "")
}

// Lines is like Line, but keeps line breaks and tabs.
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

// brailleBlank is a symbol in Unicode, but looks like a space.
const brailleBlank = '\u2800'

// visible reports whether r is visible. Unlike [unicode.IsPrint], it returns false for
// fillers, joiners and variation selectors.
func visible(r rune) bool {
	return unicode.IsPrint(r) && r != brailleBlank &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
