// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package escape

import "testing"

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"plain text_1.qcow2":     "plain text_1.qcow2",
		"\u00e9\u65e5\U0001f600": "\u00e9\u65e5\U0001f600",
		"a\x1b[31mb\x07":         `a\x1b[31mb\a`,
		"line\r\nfeed\ttab":      `line\r\nfeed\ttab`,
		"\u009b2J":               `\u009b2J`, // the one-character form of ESC [
		"a\u202egpj.exe":         `a\u202egpj.exe`,
		"\xff":                   "\ufffd",
	} {
		if got := Line(text); got != want {
			t.Errorf("Line(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestText(t *testing.T) {
	if got, want := Text("a\x1b[2J\n\nb\t"), "a\\x1b[2J\n\nb\\t"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
