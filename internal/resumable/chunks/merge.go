// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package chunks

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
)

// merger makes the chunks of a level from those of the level below. A chunk of the upper
// level ends at the end with the highest rank in a window of a quarter to one and a half times
// the average size. So an edit changes only the chunks near it.
type merger struct {
	least, most int64 // the window, in bytes
	pending     []Chunk
	size        int64 // of pending
	emit        func(Chunk)
}

// newMerger makes chunks of the given level, which is at least 1.
func newMerger(level int, emit func(Chunk)) *merger {
	average := averageSize(level)
	return &merger{least: average / 4, most: average + average/2, emit: emit}
}

// add takes the next chunk of the level below.
func (m *merger) add(c Chunk) {
	m.pending = append(m.pending, c)
	m.size += c.Size
	for m.size >= m.most {
		m.cut(m.best())
	}
}

// finish takes the end of the content.
func (m *merger) finish() {
	for len(m.pending) > 0 {
		if m.size <= m.most {
			m.cut(len(m.pending))
		} else {
			m.cut(m.best())
		}
	}
}

// best returns the number of pending chunks up to the end with the highest rank. If no
// end is inside the window, it is the first end after it.
func (m *merger) best() int {
	best, size := 0, int64(0)
	for i, c := range m.pending {
		size += c.Size
		switch {
		case size < m.least:
		case best == 0:
			best = i + 1
		case size > m.most:
			return best
		case c.rank > m.pending[best-1].rank:
			best = i + 1
		}
	}
	return best
}

// cut emits the first n pending chunks as one.
func (m *merger) cut(n int) {
	merged := merge(m.pending[:n])
	m.pending = m.pending[:copy(m.pending, m.pending[n:])]
	m.size -= merged.Size
	m.emit(merged)
}

// merge joins adjacent chunks. The checksum is that of their checksums.
func merge(chunks []Chunk) (merged Chunk) {
	var sums []byte
	for _, c := range chunks {
		sums = binary.LittleEndian.AppendUint64(sums, c.Sum)
		merged.CRC64 = crc64.Combine(merged.CRC64, c.CRC64, c.Size)
		merged.Size += c.Size
		merged.rank = c.rank
	}
	merged.Sum = xxhash.Sum64(sums)
	return merged
}
