// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package partplan

import "github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/chunks"

// MaxCopySize is the maximum size of a copied part of a mixed plan, in bytes, give or take
// MinPartSize. OSS answers a copy of this size before a client would time out.
const MaxCopySize = 256 << 20

// MixedPart is a part that is copied from another object, or sent.
type MixedPart struct {
	Part
	From int64 // offset in the other object; chunks.NotFound: the part is sent
}

// Mixed plans an object that consists of these pieces. It copies as many of them as the
// limits of OSS allow. Parts that are sent have at most partSize bytes, where possible,
// and end at multiples of it. Without pieces to copy, the plan is that of [New], which
// must accept the size and partSize. The numbers of the parts may have gaps.
func Mixed(pieces []chunks.Piece, partSize int64) []MixedPart {
	var size int64
	for _, p := range pieces {
		size += p.Size
	}
	// Where too many parts would result, only longer runs are copied.
	for least := int64(MinPartSize); ; least *= 2 {
		m := mixer{size: size, partSize: partSize}
		for _, r := range large(runsOf(pieces), least) {
			m.add(r)
		}
		if len(m.parts) <= MaxParts {
			m.leaveRoom()
			return m.parts
		}
	}
}

// leaveRoom gives each copied part as many numbers as it would need if it were sent, unless
// there are too few. So a part that can no longer be copied can be sent in parts of the usual
// size, between the others. OSS accepts gaps between numbers. Source: API page
// CompleteMultipartUpload.
func (m *mixer) leaveRoom() {
	next := make([]int, len(m.parts))
	number := 1
	for i, p := range m.parts {
		next[i] = number
		number++
		if p.From != chunks.NotFound {
			number += int(ceilDiv(p.Size, m.partSize)) - 1
		}
	}
	if number-1 > MaxParts {
		return
	}
	for i := range m.parts {
		m.parts[i].Number = next[i]
	}
}

// mixer cuts runs into parts.
type mixer struct {
	size, partSize int64
	parts          []MixedPart
	end            int64 // of the last part
}

func (m *mixer) add(r run) {
	if r.copied {
		m.copy(r)
	} else {
		m.send(r.size)
	}
}

// copy cuts a run into parts of whole pieces. If the last one would be too small, it
// belongs to the one before.
func (m *mixer) copy(r run) {
	left := r.size
	for len(r.pieces) > 0 {
		from, size := r.pieces[0].From, int64(0)
		for len(r.pieces) > 0 && (size == 0 || size+r.pieces[0].Size <= MaxCopySize || left-size < MinPartSize) {
			size += r.pieces[0].Size
			r.pieces = r.pieces[1:]
		}
		left -= size
		for n := ceilDiv(size, MaxCopySize+MinPartSize); n > 0; n-- { // more than one only for a piece of a huge object
			part := ceilDiv(size, n)
			m.part(part, from)
			from, size = from+part, size-part
		}
	}
}

// send cuts left bytes into parts that end at multiples of partSize.
func (m *mixer) send(left int64) {
	for left > m.partSize {
		size := m.partSize - m.end%m.partSize
		if size < MinPartSize {
			size = m.partSize
		}
		if left-size < MinPartSize && m.end+left < m.size {
			size = left - MinPartSize
		}
		if size < MinPartSize {
			break
		}
		m.part(size, chunks.NotFound)
		left -= size
	}
	m.part(left, chunks.NotFound)
}

func (m *mixer) part(size, from int64) {
	m.parts = append(m.parts, MixedPart{Part{len(m.parts) + 1, m.end, size}, from})
	m.end += size
}

// run is a list of adjacent pieces that are sent, or copied from one range.
type run struct {
	pieces []chunks.Piece
	size   int64 // bytes
	copied bool
}

func (r *run) add(pieces ...chunks.Piece) {
	r.pieces = append(r.pieces, pieces...)
	for _, p := range pieces {
		r.size += p.Size
	}
}

// take removes the first n pieces.
func (r *run) take(n int) (taken []chunks.Piece) {
	taken, r.pieces = r.pieces[:n], r.pieces[n:]
	for _, p := range taken {
		r.size -= p.Size
	}
	return taken
}

// goesOn reports whether p belongs to the run.
func (r *run) goesOn(p chunks.Piece) bool {
	last := r.pieces[len(r.pieces)-1]
	return !r.copied && p.From == chunks.NotFound || r.copied && p.From == last.From+last.Size
}

// runsOf joins adjacent pieces.
func runsOf(pieces []chunks.Piece) (runs []run) {
	for _, p := range pieces {
		last := len(runs) - 1
		if last < 0 || !runs[last].goesOn(p) {
			runs = append(runs, run{copied: p.From != chunks.NotFound})
			last++
		}
		runs[last].add(p)
	}
	return runs
}

// large makes every run but the last large enough for a part, and copies only runs of at
// least least bytes. A run to send that is too small takes pieces from the next run.
func large(runs []run, least int64) (result []run) {
	for _, r := range runs {
		last := len(result) - 1
		if last >= 0 && !result[last].copied {
			for result[last].size < MinPartSize && len(r.pieces) > 0 {
				result[last].add(r.take(1)...)
			}
		}
		r.copied = r.copied && r.size >= least
		switch {
		case len(r.pieces) == 0:
		case last >= 0 && !r.copied && !result[last].copied:
			result[last].add(r.pieces...)
		default:
			result = append(result, r)
		}
	}
	return result
}
