// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package crc64

import (
	stdcrc64 "hash/crc64"
	"math/rand/v2"
	"testing"
)

func TestUpdateOfEveryLengthAndAlignment(t *testing.T) {
	const maxLength, alignments = 2048, 64
	data := randomBytes(maxLength + alignments)
	for length := range maxLength + 1 {
		for start := range alignments {
			p, before := data[start:start+length], rand.Uint64()
			if got, want := Update(before, p), stdcrc64.Update(before, table, p); got != want {
				t.Fatalf("%d bytes from %d after %#x: got %#x, want %#x", length, start, before, got, want)
			}
		}
	}
}

func TestUpdateAtEverySplit(t *testing.T) {
	data := randomBytes(5 * stride)
	want := checksum(data)
	for i := range len(data) + 1 {
		if got := Update(Update(0, data[:i]), data[i:]); got != want {
			t.Fatalf("split at %d of %d: got %#x, want %#x", i, len(data), got, want)
		}
	}
}

// A wrong factor shows only at the bits that it multiplies, so each bit has its turn.
func TestUpdateOfEverySingleBit(t *testing.T) {
	for bit := range 8 * 4 * stride {
		data := make([]byte, 4*stride)
		data[bit/8] = 1 << (bit % 8)
		if got, want := Update(0, data), checksum(data); got != want {
			t.Fatalf("bit %d: got %#x, want %#x", bit, got, want)
		}
	}
}

func TestUpdateReadsNothingElse(t *testing.T) {
	data := randomBytes(6 * stride)
	inside := data[stride+3 : 4*stride+3]
	want := Update(0, inside)
	for i := range data {
		if i < stride+3 || i >= 4*stride+3 {
			data[i] ^= 0xFF
		}
	}
	if got := Update(0, inside); got != want {
		t.Errorf("got %#x, want %#x", got, want)
	}
}

func FuzzUpdate(f *testing.F) {
	f.Add(uint64(0), []byte(nil), 0)
	f.Add(uint64(0), []byte("123456789"), 3)
	f.Add(^uint64(0), make([]byte, stride), 1)
	f.Add(uint64(1), randomBytes(3*stride+17), 2*stride)
	f.Fuzz(func(t *testing.T, before uint64, data []byte, split int) {
		split = max(0, min(split, len(data)))
		want := stdcrc64.Update(before, table, data)
		if got := Update(before, data); got != want {
			t.Errorf("%d bytes: got %#x, want %#x", len(data), got, want)
		}
		if got := Update(Update(before, data[:split]), data[split:]); got != want {
			t.Errorf("%d bytes, split at %d: got %#x, want %#x", len(data), split, got, want)
		}
	})
}

// BenchmarkUpdate shows what folding gains over hash/crc64.
func BenchmarkUpdate(b *testing.B) {
	data := randomBytes(256 << 10)
	for name, update := range map[string]func(uint64, []byte) uint64{
		"this package": Update,
		"hash/crc64":   func(crc uint64, p []byte) uint64 { return stdcrc64.Update(crc, table, p) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			crc := uint64(0)
			for b.Loop() {
				crc = update(crc, data)
			}
		})
	}
}
