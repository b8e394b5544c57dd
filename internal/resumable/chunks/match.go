// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package chunks

// Piece is a range of a new content. The pieces of a content are adjacent.
type Piece struct {
	Size int64 // bytes
	From int64 // offset of the same bytes in the old content; NotFound: it has no such bytes
}

// NotFound is the From of a piece that the old content does not have.
const NotFound = -1

// maxCandidates limits how many places of an old content with the same chunk are compared.
// Contents with more, such as disk images with empty space, repeat one chunk.
const maxCandidates = 16

// Match returns a piece for each chunk of the new content. If the new content is too small
// for a table, it returns no pieces. Where the old content has several equal chunks, it
// prefers the longest run of equal chunks.
func Match(next, old Table) []Piece {
	pieces := make([]Piece, 0, len(next.chunks))
	for _, c := range next.chunks {
		pieces = append(pieces, Piece{c.Size, NotFound})
	}
	if len(next.chunks) == 0 || len(old.chunks) == 0 {
		return pieces
	}
	raised := next
	for raised.level < old.level {
		raised = raised.raised()
	}
	for old.level < raised.level {
		old = old.raised()
	}
	runs := newIndex(old).runs(raised.chunks)

	// Every chunk of the raised table consists of whole chunks of next.
	var at, end, from int64
	for i := range pieces {
		if at == end {
			end += raised.chunks[0].Size
			raised.chunks = raised.chunks[1:]
			from, runs = runs[0], runs[1:]
		}
		if from != NotFound {
			pieces[i].From = from
			from += pieces[i].Size
		}
		at += pieces[i].Size
	}
	return pieces
}

// index finds chunks of an old content.
type index struct {
	chunks  []Chunk
	offsets []int64
	places  map[uint64][]int // by checksum
}

func newIndex(old Table) index {
	x := index{chunks: old.chunks, places: map[uint64][]int{}}
	var offset int64
	for i, c := range old.chunks {
		x.offsets = append(x.offsets, offset)
		offset += c.Size
		if places := x.places[c.Sum]; len(places) < maxCandidates {
			x.places[c.Sum] = append(places, i)
		}
	}
	return x
}

// runs returns the offset of each chunk in the old content, or NotFound.
func (x index) runs(chunks []Chunk) []int64 {
	offsets := make([]int64, 0, len(chunks))
	for len(chunks) > 0 {
		best, length := 0, 0
		for _, place := range x.places[chunks[0].Sum] {
			if n := x.equal(place, chunks); n > length {
				best, length = place, n
			}
		}
		if length == 0 {
			offsets = append(offsets, NotFound)
			chunks = chunks[1:]
			continue
		}
		offsets = append(offsets, x.offsets[best:best+length]...)
		chunks = chunks[length:]
	}
	return offsets
}

// equal returns how many chunks are the same as those of the old content from place on.
func (x index) equal(place int, chunks []Chunk) (n int) {
	for n < len(chunks) && place+n < len(x.chunks) && x.chunks[place+n].same(chunks[n]) {
		n++
	}
	return n
}

func (c Chunk) same(other Chunk) bool { return c.Size == other.Size && c.Sum == other.Sum }
