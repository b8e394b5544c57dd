// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/durable"
)

// CheckDir tells whether dir could hold journals, without making or writing
// anything. It fails with ErrDir. A nil error is no promise: disks fill up.
func CheckDir(dir string) error {
	if dir == "" {
		return fmt.Errorf("%w: it is not set", ErrDir)
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

// prepareDir makes dir when it is absent and refuses one that is not private.
func prepareDir(dir string) error {
	if dir == "" {
		return fmt.Errorf("%w: it is not set", ErrDir)
	}
	if err := durable.MkdirAll(dir); err != nil {
		return fmt.Errorf("%w: %w", ErrDir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDir, err)
	}
	return checkPrivate(dir, info)
}
