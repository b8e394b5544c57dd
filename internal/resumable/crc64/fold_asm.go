// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build (amd64 || arm64) && !purego

package crc64

// fold shortens p to 16 bytes that have the same remainder, when the register
// of the CRC is crc before p and 0 before the 16 bytes. len(p) must be a
// positive multiple of stride, and canFold must hold.
//
//go:noescape
func fold(crc uint64, p []byte, by *[4]uint64, rest *[16]byte)
