// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package escape

import (
	"fmt"
	"strings"
)

// Text is safe to print: words of the program, and text from outside that is
// escaped. Constants are Texts, and other strings become one by [Sprint] and
// [Sprintf]. A conversion of any other string is a mistake, which a test finds.
type Text string

// Sprintf formats like [fmt.Sprintf]. Every argument passes through [Line],
// except for a Text.
func Sprintf(format Text, args ...any) Text {
	escaped := make([]any, len(args))
	for i, arg := range args {
		escaped[i] = escapedArg(arg)
	}
	return Text(fmt.Sprintf(string(format), escaped...))
}

// escapedArg leaves numbers to fmt, which may need one for a width.
func escapedArg(arg any) any {
	switch arg := arg.(type) {
	case Text, int, int32, int64, uint64, float64, bool:
		return arg
	}
	return line{arg}
}

// Sprint is one string, error or [fmt.Stringer] on one line.
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

// line is an argument whose text is escaped, whatever the verb makes of it.
type line struct{ arg any }

func (l line) Format(state fmt.State, verb rune) {
	_, _ = fmt.Fprint(state, Line(fmt.Sprintf(fmt.FormatString(state, verb), l.arg)))
}
