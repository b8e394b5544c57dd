// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package crc64

import stdcrc64 "hash/crc64"

// stride is the number of bytes that fold processes at a time: eight registers of 16.
const stride = 128

// foldBy is what fold multiplies by: x^D mod P moves a register of 16 bytes D
// bits ahead, and the first 8 of its bytes are another 64 ahead of the rest. A
// carry-less product of two reflected numbers comes out one bit too far, hence
// the -1. Two numbers for 1024 bits, the stride, and two for 128, a register.
//
// The method is that of Gopal et al., "Fast CRC Computation for Generic
// Polynomials Using PCLMULQDQ Instruction", Intel, 2009. Its last step, from 16
// bytes to 8, is left to the table.
var foldBy = [4]uint64{xPower(8*stride + 64 - 1), xPower(8*stride - 1), xPower(128 + 64 - 1), xPower(128 - 1)}

// xPower is x^n mod P.
func xPower(n int) uint64 {
	power := uint64(one)
	for range n {
		power = power>>1 ^ stdcrc64.ECMA&-(power&1)
	}
	return power
}

// Update adds p to crc and returns the new checksum. The initial value is 0. It is
// several times as fast as hash/crc64 on a CPU with carry-less multiplication, and as
// fast on others.
func Update(crc uint64, p []byte) uint64 {
	if n := len(p) - len(p)%stride; canFold && n > 0 {
		var rest [16]byte
		fold(^crc, p[:n], &foldBy, &rest)
		const fromZero = ^uint64(0) // the inversion at the start is in rest already
		crc, p = stdcrc64.Update(fromZero, table, rest[:]), p[n:]
	}
	return stdcrc64.Update(crc, table, p)
}
