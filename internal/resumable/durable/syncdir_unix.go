// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package durable

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// SyncDir makes the names in dir durable. File systems that cannot sync a directory
// (some network mounts return EINVAL or ENOTSUP) keep the order of changes anyway.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	err = d.Sync()
	if err == nil || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return fmt.Errorf("sync directory %s: %w", dir, err)
}
