// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package chunks

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// found returns how many bytes the old content has, and checks that it has them.
func found(t interface{ Fatalf(string, ...any) }, next, old []byte, pieces []Piece) (sum int64) {
	var at int64
	for i, p := range pieces {
		if p.From != NotFound {
			if p.From < 0 || p.From+p.Size > int64(len(old)) || !bytes.Equal(next[at:at+p.Size], old[p.From:p.From+p.Size]) {
				t.Fatalf("piece %d, of %d bytes, is not at offset %d", i, p.Size, p.From)
			}
			sum += p.Size
		}
		at += p.Size
	}
	if at != int64(len(next)) && len(pieces) > 0 {
		t.Fatalf("pieces have %d bytes of %d", at, len(next))
	}
	return sum
}

func TestMatch(t *testing.T) {
	old := random(1, 24*mib)
	insert := func(at int) []byte { return slices.Concat(old[:at], []byte("inserted"), old[at:]) }
	for _, row := range []struct {
		name string
		next []byte
		lost int64 // bytes that are not found, at most
	}{
		{"same", old, 0},
		{"inserted at the front", insert(0), 2 * mib},
		{"inserted in the middle", insert(11*mib + 5), 2 * mib},
		{"removed", slices.Concat(old[:7*mib], old[9*mib:]), 2 * mib},
		{"halves exchanged", slices.Concat(old[12*mib+99:], old[:12*mib+99]), 4 * mib},
		{"twice", slices.Concat(old, old), 2 * mib},
		{"other", random(2, 24*mib), 24 * mib},
	} {
		for level := range 2 {
			table := tableOf(old, math.MaxInt, mib)
			for table.level < level {
				table = table.raised()
			}
			for _, next := range []Table{tableOf(row.next, math.MaxInt, mib), tableOf(row.next, math.MaxInt, mib).raised()} {
				pieces := Match(next, table)
				if lost := int64(len(row.next)) - found(t, row.next, old, pieces); lost > row.lost || row.name == "other" && lost != row.lost {
					t.Errorf("%s, levels %d and %d: %d bytes are not found", row.name, next.level, level, lost)
				}
			}
		}
	}
}

// Of several places with the same chunk, Match takes the one that has most of the next ones.
func TestMatch_longestRun(t *testing.T) {
	chunk := func(sum uint64) Chunk { return Chunk{Size: minSize, Sum: sum} }
	old := Table{chunks: []Chunk{chunk(0), chunk(1), chunk(0), chunk(0), chunk(2), chunk(0), chunk(0), chunk(0), chunk(3)}}
	next := Table{chunks: []Chunk{chunk(0), chunk(0), chunk(3), chunk(4), chunk(0), chunk(1)}}
	var got []int64
	for _, p := range Match(next, old) {
		if p.From != NotFound {
			p.From /= minSize
		}
		got = append(got, p.From)
	}
	if want := []int64{6, 7, 8, NotFound, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("got %d, want %d", got, want)
	}
}

// Whatever was edited, each piece that is found has the same bytes in the old content.
func TestMatch_property(t *testing.T) {
	old := random(9, 6*mib)
	rapid.Check(t, func(t *rapid.T) {
		next := slices.Clone(old)
		for range rapid.IntRange(0, 3).Draw(t, "edits") {
			at := rapid.IntRange(0, len(next)).Draw(t, "at")
			n := rapid.IntRange(0, mib).Draw(t, "n")
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				next = slices.Insert(next, at, random(byte(n), n)...)
			case 1:
				next = slices.Delete(next, at, min(at+n, len(next)))
			case 2:
				next = slices.Insert(next, at, old[:n]...)
			case 3:
				next = slices.Concat(next[at:], next[:at])
			}
		}
		tables := [2]Table{tableOf(next, math.MaxInt, mib), tableOf(old, math.MaxInt, mib)}
		for i := range tables {
			for range rapid.IntRange(0, 3).Draw(t, "level") {
				tables[i] = tables[i].raised()
			}
		}
		found(t, next, old, Match(tables[0], tables[1]))
	})
}

func FuzzBuilder(f *testing.F) {
	f.Add(uint64(1), uint64(2), []byte("a"))
	f.Add(uint64(3), uint64(0), []byte{})
	f.Fuzz(func(t *testing.T, seed, cuts uint64, pattern []byte) {
		content := random(byte(seed), 2*mib)
		if len(pattern) > 0 { // a part that repeats
			content = append(content, bytes.Repeat(pattern, mib/len(pattern))...)
		}
		r := rand.New(rand.NewPCG(cuts, 1))
		b := NewBuilder(0)
		b.limit = math.MaxInt
		for rest := content; len(rest) > 0; {
			n := min(len(rest), 1+r.IntN(300*kib))
			b.Write(rest[:n])
			rest = rest[n:]
		}
		table := b.Table()
		if want := tableOf(content, math.MaxInt, len(content)); !reflect.DeepEqual(table, want) || table.Size() != int64(len(content)) {
			t.Errorf("%d bytes: %d chunks of %d bytes, in one write %d", len(content), len(table.chunks), table.Size(), len(want.chunks))
		}
		decoded, err := Decode(table.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if decoded, err = decoded.WithCRC64s(table.CRC64s()); err != nil || !reflect.DeepEqual(decoded, table) {
			t.Errorf("decoded %+v, %v", decoded, err)
		}
	})
}

// Any text is refused, or is a table that can be matched.
func FuzzDecode(f *testing.F) {
	content := random(1, 5*mib)
	own := tableOf(content, math.MaxInt, mib)
	f.Add([]byte{})
	f.Add(own.Encode())
	f.Add(own.raised().Encode())
	f.Add([]byte{tableVersion + 1, 0})
	f.Add([]byte{tableVersion, maxLevel, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Fuzz(func(t *testing.T, text []byte) {
		table, err := Decode(text)
		if err != nil {
			return
		}
		if again, err := Decode(table.Encode()); err != nil || !reflect.DeepEqual(again, table) {
			t.Fatalf("encoded and decoded: %v", err)
		}
		var size int64
		for _, p := range Match(own, table) {
			size += p.Size
			if p.From != NotFound && (p.From < 0 || p.From+p.Size > table.Size()) {
				t.Fatalf("%d bytes at %d, but the content has %d", p.Size, p.From, table.Size())
			}
		}
		if size != int64(len(content)) {
			t.Fatalf("pieces of %d bytes", size)
		}
	})
}
