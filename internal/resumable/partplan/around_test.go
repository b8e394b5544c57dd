// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package partplan

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/chunks"
)

func TestAround(t *testing.T) {
	for _, row := range []struct {
		name  string
		size  int64 // KiB, as all sizes and offsets
		parts []Part
		want  []Part
	}{
		{"no parts", 2048, nil, []Part{{1, 0, 1024}, {2, 1024, 1024}}},
		{"the first part", 1300, []Part{{1, 0, 300}}, []Part{{1, 0, 300}, {2, 300, 1000}}},
		{"a gap of one part", 1300, []Part{{2, 200, 1100}}, []Part{{1, 0, 200}, {2, 200, 1100}}},
		{"a gap of one part and two numbers", 1300, []Part{{1, 0, 300}, {4, 700, 600}}, []Part{{1, 0, 300}, {2, 300, 400}, {4, 700, 600}}},
		{"a gap of two parts", 1900, []Part{{1, 0, 300}, {6, 1400, 500}}, []Part{{1, 0, 300}, {2, 300, 550}, {3, 850, 550}, {6, 1400, 500}}},
		{"a gap that is too large", 2048, []Part{{1, 0, 300}, {3, 1500, 548}}, []Part{{1, 0, 300}, {2, 300, 1024}, {3, 1324, 724}}},
		{"a part left out", 2048, []Part{{1, 0, 300}, {3, 1500, 300}, {4, 1800, 248}}, []Part{{1, 0, 300}, {2, 300, 750}, {3, 1050, 750}, {4, 1800, 248}}},
		{"a gap that is too small", 1000, []Part{{2, 99, 901}}, []Part{{1, 0, 1000}}},
		{"too close", 1000, []Part{{1, 0, 500}, {2, 499, 501}}, []Part{{1, 0, 500}, {2, 500, 500}}},
		{"numbers without a part between them", 1000, []Part{{1, 0, 500}, {3, 500, 500}}, []Part{{1, 0, 500}, {3, 500, 500}}},
		{"numbers up to the last one", 3072, []Part{{9999, 0, 1024}}, nil},
		{"the last number", 2048, []Part{{10000, 1024, 1024}}, []Part{{1, 0, 1024}, {10000, 1024, 1024}}},
		{"behind the last number", 1024, []Part{{10001, 0, 1024}}, []Part{{1, 0, 1024}}},
		{"the same number twice", 1000, []Part{{1, 0, 500}, {1, 0, 500}}, []Part{{1, 0, 500}, {2, 500, 500}}},
		{"a small part at the end", 501, []Part{{2, 500, 1}}, []Part{{1, 0, 500}, {2, 500, 1}}},
		{"a small part before the end", 800, []Part{{1, 0, 99}}, []Part{{1, 0, 800}}},
		{"behind the end", 800, []Part{{1, 0, 801}}, []Part{{1, 0, 800}}},
		{"all parts", 600, []Part{{1, 0, 300}, {2, 300, 300}}, []Part{{1, 0, 300}, {2, 300, 300}}},
	} {
		in := func(parts []Part) (bytes []Part) {
			for _, p := range parts {
				bytes = append(bytes, Part{p.Number, p.Offset * kib, p.Size * kib})
			}
			return bytes
		}
		if got := Around(in(row.parts), row.size*kib, mib); !slices.Equal(got, in(row.want)) {
			t.Errorf("%s: got %v, want %v", row.name, got, in(row.want))
		}
	}
	if got := Around([]Part{{1, 0, MinPartSize}}, MaxParts*MinPartSize+MinPartSize, MinPartSize); len(got) != 0 {
		t.Errorf("%d parts", len(got))
	}
}

// OSS has any parts of a mixed plan. All are kept, and the rest is sent in parts of the
// usual size.
func TestAround_mixed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pieces []chunks.Piece
		var size int64
		for range rapid.IntRange(1, 40).Draw(t, "pieces") {
			p := chunks.Piece{Size: rapid.Int64Range(64*kib, 3*mib).Draw(t, "size"), From: none}
			if rapid.Bool().Draw(t, "copied") {
				p.From = rapid.Int64Range(0, 1<<40).Draw(t, "from")
			}
			pieces, size = append(pieces, p), size+p.Size
		}
		partSize := rapid.SampledFrom([]int64{MinPartSize, mib, 8 * mib}).Draw(t, "part size")
		var kept []Part
		for _, p := range Mixed(pieces, partSize) {
			if rapid.Bool().Draw(t, "stored") {
				kept = append(kept, p.Part)
			}
		}
		got := Around(kept, size, partSize)
		checkAround(t, got, size)
		for _, p := range kept {
			if !slices.Contains(got, p) {
				t.Fatalf("part %+v is not kept: %v", p, got)
			}
		}
		for _, p := range got {
			if p.Size > max(partSize, 3*MinPartSize) && !slices.Contains(kept, p) {
				t.Fatalf("part %+v is larger than parts are", p)
			}
		}
	})
}

// Whatever a journal has, OSS accepts the plan.
func TestAround_anyParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offsets := rapid.OneOf(rapid.Int64Range(0, 20*mib), rapid.SampledFrom([]int64{-1, math.MinInt64, math.MaxInt64}))
		parts := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Part {
			return Part{rapid.IntRange(-1, 12).Draw(t, "number"), offsets.Draw(t, "offset"), offsets.Draw(t, "size")}
		})).Draw(t, "parts")
		size := rapid.Int64Range(1, 20*mib).Draw(t, "size")
		checkAround(t, Around(parts, size, max(mib, Smallest(size))), size)
	})
}

func checkAround(t interface{ Fatalf(string, ...any) }, parts []Part, size int64) {
	var end int64
	last := 0
	for _, p := range parts {
		if p.Number <= last || p.Number > MaxParts || p.Offset != end || p.Size <= 0 || p.Size < MinPartSize && end+p.Size != size {
			t.Fatalf("part %+v in %v", p, parts)
		}
		last, end = p.Number, end+p.Size
	}
	if end != size {
		t.Fatalf("%d bytes of %d", end, size)
	}
}
