// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package crc64

import stdcrc64 "hash/crc64"

// A checksum is a polynomial over GF(2) modulo P, the ECMA polynomial. It is
// kept reflected: the highest bit of the word is the coefficient of x^0, and
// shifting right multiplies by x.
const one = 1 << 63

// powers[k] is x^(8·2^k) mod P, what 2^k more bytes multiply a checksum by.
var powers = func() (table [63]uint64) {
	table[0] = one >> 8 // x^8
	for k := 1; k < len(table); k++ {
		table[k] = multiply(table[k-1], table[k-1])
	}
	return table
}()

// Combine returns the checksum of A followed by B, from the checksums of A and B and
// the size of B in bytes, which must not be negative. It needs one multiplication for
// each bit set in sizeB.
//
// Appending sizeB zero bytes to A multiplies its polynomial by x^(8·sizeB);
// adding B is then an exclusive or. The inversions at the start and the end
// cancel out, as they do in zlib's crc32_combine, whose method this is.
func Combine(a, b uint64, sizeB int64) uint64 {
	if sizeB < 0 {
		panic("crc64: negative size")
	}
	for k := 0; sizeB > 0; k++ {
		if sizeB&1 == 1 {
			a = multiply(powers[k], a)
		}
		sizeB >>= 1
	}
	return a ^ b
}

// Last returns the checksum of B, from the checksums of A and of A followed by B, and
// the size of B in bytes, which must not be negative. It is the inverse of [Combine].
func Last(a, both uint64, sizeB int64) uint64 { return Combine(a, both, sizeB) }

// multiply returns a·b mod P. It has no branches on the bits, which are random, so
// that half of the predictions would be wrong.
func multiply(a, b uint64) uint64 {
	var product uint64
	for range 64 {
		product ^= b & -(a >> 63)
		a <<= 1
		b = b>>1 ^ stdcrc64.ECMA&-(b&1)
	}
	return product
}
