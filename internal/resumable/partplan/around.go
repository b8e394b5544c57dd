// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package partplan

// Around plans an object of size bytes that has these parts, in the order of their numbers.
// The bytes between two of them are divided among the numbers between them, and the bytes
// behind the last one into parts of partSize. A part is left out if a gap before it would
// need parts that are much larger than partSize, or smaller than OSS accepts.
//
// The result is empty if it would have more than [MaxParts] parts.
func Around(parts []Part, size, partSize int64) []Part {
	a := around{size: size, largest: max(partSize, 3*MinPartSize)}
	for _, p := range parts {
		numbers, gap := int64(p.Number-len(a.parts)-1), p.Offset-a.end
		if !a.fits(p) || gap < numbers*MinPartSize || gap > numbers*a.largest {
			continue
		}
		for ; numbers > 0; numbers-- {
			a.add(ceilDiv(p.Offset-a.end, numbers))
		}
		a.add(p.Size)
	}
	for a.end < size && len(a.parts) <= MaxParts {
		a.add(min(partSize, size-a.end))
	}
	if len(a.parts) > MaxParts {
		return nil
	}
	return a.parts
}

// around is the plan up to an offset.
type around struct {
	size, largest int64 // of the object, and of a part in a gap
	parts         []Part
	end           int64
}

// fits reports whether p is a valid part of the object. Only the last part of an object may
// be small.
func (a *around) fits(p Part) bool {
	return p.Size > 0 && p.Size <= a.size-p.Offset && (p.Size >= MinPartSize || p.Offset+p.Size == a.size)
}

func (a *around) add(size int64) {
	a.parts = append(a.parts, Part{len(a.parts) + 1, a.end, size})
	a.end += size
}
