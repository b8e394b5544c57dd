// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package private

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/owner"
)

// NoFollow makes an open fail for a symbolic link, and not wait for the other end of
// a FIFO.
const NoFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

func openPath(path string, flag int) (*os.File, error) { return os.OpenFile(path, flag|NoFollow, 0) }

// checkPrivate refuses a directory that belongs to another user or that other users
// may write to, because they could put a journal there.
//
// Of its parents, only symbolic links are checked. A user who may rename files in a
// parent can move the directory away. That loses a checkpoint, which can be restored
// from OSS. A replacement would belong to that user and be refused.
func checkPrivate(dir string, info fs.FileInfo) error {
	if err := checkOwner(dir, info); err != nil {
		return err
	}
	switch mode := info.Mode().Perm(); {
	case mode&0o022 != 0:
		return fmt.Errorf("%w: other users may write to %s (mode %04o); run chmod go-w on it", ErrDir, dir, mode)
	case mode&0o700 != 0o700: // for example after a umask of 0777
		return fmt.Errorf("%w: its owner has no access to %s (mode %04o); run chmod u+rwx on it", ErrDir, dir, mode)
	}
	return nil
}

// CheckFile refuses a file that this program did not create, such as a link, a pipe
// or a file of another user. info is the result of [os.Lstat].
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

// shared reports whether other users may write to a directory.
func shared(info fs.FileInfo) bool {
	uid, _, known := owner.Of(info)
	return known && uid != os.Geteuid() || info.Mode().Perm()&0o022 != 0
}

func checkOwner(path string, info fs.FileInfo) error {
	uid, _, known := owner.Of(info)
	if !known || uid == os.Geteuid() {
		return nil
	}
	return fmt.Errorf("%w: %s belongs to %s, but this process runs as %s", ErrDir, path, owner.Name(uid), owner.Name(os.Geteuid()))
}

func checkWritable(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDir, dir, err)
	}
	return nil
}
