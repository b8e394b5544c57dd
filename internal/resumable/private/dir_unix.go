// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package private

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// NoFollow is the flag that keeps a file of ours from being a symbolic link, and
// an open from waiting for the other end of a FIFO.
const NoFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

func openPath(path string, flag int) (*os.File, error) { return os.OpenFile(path, flag|NoFollow, 0) }

// checkPrivate refuses a directory that belongs to another user or that others may
// write to: they could put a journal there.
//
// Its parents are not looked at, but for the links among them. Who may rename in
// one of them can take our directory away, which costs a checkpoint that OSS gives
// back; but not put another in its place, which would not be ours.
func checkPrivate(dir string, info fs.FileInfo) error {
	if err := checkOwner(dir, info); err != nil {
		return err
	}
	switch mode := info.Mode().Perm(); {
	case mode&0o022 != 0:
		return fmt.Errorf("%w: other users may write to %s (mode %04o); run chmod go-w on it", ErrDir, dir, mode)
	case mode&0o700 != 0o700: // a umask of 0777 makes such ones
		return fmt.Errorf("%w: its owner has no access to %s (mode %04o); run chmod u+rwx on it", ErrDir, dir, mode)
	}
	return nil
}

// CheckFile refuses a file under a name of ours that this program did not make:
// a link, a pipe, another user's. info is what [os.Lstat] says of path.
func CheckFile(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %s is not a regular file", ErrDir, path)
	}
	if err := checkOwner(path, info); err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("%w: other users may write to %s (mode %04o); remove it, or run chmod go-w on it", ErrDir, path, mode)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 {
		return fmt.Errorf("%w: %s has more than one hard link; remove it", ErrDir, path)
	}
	return nil
}

func checkOwner(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) == os.Geteuid() {
		return nil
	}
	return fmt.Errorf("%w: %s belongs to %s, but this process runs as %s", ErrDir, path, userName(int(stat.Uid)), userName(os.Geteuid()))
}

func userName(uid int) string {
	id := strconv.Itoa(uid)
	if u, err := user.LookupId(id); err == nil {
		return fmt.Sprintf("user %s (%s)", u.Username, id)
	}
	return "user " + id
}

func checkWritable(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDir, dir, err)
	}
	return nil
}
