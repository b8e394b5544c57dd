// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build purego || (!amd64 && !arm64)

package crc64

const canFold = false

func fold(uint64, []byte, *[4]uint64, *[16]byte) { panic("crc64: cannot fold") }
