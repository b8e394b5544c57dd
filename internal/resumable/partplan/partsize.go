// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package partplan

// Smallest returns the smallest part size that OSS accepts for an object of size
// bytes. It exceeds MaxPartSize if size exceeds MaxObjectSize.
func Smallest(size int64) int64 {
	return max(MinPartSize, ceilDiv(size, MaxParts))
}

// AutoPartSize returns preferred if the limits allow it. If preferred is too small,
// it returns the smallest sufficient multiple of multiple, which must be at least 1.
// The result never exceeds MaxPartSize.
func AutoPartSize(size, preferred, multiple int64) int64 {
	partSize := preferred
	if smallest := Smallest(size); partSize < smallest {
		partSize = ceilDiv(smallest, multiple) * multiple
	}
	return min(partSize, MaxPartSize)
}

// ceilDiv returns a/b, rounded up. Unlike (a+b-1)/b, it does not overflow for a large a.
func ceilDiv(a, b int64) int64 {
	quotient := a / b
	if a%b > 0 {
		quotient++
	}
	return quotient
}
