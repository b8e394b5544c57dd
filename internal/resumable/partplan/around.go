// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package partplan

// Around plans an object of size bytes that has these parts, which are in the order of
// their numbers. The bytes between them, and behind the last one, are divided into parts of
// partSize or a little less. If there are not enough numbers between two parts, or if OSS
// would not accept what is between them as a part, the second one is left out.
//
// The result is empty if it would need a number above [MaxParts].
func Around(parts []Part, size, partSize int64) []Part {
	a := around{size: size, partSize: partSize}
	for _, p := range parts {
		n, possible := a.between(p)
		if !possible {
			continue
		}
		for ; n > 0; n-- {
			a.add(a.last+1, ceilDiv(p.Offset-a.end, n))
		}
		a.add(p.Number, p.Size)
	}
	for a.end < size && a.last < MaxParts {
		a.add(a.last+1, min(partSize, size-a.end))
	}
	if a.end < size {
		return nil
	}
	return a.parts
}

// around is the plan up to an offset.
type around struct {
	size, partSize int64
	parts          []Part
	last           int   // number
	end            int64 // offset
}

// between returns the number of parts before p, and whether p is possible.
func (a *around) between(p Part) (n int64, possible bool) {
	numbers, gap := int64(p.Number-a.last-1), p.Offset-a.end
	end := p.Offset + p.Size
	if numbers < 0 || p.Number > MaxParts || gap < 0 || p.Size <= 0 || p.Size > a.size-p.Offset || p.Size < MinPartSize && end < a.size {
		return 0, false
	}
	if gap == 0 {
		return 0, true
	}
	n = min(ceilDiv(gap, a.partSize), numbers, gap/MinPartSize)
	return n, n > 0 && ceilDiv(gap, n) <= max(a.partSize, 3*MinPartSize)
}

func (a *around) add(number int, size int64) {
	a.parts = append(a.parts, Part{number, a.end, size})
	a.last, a.end = number, a.end+size
}
