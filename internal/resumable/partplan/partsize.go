// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package partplan

// Smallest is the smallest part size that OSS takes for an object of size
// bytes. It is above MaxPartSize when size is above MaxObjectSize.
func Smallest(size int64) int64 {
	return max(MinPartSize, ceilDiv(size, MaxParts))
}

// AutoPartSize is preferred where the limits allow it. Where preferred is too
// small, the result is the smallest multiple of multiple (at least 1) that is
// not; it never exceeds MaxPartSize.
func AutoPartSize(size, preferred, multiple int64) int64 {
	partSize := preferred
	if smallest := Smallest(size); partSize < smallest {
		partSize = ceilDiv(smallest, multiple) * multiple
	}
	return min(partSize, MaxPartSize)
}

// ceilDiv avoids the usual (a+b-1)/b, which overflows for a near the largest int64.
func ceilDiv(a, b int64) int64 {
	quotient := a / b
	if a%b > 0 {
		quotient++
	}
	return quotient
}
