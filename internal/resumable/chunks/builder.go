// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package chunks

import (
	"github.com/cespare/xxhash/v2"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
)

// Chunk is a range of a content, which ends where its bytes say.
type Chunk struct {
	Size  int64  // bytes
	Sum   uint64 // of the bytes and, above level 0, of the chunks that were merged
	CRC64 uint64 // of the bytes; 0 in a decoded table

	rank uint8 // of its end
}

// Builder cuts a content of a known size into chunks, while the content is read once.
type Builder struct {
	limit  int // bytes of the encoded table
	cutter cutter
	sum    *xxhash.Digest
	crc    uint64 // of all bytes
	before uint64 // crc at the start of the current chunk

	mergers []*merger // from level 0 to table.level
	table   Table
}

// NewBuilder returns a Builder for a content of size bytes.
func NewBuilder(size int64) *Builder {
	return &Builder{limit: maxEncoded(size), sum: xxhash.New()}
}

// Write takes the next bytes.
func (b *Builder) Write(p []byte) {
	if b.limit == 0 {
		b.crc = crc64.Update(b.crc, p)
		return
	}
	for len(p) > 0 {
		n, end := b.cutter.next(p)
		_, _ = b.sum.Write(p[:n]) // never fails
		b.crc = crc64.Update(b.crc, p[:n])
		if end {
			b.end()
		}
		p = p[n:]
	}
}

// CRC64 returns the checksum of all bytes up to now.
func (b *Builder) CRC64() uint64 { return b.crc }

// end ends the current chunk.
func (b *Builder) end() {
	size := int64(b.cutter.size)
	c := Chunk{size, b.sum.Sum64(), crc64.Last(b.before, b.crc, size), rank(b.cutter.hash)}
	b.before = b.crc
	b.cutter.start()
	b.sum.Reset()
	b.add(c)
}

func (b *Builder) add(c Chunk) {
	if len(b.mergers) > 0 {
		b.mergers[0].add(c)
	} else {
		b.emit(c)
	}
}

func (b *Builder) emit(c Chunk) {
	b.table.chunks = append(b.table.chunks, c)
	if len(b.table.chunks)*minEntry > b.limit {
		b.raise()
	}
}

// raise replaces the table by that of the next level.
func (b *Builder) raise() {
	below := b.table.chunks
	b.table.chunks = nil
	b.table.level++
	top := newMerger(b.table.level, b.emit)
	if n := len(b.mergers); n > 0 {
		b.mergers[n-1].emit = top.add
	}
	b.mergers = append(b.mergers, top)
	for _, c := range below {
		top.add(c)
	}
}

// Table returns the table of all bytes. It has the lowest level whose table is small
// enough, and is empty for a small content.
func (b *Builder) Table() Table {
	if b.cutter.size > 0 {
		b.end()
	}
	for i := 0; i < len(b.mergers); i++ { //nolint:intrange // finishing one may add another
		b.mergers[i].finish()
	}
	t := b.table
	for len(t.Encode()) > b.limit {
		t = t.raised()
	}
	return t
}
