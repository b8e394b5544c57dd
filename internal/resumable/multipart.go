// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"iter"
	"slices"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

// multipart is one multipart upload. It is opened, the missing parts are made,
// and it is completed; see [multipart.makeObject]. Only one goroutine changes
// it. Workers make parts and only read it.
type multipart struct {
	*job
	origin origin
	dst    Destination
	copies bool // inside OSS, without sending bytes
	stats  *Stats

	prepares bool           // sends the parts and completes nothing; see [Uploader.Prepare]
	progress func(Progress) // called instead of [Config.Progress]; nil: not called

	listed []string // IDs of open uploads of the object in the last list; nil: not allowed to list
	upload Upload   // zero: not open
	plan   partPlan
	stored map[int]StoredPart // parts of the plan that OSS holds, by number
	made   map[int]bool       // numbers of the stored parts that this run made
	window *window
}

// origin provides the bytes of a multipart upload: a local file ([fromFile]) or
// an object ([fromObject]). Uploads, updates and copies differ only in their
// origin.
type origin interface {
	// look reports whether the object already exists, and sets [job.info] if it
	// does. It fails if the object can no longer be made.
	look(ctx context.Context) (there bool, err error)

	// describe records in begin what will be stored.
	describe(begin *checkpoint.Begin)

	// cut plans parts of the given size in bytes. 0: the size for a new upload.
	cut(partSize int64) (partPlan, error)

	// keep decides which stored parts of an open upload to keep, and returns the
	// plan that they belong to. A plan without parts means that the upload
	// cannot be used. begun is the state in the journal; nil: only OSS knows the
	// upload.
	keep(ctx context.Context, stored []StoredPart, begun *checkpoint.State) (p partPlan, kept map[int]StoredPart, err error)

	// make stores one part of m in OSS. Several workers call it concurrently.
	make(ctx context.Context, m *multipart, p plannedPart) (StoredPart, error)

	// prove returns the parts to complete, if together they are the object.
	// stored are the parts of m, in order.
	prove(ctx context.Context, m *multipart, stored []StoredPart) ([]StoredPart, error)

	// differs returns why an object is not the completed one, or nil.
	differs(info ObjectInfo, got answer) error
}

// partPlan divides an object into adjacent parts of any sizes, in the order of their numbers.
type partPlan struct {
	parts    []plannedPart
	size     int64 // of the object
	partSize int64 // of every part except the last; in a mixed plan, of most parts that are sent
	mixed    bool  // the parts have several sizes
}

// plannedPart is one part of a plan, and the origin of its bytes. A plan may have
// thousands of parts, so those that are copied share their source.
type plannedPart struct {
	partplan.Part
	copyOf *CopySource // nil: sent from the local file
	from   int64       // offset of the bytes in copyOf
}

func (p plannedPart) isCopied() bool { return p.copyOf != nil }
func (p plannedPart) isSent() bool   { return p.copyOf == nil }

// equalParts plans parts of equal size, except for the last. If copyOf returns an
// object, the part is copied from the same offset there.
func equalParts(size, partSize int64, copyOf func(partplan.Part) *CopySource) (partPlan, error) {
	equal, err := partplan.New(size, partSize)
	if err != nil {
		return partPlan{}, err
	}
	p := partPlan{parts: make([]plannedPart, 0, equal.Len()), size: size, partSize: partSize}
	for one := range equal.Parts() {
		p.parts = append(p.parts, plannedPart{one, copyOf(one), one.Offset})
	}
	return p, nil
}

// has reports whether the plan has a part with this number and size.
func (p partPlan) has(stored StoredPart) bool {
	part, found := p.part(stored.Number)
	return found && part.Size == stored.Size
}

// part returns the part with this number.
func (p partPlan) part(number int) (plannedPart, bool) {
	i, found := slices.BinarySearchFunc(p.parts, number, func(part plannedPart, n int) int { return part.Number - n })
	if !found {
		return plannedPart{}, false
	}
	return p.parts[i], true
}

// layout returns what the journal records of a plan whose parts have several sizes.
func (p partPlan) layout() (parts [][3]int64) {
	if p.mixed {
		for _, part := range p.parts {
			parts = append(parts, [3]int64{int64(part.Number), part.Offset, part.Size})
		}
	}
	return parts
}

// holds returns how many of the stored parts the plan has.
func (p partPlan) holds(stored []StoredPart) (n int) {
	for _, s := range stored {
		if p.has(s) {
			n++
		}
	}
	return n
}

// left returns the number of bytes that are still to be sent and to be copied, if all copies
// succeed.
func (p partPlan) left(kept map[int]StoredPart) (toSend, toCopy int64) {
	for part := range p.missing(kept) {
		if part.isSent() {
			toSend += part.Size
		} else {
			toCopy += part.Size
		}
	}
	return toSend, toCopy
}

// sent returns the number of bytes that are sent in all.
func (p partPlan) sent() int64 {
	toSend, _ := p.left(nil)
	return toSend
}

// missing returns the parts of the plan that are not kept, in order.
func (p partPlan) missing(kept map[int]StoredPart) iter.Seq[plannedPart] {
	return func(yield func(plannedPart) bool) {
		for _, part := range p.parts {
			if _, have := kept[part.Number]; !have && !yield(part) {
				return
			}
		}
	}
}

func byNumber(a, b StoredPart) int { return a.Number - b.Number }

func bytesOf(parts map[int]StoredPart) (sum int64) {
	for _, p := range parts {
		sum += p.Size
	}
	return sum
}
