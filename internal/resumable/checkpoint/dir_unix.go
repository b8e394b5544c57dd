// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package checkpoint

import (
	"fmt"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// noFollow keeps a file of ours from being a symbolic link, and an open from
// waiting for the other end of a FIFO.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

func checkPrivate(dir string, info fs.FileInfo) error {
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("%w: others may write to %s (mode %04o); run: chmod go-w %q", ErrDir, dir, mode, dir)
	}
	return nil
}

func checkWritable(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDir, dir, err)
	}
	return nil
}
