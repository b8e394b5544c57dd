// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"strings"
	"testing"
)

func TestCheckShape_limits(t *testing.T) {
	comment := func(length int) string { return "<!--" + strings.Repeat(" ", length-len("<!---->")) + "-->" }
	for name, tt := range map[string]struct {
		text string
		good bool
	}{
		"as many tags as allowed":  {strings.Repeat("<b></b>", maxElements), true},
		"one tag more":             {strings.Repeat("<b></b>", maxElements) + "<b/>", false},
		"longest comment":          {comment(maxMarkup), true},
		"comment of one byte more": {comment(maxMarkup + 1), false},
		"empty comment":            {"<!---->", true},
		"empty instruction":        {"<??>", true},
		"empty CDATA":              {"<a><![CDATA[]]></a>", true},
		"comment in a comment":     {"<!--<!---->", true},
		"comment without an end":   {"<!--", false},
	} {
		if err := checkShape([]byte(tt.text)); err == nil != tt.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPlausible(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "!~": true, "a b": false, "a\n": false, "a\x7f": false, "é": false,
		strings.Repeat("x", 256): true, strings.Repeat("x", 257): false,
	} {
		if plausible(text) != want {
			t.Errorf("plausible(%q) is %t", text, !want)
		}
	}
}
