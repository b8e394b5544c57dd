// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"os"
	"path/filepath"
	"sync"
)

// sweepOnce is enough: a run lasts minutes, an entry 90 days.
var sweepOnce = new(sync.Once) // Replaced by tests.

// sweep removes what was not used for long: entries of files that are gone,
// and what a crash left of writing one. Its errors are left to the next sweep.
func sweep(dir string) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, file := range files {
		info, err := file.Info()
		if err == nil && info.Mode().IsRegular() && now().Sub(info.ModTime()) > unusedAge {
			_ = os.Remove(filepath.Join(dir, file.Name()))
		}
	}
}
