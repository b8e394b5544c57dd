// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package chunks

import "math/bits"

// The sizes of the chunks of level 0, in bytes, and the conditions for their ends. All
// of them are part of the format of tables: with other values, the chunks of a new file
// would not be those of the old one. TestBuilder_golden freezes them.
//
// Up to normalSize, a chunk ends where 19 bits of the hash are zero, and from there on
// where 16 bits are zero. So most chunks have about the average size, 256 KiB. The
// method is FastCDC's. Source: Xia et al., "The Design of Fast Content-Defined Chunking
// for Data Deduplication Based Storage Systems", 2020.
const (
	minSize    = 64 << 10
	normalSize = 224 << 10
	maxSize    = 1 << 20

	strictMask = (1<<19 - 1) << 45
	looseMask  = (1<<16 - 1) << 48

	// window is the number of bytes that determine the hash.
	window = 64
)

// gear has a random number for each byte. The first output of the generator SplitMix64
// belongs to byte 0. Source: Steele et al., "Fast Splittable Pseudorandom Number
// Generators", 2014.
var gear = func() (table [256]uint64) {
	state := uint64(0)
	for i := range table {
		state += 0x9e3779b97f4a7c15
		z := state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		table[i] = z ^ z>>31
	}
	return table
}()

// cutter finds the ends of chunks of level 0 in a stream of bytes. The end of a chunk
// depends on the bytes since its start, and mostly on the last 64 of them.
type cutter struct {
	size int    // of the current chunk up to now
	hash uint64 // of the last bytes
}

// next returns how many of the next bytes belong to the current chunk, and whether the
// chunk ends there. It then expects the bytes after these.
func (c *cutter) next(p []byte) (n int, end bool) {
	if c.size < minSize-window {
		n = min(len(p), minSize-window-c.size)
		c.size += n
	}
	for n < len(p) {
		upTo, mask := maxSize, uint64(looseMask)
		switch {
		case c.size < minSize:
			upTo, mask = minSize, never
		case c.size < normalSize:
			upTo, mask = normalSize, strictMask
		}
		piece := p[n:min(len(p), n+upTo-c.size)]
		var read int
		c.hash, read, end = scan(c.hash, piece, mask)
		n += read
		c.size += read
		if end || c.size == maxSize {
			return n, true
		}
	}
	return n, false
}

// start begins the next chunk.
func (c *cutter) start() { *c = cutter{} }

// never is a mask for scan, which then adds all bytes.
const never = 0

// scan adds bytes to the hash until all bits of the mask are zero in it. It returns the
// number of bytes that it added. This is the inner loop of hashing a file: a sum instead
// of a shift, and four bytes in each round, double its speed on amd64. It shares no
// variables, and the race detector would make it 30 times slower.
//
//go:norace
func scan(hash uint64, p []byte, mask uint64) (_ uint64, n int, found bool) {
	table := &gear
	if mask == never {
		for _, b := range p {
			hash = hash + hash + table[b]
		}
		return hash, len(p), false
	}
	rest := p
	for ; len(rest) >= 4; rest = rest[4:] {
		if hash = hash + hash + table[rest[0]]; hash&mask == 0 {
			return hash, len(p) - len(rest) + 1, true
		}
		if hash = hash + hash + table[rest[1]]; hash&mask == 0 {
			return hash, len(p) - len(rest) + 2, true
		}
		if hash = hash + hash + table[rest[2]]; hash&mask == 0 {
			return hash, len(p) - len(rest) + 3, true
		}
		if hash = hash + hash + table[rest[3]]; hash&mask == 0 {
			return hash, len(p) - len(rest) + 4, true
		}
	}
	for i, b := range rest {
		if hash = hash + hash + table[b]; hash&mask == 0 {
			return hash, len(p) - len(rest) + i + 1, true
		}
	}
	return hash, len(p), false
}

// rank returns a number between 0 and 255 for the end of a chunk, by which a merge
// selects ends. Each number is about 0.92 times as frequent as the one before: it is 8 times
// the negative binary logarithm of the hash, as a fraction.
func rank(hash uint64) uint8 {
	mixed := hash * 0x9e3779b97f4a7c15 // the mask has made the highest bits zero
	zeros := bits.LeadingZeros64(mixed)
	rest := mixed << zeros >> 60 & 7            // the three bits after the first one
	return uint8(min(8*zeros+7-int(rest), 255)) //nolint:gosec // at least 0
}
