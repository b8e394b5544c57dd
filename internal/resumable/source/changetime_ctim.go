// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows && !darwin && !freebsd && !netbsd

package source

import "syscall"

func changeTime(stat *syscall.Stat_t) *syscall.Timespec { return &stat.Ctim }
