// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package escape makes text that somebody else chose safe to print on a
// terminal: names of files and objects may hold anything.
package escape

import (
	"strconv"
	"strings"
	"unicode"
)

// Line makes what could move the cursor of a terminal, change its colour or
// begin another line visible.
func Line(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return b.String()
}

// Text is Line for each line of a text.
func Text(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Line(line)
	}
	return strings.Join(lines, "\n")
}
