// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package escape

import (
	"fmt"
	"strings"
)

// Text is safe to print. It consists of constants and of escaped text from outside.
// Untyped constants are Texts; [Sprint] and [Sprintf] convert other strings. TestPrinted
// finds direct conversions of other strings, which are not allowed.
type Text string

// Sprintf formats like [fmt.Sprintf]. It escapes every argument with [Line], except for
// Texts.
func Sprintf(format Text, args ...any) Text {
	escaped := make([]any, len(args))
	for i, arg := range args {
		escaped[i] = escapedArg(arg)
	}
	return Text(fmt.Sprintf(string(format), escaped...))
}

// escapedArg does not wrap numbers, because fmt may use one as a width.
func escapedArg(arg any) any {
	switch arg := arg.(type) {
	case Text, int, int32, int64, uint64, float64, bool:
		return arg
	}
	return line{arg}
}

// Sprint returns a string, error or [fmt.Stringer] as a Text on one line.
func Sprint(arg any) Text { return Sprintf("%v", arg) }

// Join is [strings.Join] for Texts.
func Join(texts []Text, separator Text) Text {
	var b strings.Builder
	for i, text := range texts {
		if i > 0 {
			b.WriteString(string(separator))
		}
		b.WriteString(string(text))
	}
	return Text(b.String())
}

// line is an argument that is escaped after it has been formatted.
type line struct{ arg any }

func (l line) Format(state fmt.State, verb rune) {
	_, _ = fmt.Fprint(state, Line(fmt.Sprintf(fmt.FormatString(state, verb), l.arg)))
}
