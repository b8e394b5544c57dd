// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package escape

import (
	"fmt"
	"strings"
)

// HCL is a string of Terraform's language, with its quotes, that stands for
// exactly this text. It holds visible characters only, so it can be copied from
// a terminal into a configuration; no shell is involved. Bytes that are not
// UTF-8 become U+FFFD, as in all of Terraform.
func HCL(text string) Text {
	var b strings.Builder
	b.WriteByte('"')
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case (r == '$' || r == '%') && i+1 < len(runes) && runes[i+1] == '{':
			b.WriteRune(r)
			b.WriteRune(r) // else a template begins
		case visible(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return Text(b.String())
}
