// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package escape

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"plain text_1.qcow2":     "plain text_1.qcow2",
		"\u00e9\u65e5\U0001f600": "\u00e9\u65e5\U0001f600",
		"e\u0301":                "e\u0301", // a combining accent is visible
		"a\x1b[31mb\x07":         `a\x1b[31mb\a`,
		"\x1b]0;title\x07":       `\x1b]0;title\a`,
		"line\r\nfeed\ttab":      `line\r\nfeed\ttab`,
		"del\x7f":                `del\x7f`,
		"\u009b2J":               `\u009b2J`, // the one-character form of ESC [
		"a\u202egpj.exe":         `a\u202egpj.exe`,
		"\u2066a\u2069\u061c":    `\u2066a\u2069\u061c`,
		"a\u200bb\u200d\ufeff":   `a\u200bb\u200d\ufeff`,
		"a\u2028b\u2029c":        `a\u2028b\u2029c`,
		"a\u00a0b\u3000c":        `a\u00a0b\u3000c`,       // other spaces than U+0020
		"a\u3164b\u115f\u2800c":  `a\u3164b\u115f\u2800c`, // invisible letters
		"a\ufe0fb\U000e0101":     `a\ufe0fb\U000e0101`,
		"\U000e0041":             `\U000e0041`, // a tag character
		"\ue000":                 `\ue000`,     // private use
		"\xff\xc0a":              `\xff\xc0a`,
		"\xed\xa0\x80":           `\xed\xa0\x80`, // half of a surrogate pair
		"\ufffd":                 "\ufffd",
		`already \x1b[2J`:        `already \x1b[2J`,
	} {
		if got := Line(text); got != want {
			t.Errorf("Line(%q) = %q, want %q", text, got, want)
		}
		if got := Line(want); got != want {
			t.Errorf("Line(%q) = %q: want no change", want, got)
		}
	}
}

func TestLines(t *testing.T) {
	if got, want := Lines("a\x1b[2J\n\nb\t\r"), "a\\x1b[2J\n\nb\t\\r"; got != want {
		t.Errorf("got %q", got)
	}
}

const hostile = "a\x1b]0;title\x07\nError: \u202e$(touch x)'\"\xff"

func TestSprintf(t *testing.T) {
	const line = `a\x1b]0;title\a\nError: \u202e$(touch x)'"\xff`
	for _, c := range []struct {
		got  Text
		want string
	}{
		{Sprintf("%s", hostile), line},
		{Sprintf("%v\n\n%v", errors.New(hostile), "b"), line + "\n\nb"},
		{Sprintf("%v", stringer{}), line},
		{Sprintf("%s", []string{hostile}), "[" + line + "]"},
		{Sprintf("%+v", struct{ Key string }{hostile}), "{Key:" + line + "}"},
		{Sprintf("%q", "a\x1bb"), `"a\x1bb"`},
		{Sprintf("%5.1f %3d %[2]d %t", 12.34, 7, true), " 12.3   7 7 true"},
		{Sprintf("%v %s", time.Minute, Text("a\nb")), "1m0s a\nb"},
		{Sprintf("%-4s|%4s", "a", "b"), "a   |   b"},
		{Sprint(errors.New(hostile)), line},
		{Sprint(nil), "<nil>"},
		{Join([]Text{"a", Sprint("b\n"), "c"}, "\n"), "a\nb\\n\nc"},
		{Join(nil, "\n"), ""},
	} {
		if string(c.got) != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

type stringer struct{}

func (stringer) String() string { return hostile }

func TestHCL(t *testing.T) {
	for text, want := range map[string]string{
		"a/b.txt":              `"a/b.txt"`,
		`a"b\c`:                `"a\"b\\c"`,
		"a\nb\x1b\u202e\x00":   `"a\u000ab\u001b\u202e\u0000"`,
		"${a}%{b} $ % $$ a$":   `"$${a}%%{b} $ % $$ a$"`,
		"$${a}":                `"$$${a}"`,
		"\U000e0041\U0001f600": "\"\\U000e0041\U0001f600\"",
	} {
		if got := HCL(text); string(got) != want {
			t.Errorf("HCL(%q) = %s, want %s", text, got, want)
		}
	}
}

// The result is one line of visible characters, and is not escaped twice.
func FuzzLine(f *testing.F) {
	f.Add(hostile)
	f.Add("\u3164\u2800\ufe0f\u00a0")
	f.Fuzz(func(t *testing.T, text string) {
		for _, got := range []string{Line(text), string(Sprintf("%s", text)), string(Sprintf("%q %v", text, errors.New(text))), string(HCL(text))} {
			if bad := strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }); bad >= 0 {
				t.Errorf("%q: %q has an invisible character at %d", text, got, bad)
			}
			if again := Line(got); again != got {
				t.Errorf("%q: %q becomes %q", text, got, again)
			}
		}
		want := fmt.Sprintf("%q", text)
		if got := Sprintf("%s\n", Text(want)); string(got) != want+"\n" {
			t.Errorf("a Text was changed: %q", got)
		}
	})
}
