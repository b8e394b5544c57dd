// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package source

import (
	"os"
	"syscall"
)

// openNonblock opens path without waiting: a named pipe that has no writer
// would otherwise block forever. A terminal does not become the controlling one.
func openNonblock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
}

// setBlocking clears O_NONBLOCK. Most file systems ignore it, but POSIX allows EAGAIN
// for a read of a regular file, and some file systems with slow storage return it.
func setBlocking(file *os.File) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var setErr error
	err = conn.Control(func(fd uintptr) { setErr = syscall.SetNonblock(int(fd), false) })
	if err != nil {
		return err
	}
	return os.NewSyscallError("fcntl", setErr)
}
