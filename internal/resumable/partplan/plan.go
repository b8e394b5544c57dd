// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package partplan divides an object into the parts of a multipart upload.
//
// Parts are adjacent and numbered from 1. All parts have the part size, except the
// last, which has the rest. A [Plan] that [New] returns respects the limits of OSS.
// An empty object has no parts; only PutObject can create one.
package partplan

import (
	"errors"
	"fmt"
	"iter"
)

// The limits of OSS. Sizes are in bytes.
// Source: API pages UploadPart and CompleteMultipartUpload.
const (
	MinPartSize   = 100 << 10 // every part except the last
	MaxPartSize   = 5 << 30
	MaxParts      = 10000
	MaxObjectSize = MaxParts * MaxPartSize
)

var (
	// ErrPartSize reports a part size that OSS does not accept for any object.
	ErrPartSize = errors.New("part size is out of range")

	// ErrTooManyParts reports a part size that is too small for the object, or an
	// object that is too large for any part size.
	ErrTooManyParts = errors.New("too many parts")
)

// Part is one contiguous range of the object.
type Part struct {
	Number       int
	Offset, Size int64
}

// Plan is the size of an object and of its parts. The zero Plan has no parts.
type Plan struct {
	size, partSize int64
}

// New plans an object of size bytes. Its error names the smallest valid part size.
func New(size, partSize int64) (Plan, error) {
	smallest := Smallest(size)
	switch {
	case size < 0:
		return Plan{}, fmt.Errorf("object size %d is negative", size)
	case size > MaxObjectSize:
		return Plan{}, fmt.Errorf("%w: an object of %d bytes is larger than %d parts of %d bytes",
			ErrTooManyParts, size, MaxParts, int64(MaxPartSize))
	case partSize < MinPartSize || partSize > MaxPartSize:
		return Plan{}, fmt.Errorf("%w: %d bytes is not between %d and %d; the smallest that fits an object of %d bytes is %d",
			ErrPartSize, partSize, MinPartSize, int64(MaxPartSize), size, smallest)
	case partSize < smallest:
		return Plan{}, fmt.Errorf("%w: parts of %d bytes cut an object of %d bytes into more than %d; the smallest part size that fits is %d",
			ErrTooManyParts, partSize, size, MaxParts, smallest)
	}
	return Plan{size: size, partSize: partSize}, nil
}

// Size returns the size of the object.
func (p Plan) Size() int64 { return p.size }

// PartSize returns the size of every part except the last.
func (p Plan) PartSize() int64 { return p.partSize }

// Len returns the number of parts.
func (p Plan) Len() int {
	if p.size == 0 {
		return 0
	}
	return int(ceilDiv(p.size, p.partSize))
}

// Part returns the part with the given number. It panics if number is not between 1
// and Len.
func (p Plan) Part(number int) Part {
	if number < 1 || number > p.Len() {
		panic(fmt.Sprintf("partplan: part %d of %d", number, p.Len()))
	}
	offset := int64(number-1) * p.partSize
	return Part{Number: number, Offset: offset, Size: min(p.partSize, p.size-offset)}
}

// Parts returns all parts in order.
func (p Plan) Parts() iter.Seq[Part] {
	return func(yield func(Part) bool) {
		for number := 1; number <= p.Len(); number++ {
			if !yield(p.Part(number)) {
				return
			}
		}
	}
}
