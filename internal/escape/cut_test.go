// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package escape

import (
	"strings"
	"testing"
)

func TestCut(t *testing.T) {
	for _, c := range []struct {
		name  string
		width int
		want  string
	}{
		{"oss://b/key", 11, "oss://b/key"},
		{"oss://b/0123456789/end", 20, "oss://b/…3456789/end"},
		{"oss://b/0123456789/end", 15, "…0123456789/end"}, // no room for the bucket
		{"oss://b/\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e/end", 17, "oss://b/…\u672c\u8a9e/end"},
		{"v1-0123456789.journal", 10, "…9.journal"},
		{"oss://b/" + strings.Repeat("e\u0301", 9), 17, "oss://b/" + strings.Repeat("e\u0301", 9)},
	} {
		if got := Cut(Text(c.name), c.width); string(got) != c.want {
			t.Errorf("%q in %d columns: %q, want %q", c.name, c.width, got, c.want)
		}
	}
	stacked := Text("oss://b/a" + strings.Repeat("\u0301", 1000) + "end")
	for width := 1; width < 60; width++ {
		got := Cut(stacked, width)
		if n := len([]rune(string(got))); n > 3*width+1 {
			t.Errorf("%d columns: %d characters", width, n)
		}
	}
}
