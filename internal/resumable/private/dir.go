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

// Prepare makes dir when it is absent and refuses one that is not private.
func Prepare(dir string) error {
	if err := checkPath(dir); err != nil {
		return err
	}
	if err := durable.MkdirAll(dir); err != nil {
		return fmt.Errorf("%w: %w", ErrDir, err)
	}
	return Check(dir)
}

// Check refuses a directory that is not private, or a path to it that leads
// through a symbolic link of another user, who can point it elsewhere when this
// program has files there. Links of this user and of root are fine. It makes and
// writes nothing; the error for one that is absent is [fs.ErrNotExist], too.
func Check(dir string) error {
	if err := checkPath(dir); err != nil {
		return err
	}
	dir = filepath.Clean(dir) // as the paths of the files in it are
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDir, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%w: %s is not a directory", ErrDir, dir)
	}
	return checkPrivate(dir, info)
}

// CheckUsable tells whether [Prepare] could succeed and files could be made in
// dir, without making or writing anything. A nil error is no promise: disks fill up.
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
