// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package crc64 computes the CRC-64 that OSS reports in x-oss-hash-crc64ecma: the
// ECMA-182 polynomial, reflected, with inverted initial and final values, in decimal.
// It is known as CRC-64/XZ; the checksum of "123456789" is 0x995DC9BBDF1939FA.
//
// The checksums of adjacent ranges can be combined without their bytes; see
// [Combine].
package crc64

import (
	"fmt"
	"hash"
	stdcrc64 "hash/crc64"
	"strconv"
)

var table = stdcrc64.MakeTable(stdcrc64.ECMA)

// New returns a hash that computes the CRC-64. Its initial value is 0.
func New() hash.Hash64 { return stdcrc64.New(table) }

// Format returns crc in decimal, as OSS does.
func Format(crc uint64) string { return strconv.FormatUint(crc, 10) }

// Parse parses the result of [Format].
func Parse(s string) (uint64, error) {
	crc, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("CRC-64 %q is not a decimal number of 64 bits", s)
	}
	return crc, nil
}
