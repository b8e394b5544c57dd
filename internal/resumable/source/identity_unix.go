// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package source

import (
	"io/fs"
	"os"
	"syscall"
)

func identityOf(file *os.File) (Identity, error) { return identityIn(file.Stat()) }

func identityAt(path string) (Identity, error) { return identityIn(os.Stat(path)) }

func identityIn(info fs.FileInfo, err error) (Identity, error) {
	if err != nil {
		return Identity{}, err
	}
	stat := info.Sys().(*syscall.Stat_t)
	return Identity{
		// The widths of these two differ from system to system.
		Device:       uint64(stat.Dev),
		Inode:        uint64(stat.Ino),
		Size:         info.Size(),
		ModTimeNS:    info.ModTime().UnixNano(),
		ChangeTimeNS: changeTime(stat).Nano(),
	}, nil
}
