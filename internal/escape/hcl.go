// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package escape

import (
	"fmt"
	"strings"
)

// HCL returns text as a quoted string of the Terraform language. The result has visible
// characters only, so it can be copied from a terminal into a configuration. It is not
// quoted for a shell. Bytes that are not UTF-8 become U+FFFD, as in Terraform.
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
			b.WriteRune(r) // otherwise a template sequence would begin
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
