// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package private

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrTooLarge reports a file that is larger than this program writes.
var ErrTooLarge = errors.New("file is too large")

// Open opens an existing private file. It never follows a symbolic link and does not
// wait for the other end of a pipe.
func Open(path string, flag int) (*os.File, error) {
	named, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if err := CheckFile(path, named); err != nil {
		return nil, err
	}
	f, err := openPath(path, flag)
	if err != nil {
		return nil, err
	}
	if !Names(path, f) {
		_ = f.Close()
		return nil, fmt.Errorf("%w: %s was replaced while it was opened", ErrDir, path)
	}
	return f, nil
}

// ReadFile reads an existing private file of at most limit bytes. It fails with
// [ErrTooLarge] for a larger one. If the file becomes shorter while it is read, the
// result is shorter, too.
func ReadFile(path string, limit int64) ([]byte, error) {
	f, err := Open(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s: %w: %d bytes", path, ErrTooLarge, info.Size())
	}
	text := make([]byte, info.Size())
	n, err := io.ReadFull(f, text)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil // it became shorter
	}
	return text[:n], err
}

// Names reports whether path names f.
func Names(path string, f interface{ Stat() (fs.FileInfo, error) }) bool {
	named, err := os.Lstat(path)
	if err != nil {
		return false
	}
	open, err := f.Stat()
	return err == nil && os.SameFile(named, open)
}
