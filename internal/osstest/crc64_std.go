// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !race

package osstest

import "hash/crc64"

func updateCRC64(crc uint64, p []byte) uint64 { return crc64.Update(crc, crcTable, p) }
