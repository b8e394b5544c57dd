// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/sha256"
	"math"
)

// rsyncLiterals returns how many bytes of the new file rsync would send, without those that
// describe the blocks of the old file. rsync divides the old file into blocks of equal size
// and looks for each of them at every offset of the new file.
func rsyncLiterals(old, next []byte) (literals int64) {
	size := rsyncBlock(len(old))
	weak, strong := weakSums{}, map[[sha256.Size]byte]bool{}
	for offset := 0; offset < len(old); offset += size {
		block := old[offset:min(offset+size, len(old))]
		if len(block) == size {
			weak.add(newRolling(block).sum())
		}
		strong[sha256.Sum256(block)] = true
	}
	// Only at the end of the new file can the last block of the old one match.
	last := len(old) % size
	if len(next) < last || !strong[sha256.Sum256(next[len(next)-last:])] {
		last = 0
	}

	offset := 0
	for offset+size <= len(next) {
		window := newRolling(next[offset : offset+size])
		for !weak.has(window.sum()) || !strong[sha256.Sum256(next[offset:offset+size])] {
			if offset+size == len(next) {
				return literals + int64(size-last)
			}
			window.roll(next[offset], next[offset+size])
			offset, literals = offset+1, literals+1
		}
		offset += size
	}
	rest := len(next) - offset
	if rest >= last {
		rest -= last
	}
	return literals + int64(rest)
}

// rsyncBlock returns the size of blocks that rsync chooses: the square root of the size of
// the file, as a multiple of 8, at least 700 and at most 128 KiB.
func rsyncBlock(size int) int {
	return min(max(int(math.Sqrt(float64(size)))&^7, 700), 128<<10)
}

// rolling is the weak checksum of rsync, of a window that moves by one byte.
type rolling struct {
	a, b uint32
	size uint32
}

func newRolling(window []byte) *rolling {
	r := &rolling{size: uint32(len(window))}
	for _, c := range window {
		r.a += uint32(c)
		r.b += r.a
	}
	return r
}

func (r *rolling) roll(out, in byte) {
	r.a += uint32(in) - uint32(out)
	r.b += r.a - r.size*uint32(out)
}

func (r *rolling) sum() uint32 { return r.a&0xffff | r.b<<16 }

// weakSums is a set of weak checksums. It answers most questions from a table that fits
// into the cache of the processor.
type weakSums struct {
	likely [1 << 17]uint64
	sums   map[uint32]bool
}

func (w *weakSums) add(sum uint32) {
	if w.sums == nil {
		w.sums = map[uint32]bool{}
	}
	w.sums[sum] = true
	word, bit := place(sum)
	w.likely[word] |= bit
}

func (w *weakSums) has(sum uint32) bool {
	word, bit := place(sum)
	return w.likely[word]&bit != 0 && w.sums[sum]
}

// place spreads the sums over the table.
func place(sum uint32) (word uint32, bit uint64) {
	sum *= 2654435761
	return sum >> 15, 1 << (sum >> 9 & 63)
}
