// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package partplan

import (
	"math"
	"testing"
)

func TestSmallest(t *testing.T) {
	tests := []struct{ size, want int64 }{
		{0, MinPartSize},
		{1, MinPartSize},
		{MaxParts*MinPartSize - 1, MinPartSize},
		{MaxParts * MinPartSize, MinPartSize},
		{MaxParts*MinPartSize + 1, MinPartSize + 1},
		{MaxObjectSize - 1, MaxPartSize},
		{MaxObjectSize, MaxPartSize},
		{MaxObjectSize + 1, MaxPartSize + 1},
		{math.MaxInt64, math.MaxInt64/MaxParts + 1},
	}
	for _, tt := range tests {
		if got := Smallest(tt.size); got != tt.want {
			t.Errorf("Smallest(%d) = %d, want %d", tt.size, got, tt.want)
		}
	}
}

func TestAutoPartSize(t *testing.T) {
	const mib = 1 << 20
	tests := []struct {
		name                      string
		size, preferred, multiple int64
		want                      int64
	}{
		{"preferred is enough, with a byte to spare", MaxParts*8*mib - 1, 8 * mib, mib, 8 * mib},
		{"preferred is just enough", MaxParts * 8 * mib, 8 * mib, mib, 8 * mib},
		{"one byte too many: the next multiple", MaxParts*8*mib + 1, 8 * mib, mib, 9 * mib},
		{"preferred is kept though it is no multiple", 1, 8*mib + 1, mib, 8*mib + 1},
		{"multiple of one: the smallest", MaxParts*8*mib + 1, 8 * mib, 1, 8*mib + 1},
		{"smallest is a multiple", MaxParts * 9 * mib, 8 * mib, mib, 9 * mib},
		{"below the minimum: raised", 1, MinPartSize - 1, 1, MinPartSize},
		{"at the minimum", 1, MinPartSize, 1, MinPartSize},
		{"at the maximum", 1, MaxPartSize, 1, MaxPartSize},
		{"above the maximum: capped", 1, MaxPartSize + 1, 1, MaxPartSize},
		{"the largest object", MaxObjectSize, 8 * mib, 1 << 30, MaxPartSize},
		{"a multiple that would exceed the maximum", MaxObjectSize, 8 * mib, 3 << 30, MaxPartSize},
		{"larger than any object: capped, for New to refuse", MaxObjectSize + 1, 8 * mib, mib, MaxPartSize},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := AutoPartSize(tt.size, tt.preferred, tt.multiple)
			if got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
			if _, err := New(tt.size, got); (err != nil) != (tt.size > MaxObjectSize) {
				t.Errorf("New with that part size: %v", err)
			}
		})
	}
	t.Log("FAULT F66: a file of 10,001 parts: the automatic part size is raised")
}
