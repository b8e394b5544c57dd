// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package durable makes changes to a directory that survive a power failure.
//
// After a crash, a new file is complete or absent, because of the order of the
// system calls:
//
//	create temp in the same directory → write → fsync → close → rename → fsync directory
//
// The order follows Pillai et al., "All File Systems Are Not Created Equal"
// (OSDI 2014). A failed fsync is reported and never repeated on the same
// descriptor: the kernel may have dropped the dirty pages (Rebello et al.,
// "Can Applications Recover from fsync Failures?", ATC 2020).
//
// On Windows a directory cannot be synced; NTFS journals its own metadata.
package durable

import (
	"fmt"
	"os"
	"path/filepath"
)

// MkdirAll creates dir and its missing parents with mode 0700, and makes their names
// durable.
func MkdirAll(dir string) error {
	dir = filepath.Clean(dir) // MkdirAll would create "new" for "new/.."
	missing := []string{}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil {
			break
		} else if !os.IsNotExist(err) {
			return err
		}
		missing = append(missing, d)
		if filepath.Dir(d) == d {
			break
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, d := range missing {
		if err := SyncDir(filepath.Dir(d)); err != nil {
			return err
		}
	}
	return nil
}

// WriteFile replaces the file at path by a new one with mode 0600.
func WriteFile(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, filepath.Base(path)+".tmp-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			_ = os.Remove(temp.Name())
		}
	}()
	if _, err := temp.Write(data); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", temp.Name(), err)
	}
	// Close before the rename: Windows cannot rename an open file.
	if err := temp.Close(); err != nil {
		return err
	}
	if err := retryWhileBusy(func() error { return os.Rename(temp.Name(), path) }); err != nil {
		return err
	}
	return SyncDir(dir)
}

// Remove durably removes the file at path. An absent file is not an error.
func Remove(path string) error {
	if err := retryWhileBusy(func() error { return os.Remove(path) }); err != nil {
		if os.IsNotExist(err) {
			return nil
		}
		return err
	}
	return SyncDir(filepath.Dir(path))
}
