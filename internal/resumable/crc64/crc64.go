// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package crc64 computes CRC-64 as OSS reports it in x-oss-hash-crc64ecma:
// the ECMA-182 polynomial, bits reflected, first and last inverted (known as
// CRC-64/XZ; of "123456789" it is 0x995DC9BBDF1939FA), written in decimal.
//
// Checksums of neighbouring ranges combine to the checksum of both without
// their bytes; see [Combine].
package crc64

import (
	"fmt"
	"hash"
	stdcrc64 "hash/crc64"
	"strconv"
)

var table = stdcrc64.MakeTable(stdcrc64.ECMA)

// New returns a running CRC-64 that is 0 before the first byte.
func New() hash.Hash64 { return stdcrc64.New(table) }

// Format writes crc as OSS does, in decimal.
func Format(crc uint64) string { return strconv.FormatUint(crc, 10) }

// Parse reads what [Format] writes.
func Parse(s string) (uint64, error) {
	crc, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("CRC-64 %q is not a decimal number of 64 bits", s)
	}
	return crc, nil
}
