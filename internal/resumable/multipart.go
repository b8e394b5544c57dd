// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

// multipart is one multipart upload: it is opened, the parts that OSS does not
// hold are made, and it is completed; see [multipart.makeObject]. Only its goroutine
// writes it. Workers make parts, and read.
type multipart struct {
	*job
	origin origin
	dst    Destination
	copies bool // inside OSS; no bytes are sent
	stats  *Stats

	upload Upload // zero: none is open
	plan   partPlan
	stored map[int]StoredPart // what OSS holds of the plan, by number
	window *window
}

// origin is where the bytes of a multipart upload come from: a local file
// ([fromFile]), or an object ([fromObject]). It is what an upload, an update and a
// copy differ by; all else about them is the same.
type origin interface {
	// look tells whether the object is there already, in [job.info], and fails if
	// it cannot be made any more.
	look(ctx context.Context) (there bool, err error)

	// describe writes down what is going to be stored.
	describe(begin *checkpoint.Begin)

	// cut plans parts of that size in bytes; 0: the size for a new upload.
	cut(partSize int64) (partPlan, error)

	// keep tells what the parts of an open upload are worth: how they are cut, and
	// which of them need not be made again. A plan without parts is that of an
	// upload that is of no use. What the journal says of the upload is begun; nil:
	// only OSS knows it.
	keep(ctx context.Context, stored []StoredPart, begun *checkpoint.State) (p partPlan, kept map[int]StoredPart, err error)

	// make makes OSS hold one part of m. Workers call it, several at once.
	make(ctx context.Context, m *multipart, p plannedPart) (madePart, error)

	// prove returns the parts to complete if they are the object. stored are those
	// of m, in order.
	prove(ctx context.Context, m *multipart, stored []StoredPart) ([]StoredPart, error)

	// differs tells why an object is not the one that was completed, or nil.
	differs(info ObjectInfo, got answer) error
}

// partPlan is how an object is cut: parts of any sizes, numbered from 1, one behind
// the other.
type partPlan struct {
	parts    []plannedPart
	size     int64 // of the object
	partSize int64 // of all parts but the last, for the journal
}

// plannedPart is one part of a plan, and where its bytes come from.
type plannedPart struct {
	partplan.Part
	copyOf Range // zero: it is sent from the local file
}

// madePart is a part that OSS holds now.
type madePart struct {
	StoredPart
	copied bool // inside OSS; none of it was sent
}

// equalParts is a plan of parts that are all of one size but the last. Those of
// which from returns a range are copied.
func equalParts(size, partSize int64, from func(partplan.Part) Range) (partPlan, error) {
	equal, err := partplan.New(size, partSize)
	if err != nil {
		return partPlan{}, err
	}
	p := partPlan{parts: make([]plannedPart, 0, equal.Len()), size: size, partSize: partSize}
	for one := range equal.Parts() {
		p.parts = append(p.parts, plannedPart{one, from(one)})
	}
	return p, nil
}

// has reports whether a stored part is one of the plan, by its number and size.
func (p partPlan) has(stored StoredPart) bool {
	return stored.Number >= 1 && stored.Number <= len(p.parts) && p.parts[stored.Number-1].Size == stored.Size
}

// missing are the parts of the plan that are not kept, in order.
func (p partPlan) missing(kept map[int]StoredPart) (parts []plannedPart) {
	for _, part := range p.parts {
		if _, have := kept[part.Number]; !have {
			parts = append(parts, part)
		}
	}
	return parts
}

func bytesOf(parts map[int]StoredPart) (sum int64) {
	for _, p := range parts {
		sum += p.Size
	}
	return sum
}
