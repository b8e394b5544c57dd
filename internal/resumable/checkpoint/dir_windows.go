// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"fmt"
	"io/fs"
)

// noFollow is not needed: making a symbolic link takes a privilege on Windows.
const noFollow = 0

// checkPrivate trusts the access control list that the directory inherits
// from the user's profile.
func checkPrivate(string, fs.FileInfo) error { return nil }

// checkOurs refuses what is not a file.
func checkOurs(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %s is not a regular file", ErrDir, path)
	}
	return nil
}

// checkWritable leaves the answer to the first write: the mode bits that
// Windows reports for a directory do not tell.
func checkWritable(string) error { return nil }
