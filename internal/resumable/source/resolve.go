// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"fmt"
	"os"
)

// Resolve replaces a leading "~" that is the whole path or is followed by a separator
// by the user's home directory. Other paths are unchanged; "~name" is a file of that
// name.
func Resolve(path string) (string, error) {
	if path == "" || path[0] != '~' || len(path) > 1 && !os.IsPathSeparator(path[1]) {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%s: find the home directory: %w", path, err)
	}
	// Not filepath.Join: it would remove "link/..", which may lead elsewhere.
	return home + path[1:], nil
}
