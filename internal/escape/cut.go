// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package escape

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Cut shortens a name to width columns. It keeps the bucket, if there is room, and the
// end of the key, which distinguishes objects in a folder.
func Cut(name Text, width int) Text {
	if ansi.StringWidth(string(name)) <= width && utf8.RuneCountInString(string(name)) <= 2*width {
		return name
	}
	head, tail := "", string(name)
	if bucket, _, ok := strings.Cut(strings.TrimPrefix(tail, "oss://"), "/"); ok {
		if start := "oss://" + bucket + "/"; strings.HasPrefix(tail, start) && len(start) <= width/2 {
			head, tail = start, tail[len(start):]
		}
	}
	if runes := []rune(tail); len(runes) > 2*width { // most have no width, such as stacked accents
		tail = string(runes[len(runes)-2*width:])
	}
	room := width - len(head)
	more := max(1, ansi.StringWidth(tail)-room+1)
	short := ansi.TruncateLeft(tail, more, "…")
	if ansi.StringWidth(short) > room { // the cut was in the middle of a wide character
		short = ansi.TruncateLeft(tail, more+1, "…")
	}
	return Sprintf("%s%s", head, short)
}
