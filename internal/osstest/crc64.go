// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"hash/crc64"
	"strconv"
)

// crcTable is for CRC-64/XZ: polynomial ECMA-182, reflected, with initial and
// final inversion. Its check value, for "123456789", is 0x995DC9BBDF1939FA.
var crcTable = crc64.MakeTable(crc64.ECMA)

// formatCRC64 formats a CRC-64 as x-oss-hash-crc64ecma does: unsigned decimal.
func formatCRC64(sum uint64) string { return strconv.FormatUint(sum, 10) }

// combineCRC64 returns the CRC of a+b from the CRCs of a and b.
//
// A CRC is a remainder of polynomial division, so appending sizeB bytes
// multiplies the remainder of a by x^(8·sizeB); the inversions at both ends
// cancel out. Square-and-multiply needs about 40 products for any size.
func combineCRC64(sumA, sumB uint64, sizeB int64) uint64 {
	const one, x8 = uint64(1) << 63, uint64(1) << 55 // bit 63 is x^0: reflected
	power, square := one, x8
	for n := sizeB; n > 0; n >>= 1 {
		if n&1 == 1 {
			power = multiplyCRC64(power, square)
		}
		square = multiplyCRC64(square, square)
	}
	return multiplyCRC64(power, sumA) ^ sumB
}

// multiplyCRC64 multiplies two reflected polynomials modulo ECMA-182.
func multiplyCRC64(a, b uint64) (product uint64) {
	for bit := uint64(1) << 63; bit != 0; bit >>= 1 {
		if a&bit != 0 {
			product ^= b
		}
		carry := b & 1
		b >>= 1
		if carry != 0 {
			b ^= crc64.ECMA
		}
	}
	return product
}
