// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package chunks

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
)

// Table is the list of the chunks of a content. The zero Table has none.
type Table struct {
	level  int
	chunks []Chunk
}

// Size returns the size of the content, in bytes; 0 for an empty table.
func (t Table) Size() (size int64) {
	for _, c := range t.chunks {
		size += c.Size
	}
	return size
}

// Chunks returns the chunks, which together are the content. The caller must not change
// them.
func (t Table) Chunks() []Chunk { return t.chunks }

// CRC64s returns the CRC-64 of each chunk. Encode leaves them out.
func (t Table) CRC64s() []uint64 {
	crcs := make([]uint64, 0, len(t.chunks))
	for _, c := range t.chunks {
		crcs = append(crcs, c.CRC64)
	}
	return crcs
}

// WithCRC64s returns the table with these CRC-64, one for each chunk.
func (t Table) WithCRC64s(crcs []uint64) (Table, error) {
	if len(crcs) != len(t.chunks) {
		return Table{}, ErrTable
	}
	t.chunks = slices.Clone(t.chunks)
	for i, crc := range crcs {
		t.chunks[i].CRC64 = crc
	}
	return t, nil
}

// CRC64 returns the checksum of n bytes at off. It returns false unless these are whole
// chunks.
func (t Table) CRC64(off, n int64) (crc uint64, ok bool) {
	for _, c := range t.chunks {
		switch {
		case off == 0 && n >= c.Size:
			crc = crc64.Combine(crc, c.CRC64, c.Size)
			n -= c.Size
		case off < c.Size:
			return 0, false
		default:
			off -= c.Size
		}
		if n == 0 {
			return crc, true
		}
	}
	return 0, false
}

// averageSize returns the average size of the chunks of a level, in bytes.
func averageSize(level int) int64 { return 256 << 10 << level }

// raised returns the table of the next level.
func (t Table) raised() Table {
	up := Table{level: t.level + 1}
	m := newMerger(up.level, func(c Chunk) { up.chunks = append(up.chunks, c) })
	for _, c := range t.chunks {
		m.add(c)
	}
	m.finish()
	return up
}

// The limits of an encoded table, in bytes. Terraform writes the whole state after each
// object, with 2.4 bytes for each byte of a table.
const (
	MaxTable     = 32 << 10
	bytesForByte = 16 << 10 // bytes of content for each byte of its table
	minTable     = 256      // a content whose table would have to be smaller has none

	tableVersion = 1
	headerSize   = 2
	minEntry     = 3 + 1 + 8 // bytes of a chunk of 64 KiB
	maxLevel     = 40
)

// Describes reports whether a content of that size has a table.
func Describes(size int64) bool { return maxEncoded(size) > 0 }

// MaxChunks is the maximum number of chunks in a table.
const MaxChunks = (MaxTable - headerSize) / minEntry

// maxEncoded returns the maximum size of the encoded table of a content, in bytes. 0: it
// has none, because it is too small.
func maxEncoded(size int64) int {
	if limit := min(size/bytesForByte, MaxTable); limit >= minTable {
		return int(limit)
	}
	return 0
}

// Encode returns the table without CRC-64, in at most 32 KiB and at most a byte for 16
// KiB of content. The table of a small content is empty.
func (t Table) Encode() []byte {
	if len(t.chunks) == 0 {
		return nil
	}
	text := []byte{tableVersion, byte(t.level)} //nolint:gosec // at most maxLevel
	for _, c := range t.chunks {
		text = binary.AppendUvarint(text, uint64(c.Size)) //nolint:gosec // positive
		text = append(text, c.rank)
		text = binary.LittleEndian.AppendUint64(text, c.Sum)
	}
	return text
}

// ErrTable reports that a text is not a table of this version.
var ErrTable = errors.New("not a table of chunks")

// Decode is the inverse of Encode.
func Decode(text []byte) (Table, error) {
	if len(text) == 0 {
		return Table{}, nil
	}
	if len(text) > MaxTable || len(text) < headerSize || text[0] != tableVersion || text[1] > maxLevel {
		return Table{}, ErrTable
	}
	t := Table{level: int(text[1])}
	left := uint64(math.MaxInt64) // so that sums of sizes do not overflow
	for text = text[headerSize:]; len(text) > 0; {
		size, n := binary.Uvarint(text)
		if n <= 0 || len(text) < n+9 || size == 0 || size > left {
			return Table{}, ErrTable
		}
		//nolint:gosec // size <= left
		t.chunks = append(t.chunks, Chunk{Size: int64(size), rank: text[n], Sum: binary.LittleEndian.Uint64(text[n+1:])})
		left -= size
		text = text[n+9:]
	}
	return t, nil
}
