// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package partplan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/chunks"
)

const (
	kib  = 1 << 10
	mib  = 1 << 20
	none = chunks.NotFound
)

func TestMixed(t *testing.T) {
	for _, row := range []struct {
		name     string
		partSize int64
		pieces   string // sizes in KiB; c: from that offset in the other object
		want     string // parts, in the same way
	}{
		{"no pieces", mib, "", ""},
		{"nothing to copy", 300 * kib, "1024", "300 300 300 124"},
		{"all to copy", mib, "300c0 300c300", "600c0"},
		{"moved", mib, "300 300c0 300c300", "300 600c0"},
		{"exchanged", mib, "300c300 300c0", "300c300 300c0"},
		{"too little to copy", mib, "300 99c0 300", "699"},
		{"just enough to copy", mib, "300 100c0 300", "300 100c0 300"},
		{"too little to send", mib, "50 64c0 300c64", "114 300c64"},
		{"nothing left after that", mib, "50 64c0 80c64 200", "394"},
		{"little to send at the end", mib, "300c0 1", "300c0 1"},
		{"little to copy at the end", mib, "300 1c0", "301"},
		{"sent parts end at multiples of the part size", mib, "300c0 2048 300c300", "300c0 724 1024 300 300c300"},
		{"no sent part is too small", mib, "300c0 1700 50 300c300", "300c0 724 926 100 300c300"},
		{"sent parts of the smallest size", 100 * kib, "130c0 150 300c300", "130c0 150 300c300"},
		{"copies of at most 256 MiB", mib, "204800c0 61440c204800 10240c266240", "204800c0 71680c204800"},
		{"a piece above 256 MiB", mib, "614400c0", "204800c0 204800c204800 204800c409600"},
		{"no copied part is too small", mib, "262144c0 64c262144 1024", "262208c0 1024"},
	} {
		var got []string
		for _, p := range Mixed(parsePieces(row.pieces), row.partSize) {
			text := fmt.Sprint(p.Size / kib)
			if p.From != none {
				text += fmt.Sprintf("c%d", p.From/kib)
			}
			got = append(got, text)
		}
		if got := strings.Join(got, " "); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}

func parsePieces(text string) (pieces []chunks.Piece) {
	for field := range strings.FieldsSeq(text) {
		p := chunks.Piece{From: none}
		if n, _ := fmt.Sscanf(field, "%dc%d", &p.Size, &p.From); n == 2 {
			p.From *= kib
		}
		p.Size *= kib
		pieces = append(pieces, p)
	}
	return pieces
}

// OSS accepts every plan, and each copied byte is a byte of the pieces.
func TestMixed_property(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pieces []chunks.Piece
		var from, size int64
		sizes := rapid.SampledFrom([]*rapid.Generator[int64]{
			rapid.Int64Range(64*kib, mib), rapid.Int64Range(64*kib, 110*kib), rapid.Int64Range(mib, 700*mib), rapid.Int64Range(1, 4*MinPartSize),
		}).Draw(t, "sizes")
		for range rapid.IntRange(1, 60).Draw(t, "pieces") {
			p := chunks.Piece{Size: sizes.Draw(t, "size"), From: none}
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
			case 1:
				from = rapid.Int64Range(0, 1<<40).Draw(t, "from")
				fallthrough
			default:
				p.From, from = from, from+p.Size
			}
			pieces = append(pieces, p)
			size += p.Size
		}
		partSize := max(Smallest(size), rapid.SampledFrom([]int64{MinPartSize, MinPartSize + 1, mib, 8 * mib, MaxPartSize}).Draw(t, "part size"))
		checkMixed(t, Mixed(pieces, partSize), pieces, size, partSize)
	})
}

func checkMixed(t interface{ Fatalf(string, ...any) }, parts []MixedPart, pieces []chunks.Piece, size, partSize int64) {
	var end int64
	for i, p := range parts {
		last := i == len(parts)-1
		switch {
		case i == 0 && p.Number != 1 || i > 0 && p.Number <= parts[i-1].Number || p.Number > MaxParts || p.Offset != end:
			t.Fatalf("part %+v is not adjacent to the one before", p)
		case p.Size <= 0 || p.Size < MinPartSize && !last || p.Size > MaxPartSize:
			t.Fatalf("part %d of %d has %d bytes", p.Number, len(parts), p.Size)
		case p.From != none && p.Size > MaxCopySize+MinPartSize, p.From == none && p.Size > max(partSize, 3*MinPartSize):
			t.Fatalf("part %+v is larger than parts are", p)
		}
		end += p.Size
		if p.From != none && !inPieces(pieces, p) {
			t.Fatalf("part %+v is not in the pieces", p)
		}
	}
	if end != size || len(parts) > MaxParts {
		t.Fatalf("%d parts have %d bytes of %d", len(parts), end, size)
	}
}

// inPieces reports whether every byte of a copied part comes from where the pieces say.
func inPieces(pieces []chunks.Piece, p MixedPart) bool {
	var at int64
	for _, piece := range pieces {
		overlaps := at < p.Offset+p.Size && at+piece.Size > p.Offset
		if overlaps && (piece.From == none || piece.From-at != p.From-p.Offset) {
			return false
		}
		at += piece.Size
	}
	return true
}

// Without anything to copy, the plan is the equal one.
func TestMixed_sameAsNew(t *testing.T) {
	for _, size := range []int64{1, MinPartSize, mib, 8*mib + 1, 80*mib - 1} {
		plan, err := New(size, mib)
		if err != nil {
			t.Fatal(err)
		}
		var got []Part
		for _, p := range Mixed([]chunks.Piece{{Size: size / 2, From: none}, {Size: size - size/2, From: none}}, mib) {
			got = append(got, p.Part)
		}
		if want := slices.Collect(plan.Parts()); !slices.Equal(got, want) {
			t.Errorf("%d bytes: got %v, want %v", size, got, want)
		}
	}
}

// A copied part leaves room for the parts that would be sent in its place, unless there are
// too few numbers.
func TestMixed_room(t *testing.T) {
	for _, row := range []struct {
		name     string
		partSize int64
		pieces   string
		want     []int // the first numbers
	}{
		{"sent", mib, "3072", []int{1, 2, 3}},
		{"smaller than a part", mib, "300c0 300", []int{1, 2}},
		{"larger than a part", mib, "3073c0 300 2048c5000 1", []int{1, 5, 6, 8}},
		{"all numbers", 100 * kib, "200c0 999800", []int{1, 3}},
		{"too few numbers", 100 * kib, "201c0 999800", []int{1, 2}},
	} {
		var got []int
		for _, p := range Mixed(parsePieces(row.pieces), row.partSize) {
			got = append(got, p.Number)
		}
		if !slices.Equal(got[:len(row.want)], row.want) || got[len(got)-1] > MaxParts {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}

// With more runs than OSS has part numbers, short runs are sent.
func TestMixed_tooManyParts(t *testing.T) {
	var pieces []chunks.Piece
	var size int64
	for i := range int64(8000) {
		copied := (MinPartSize + i%10*kib)
		pieces = append(pieces, chunks.Piece{Size: MinPartSize, From: none}, chunks.Piece{Size: copied, From: 3 * size})
		size += MinPartSize + copied
	}
	pieces = append(pieces, chunks.Piece{Size: 10 * mib, From: 1 << 40})
	size += 10 * mib
	parts := Mixed(pieces, mib)
	checkMixed(t, parts, pieces, size, mib)
	if last := parts[len(parts)-1]; last.From == none || last.Size != 10*mib {
		t.Errorf("the longest run is not copied: %+v", last)
	}
}
