// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package partplan

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestNewAtEachLimit(t *testing.T) {
	const gib = 1 << 30
	tests := []struct {
		name           string
		size, partSize int64
		parts          int
		last           int64 // size of the last part
		err            error
		says           string // in the error's text
	}{
		{name: "negative size", size: -1, partSize: MinPartSize, says: "negative"},
		{name: "empty object", size: 0, partSize: MinPartSize},
		{name: "one byte", size: 1, partSize: MinPartSize, parts: 1, last: 1},

		{name: "part size below the minimum", size: 1, partSize: MinPartSize - 1, err: ErrPartSize, says: "is 102400"},
		{name: "part size at the minimum", size: MinPartSize, partSize: MinPartSize, parts: 1, last: MinPartSize},
		{name: "part size above the minimum", size: MinPartSize, partSize: MinPartSize + 1, parts: 1, last: MinPartSize},
		{name: "no part size", size: 1, partSize: 0, err: ErrPartSize, says: "is 102400"},

		{name: "part size below the maximum", size: MaxPartSize, partSize: MaxPartSize - 1, parts: 2, last: 1},
		{name: "part size at the maximum", size: MaxPartSize, partSize: MaxPartSize, parts: 1, last: MaxPartSize},
		{name: "part size above the maximum", size: MaxPartSize, partSize: MaxPartSize + 1, err: ErrPartSize, says: "5368709120"},

		{name: "a byte less than two parts", size: 2*gib - 1, partSize: gib, parts: 2, last: gib - 1},
		{name: "exactly two parts", size: 2 * gib, partSize: gib, parts: 2, last: gib},
		{name: "a byte more than two parts", size: 2*gib + 1, partSize: gib, parts: 3, last: 1},

		{name: "a byte less than all parts", size: MaxParts*MinPartSize - 1, partSize: MinPartSize, parts: MaxParts, last: MinPartSize - 1},
		{name: "exactly all parts", size: MaxParts * MinPartSize, partSize: MinPartSize, parts: MaxParts, last: MinPartSize},
		{name: "a byte more than all parts", size: MaxParts*MinPartSize + 1, partSize: MinPartSize, err: ErrTooManyParts, says: "is 102401"},

		{name: "a byte less than the largest object", size: MaxObjectSize - 1, partSize: MaxPartSize, parts: MaxParts, last: MaxPartSize - 1},
		{name: "the largest object", size: MaxObjectSize, partSize: MaxPartSize, parts: MaxParts, last: MaxPartSize},
		{name: "the largest object in smaller parts", size: MaxObjectSize, partSize: MaxPartSize - 1, err: ErrTooManyParts, says: "is 5368709120"},
		{name: "a byte more than the largest object", size: MaxObjectSize + 1, partSize: MaxPartSize, err: ErrTooManyParts, says: "larger than"},
		{name: "no such file", size: math.MaxInt64, partSize: MaxPartSize, err: ErrTooManyParts, says: "larger than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plan, err := New(tt.size, tt.partSize)
			if tt.says != "" {
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Fatalf("error %v, want one that says %q", err, tt.says)
				}
				if tt.err != nil && !errors.Is(err, tt.err) {
					t.Errorf("error %v, want %v", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if plan.Size() != tt.size || plan.PartSize() != tt.partSize || plan.Len() != tt.parts {
				t.Errorf("%d bytes in %d parts of %d, want %d in %d of %d",
					plan.Size(), plan.Len(), plan.PartSize(), tt.size, tt.parts, tt.partSize)
			}
			if tt.parts > 0 && plan.Part(tt.parts).Size != tt.last {
				t.Errorf("last part has %d bytes, want %d", plan.Part(tt.parts).Size, tt.last)
			}
		})
	}
	t.Log("FAULT F66: an explicit part size that is too small: error that tells the smallest")
	t.Log("FAULT F44: part sizes of 100 KiB and 5 GiB, minus and plus one")
}

func TestPartsCoverTheObject(t *testing.T) {
	for _, size := range []int64{0, 1, MinPartSize - 1, MinPartSize, MinPartSize + 1, 7*MinPartSize + 5, MaxParts * MinPartSize} {
		plan, err := New(size, MinPartSize)
		if err != nil {
			t.Fatal(err)
		}
		var end int64
		number := 0
		for part := range plan.Parts() {
			number++
			if part.Number != number || part.Offset != end || part.Size < 1 || part.Size > MinPartSize {
				t.Fatalf("size %d: part %+v after number %d, offset %d", size, part, number-1, end)
			}
			if part != plan.Part(number) {
				t.Fatalf("size %d: Parts and Part disagree at %d", size, number)
			}
			end += part.Size
		}
		if end != size || number != plan.Len() {
			t.Errorf("size %d: %d parts end at %d, Len is %d", size, number, end, plan.Len())
		}
	}
}

func TestPartsStopsEarly(t *testing.T) {
	plan, err := New(5*MinPartSize, MinPartSize)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for range plan.Parts() {
		if seen++; seen == 2 {
			break
		}
	}
	if seen != 2 {
		t.Errorf("saw %d parts", seen)
	}
}

func TestPartOutsideThePlanPanics(t *testing.T) {
	plan, err := New(3*MinPartSize, MinPartSize)
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []int{-1, 0, 4} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Part(%d) of 3 did not panic", number)
				}
			}()
			plan.Part(number)
		}()
	}
}

func TestZeroPlanHasNoParts(t *testing.T) {
	var plan Plan
	if parts := slices.Collect(plan.Parts()); plan.Len() != 0 || len(parts) != 0 {
		t.Errorf("%d parts, Len %d", len(parts), plan.Len())
	}
}
