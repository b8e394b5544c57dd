// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !purego

package crc64

import "golang.org/x/sys/cpu"

var canFold = cpu.X86.HasPCLMULQDQ
