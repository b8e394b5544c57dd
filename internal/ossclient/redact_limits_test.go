// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"strings"
	"testing"
	"unicode"
)

// A secret inside a word is redacted from redactedAnywhere characters on.
func TestRedact_insideAWord(t *testing.T) {
	for length, anywhere := range map[int]bool{redactedAnywhere - 1: false, redactedAnywhere: true, redactedAnywhere + 1: true} {
		secret := strings.Repeat("s", length)
		text := "a" + secret + "b"
		want := text
		if anywhere {
			want = "a" + redacted + "b"
		}
		for name, c := range map[string]Credentials{
			"AccessKey ID": {AccessKeyID: secret}, "AccessKey secret": {AccessKeySecret: secret}, "security token": {SecurityToken: secret},
		} {
			if got := Redact(text, c); got != want {
				t.Errorf("%s of %d characters: got %q, want %q", name, length, got, want)
			}
			if got := containsLongSecret(text, c); got != anywhere {
				t.Errorf("%s of %d characters: containsLongSecret is %t", name, length, got)
			}
		}
	}
}

func TestRedact_atBothEnds(t *testing.T) {
	key := Credentials{AccessKeyID: "a"}
	for text, want := range map[string]string{
		"a":      redacted,
		"a b":    redacted + " b",
		"b a":    "b " + redacted,
		"ab":     "ab",
		"ba":     "ba",
		"%3Da":   "%3D" + redacted,
		"%3Da b": "%3D" + redacted + " b",
		"3Da":    "3Da",
		"%3Ga":   "%3Ga", // not an escaped character
		"%Da":    "%Da",  // nor is "%D", and "%Da" is one
	} {
		if got := Redact(text, key); got != want {
			t.Errorf("Redact(%q) = %q, want %q", text, got, want)
		}
	}
}

// Bytes from 0x80 on are parts of characters, which may be letters.
func TestIsLetterOrDigit(t *testing.T) {
	for c := range 256 {
		want := c >= 0x80 || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))
		if got := isLetterOrDigit(byte(c)); got != want {
			t.Errorf("isLetterOrDigit(%#x) = %t", c, got)
		}
	}
}

// A secret that begins with another one is redacted as a whole.
func TestRedact_longestFirst(t *testing.T) {
	short, long := Credentials{AccessKeySecret: "ab"}, Credentials{AccessKeySecret: "ab-cd"}
	for _, secrets := range [][]Credentials{{short, long}, {long, short}} {
		if got := Redact("key=ab-cd", secrets...); got != "key="+redacted {
			t.Errorf("got %q", got)
		}
	}
}
