// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package private

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/durable"
)

// ErrDir reports a checkpoint directory, or a file in it, that cannot be used.
var ErrDir = errors.New("checkpoint directory cannot be used")

// Prepare creates dir if it is absent, and refuses one that is not private.
func Prepare(dir string) error {
	if err := checkPath(dir); err != nil {
		return err
	}
	if err := durable.MkdirAll(dir); err != nil {
		return fmt.Errorf("%w: %w", ErrDir, err)
	}
	return Check(dir)
}

// Check refuses a directory that is not private, or a path to it through a symbolic
// link of another user, who could redirect it later. Links of this user and of root
// are allowed. Check creates and writes nothing. For an absent directory, the error
// also matches [fs.ErrNotExist].
func Check(dir string) error {
	if err := checkPath(dir); err != nil {
		return err
	}
	dir = filepath.Clean(dir) // like the paths of the files in it
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDir, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%w: %s is not a directory", ErrDir, dir)
	}
	return checkPrivate(dir, info)
}

// CheckUsable checks whether [Prepare] can succeed and files can be created in dir.
// It creates and writes nothing. A later write may still fail, for example on a full
// disk.
func CheckUsable(dir string) error {
	if err := checkPath(dir); err != nil {
		return err
	}
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		switch {
		case err == nil && !info.IsDir():
			return fmt.Errorf("%w: %s is not a directory", ErrDir, d)
		case err == nil:
			if d == filepath.Clean(dir) {
				if err := checkPrivate(d, info); err != nil {
					return err
				}
			}
			return checkWritable(d)
		case !os.IsNotExist(err) || d == filepath.Dir(d):
			return fmt.Errorf("%w: %w", ErrDir, err)
		}
	}
}

func checkPath(dir string) error {
	if dir == "" {
		return fmt.Errorf("%w: it is not set", ErrDir)
	}
	return checkLinks(dir)
}
