// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package crc64

import (
	stdcrc64 "hash/crc64"
	"math"
	"math/rand/v2"
	"testing"
)

func TestCheckValue(t *testing.T) {
	const want = 0x995DC9BBDF1939FA // of CRC-64/XZ, in the catalogue of parametrised CRC algorithms
	if got := Update(0, []byte("123456789")); got != want {
		t.Errorf("got %#x, want %#x", got, uint64(want))
	}
}

func TestCombineAtEverySplit(t *testing.T) {
	data := randomBytes(300)
	want := checksum(data)
	for i := range len(data) + 1 {
		a, b := data[:i], data[i:]
		if got := Combine(checksum(a), checksum(b), int64(len(b))); got != want {
			t.Fatalf("split at %d of %d: got %#x, want %#x", i, len(data), got, want)
		}
	}
}

func TestCombineAtRandomSplits(t *testing.T) {
	data := randomBytes(1 << 20)
	for range 200 {
		whole := data[:rand.IntN(len(data)+1)]
		i := rand.IntN(len(whole) + 1)
		a, b := whole[:i], whole[i:]
		if got, want := Combine(checksum(a), checksum(b), int64(len(b))), checksum(whole); got != want {
			t.Fatalf("split at %d of %d: got %#x, want %#x", i, len(whole), got, want)
		}
	}
}

// No memory holds what the high powers stand for. But it must not matter how
// a range is cut, and the powers up to 2^20 are proved by the tests above.
func TestCombineOfHugeSizesIsAssociative(t *testing.T) {
	for range 200 {
		a, b, c := rand.Uint64(), rand.Uint64(), rand.Uint64()
		sizeB, sizeC := rand.Int64N(math.MaxInt64/2), rand.Int64N(math.MaxInt64/2)
		left := Combine(Combine(a, b, sizeB), c, sizeC)
		right := Combine(a, Combine(b, c, sizeC), sizeB+sizeC)
		if left != right {
			t.Fatalf("sizes %d and %d: %#x and %#x", sizeB, sizeC, left, right)
		}
	}
}

func TestCombineWithNothing(t *testing.T) {
	crc := rand.Uint64()
	if got := Combine(crc, 0, 0); got != crc {
		t.Errorf("nothing appended: got %#x, want %#x", got, crc)
	}
	if got := Combine(0, crc, math.MaxInt64); got != crc {
		t.Errorf("appended to nothing: got %#x, want %#x", got, crc)
	}
}

func TestCombineOfNegativeSizePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("did not panic")
		}
	}()
	Combine(1, 2, -1)
}

func TestFormatAndParse(t *testing.T) {
	for crc, text := range map[uint64]string{
		0:                  "0",
		0x995DC9BBDF1939FA: "11051210869376104954",
		math.MaxUint64:     "18446744073709551615",
	} {
		if got := Format(crc); got != text {
			t.Errorf("Format(%#x) = %s, want %s", crc, got, text)
		}
		if got, err := Parse(text); err != nil || got != crc {
			t.Errorf("Parse(%s) = %#x, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "+1", "0x1", "1_0", " 1", "18446744073709551616"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("Parse(%q) = %d, want an error", text, got)
		}
	}
}

func FuzzCombine(f *testing.F) {
	f.Add([]byte(nil), []byte(nil))
	f.Add([]byte("12345"), []byte("6789"))
	f.Add([]byte{0, 0, 0}, []byte{0xFF})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		want := Update(checksum(a), b)
		if got := Combine(checksum(a), checksum(b), int64(len(b))); got != want {
			t.Errorf("got %#x, want %#x", got, want)
		}
	})
}

func BenchmarkCombine(b *testing.B) {
	for name, size := range map[string]int64{
		"block of 1 MiB":  1 << 20,
		"part of 5 MB":    5_000_000,
		"39 bits, all on": 1<<39 - 1,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			crc := uint64(1)
			for b.Loop() {
				crc = Combine(crc, 2, size)
			}
		})
	}
}

// checksum is the reference, which shares nothing with the package.
func checksum(data []byte) uint64 {
	return stdcrc64.Checksum(data, stdcrc64.MakeTable(stdcrc64.ECMA))
}

func randomBytes(n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	return data
}
