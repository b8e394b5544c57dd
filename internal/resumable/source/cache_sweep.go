// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/private"
)

// maxCacheSize is what all entries may take, in bytes. One takes 11 for each
// block of its file, and maxEntrySize at most. Overridden by tests.
var maxCacheSize int64 = 256 << 20

// sweepOnce is enough: a run lasts minutes, an entry 90 days.
var sweepOnce = new(sync.Once) // Replaced by tests.

// sweep removes what was not used for long: entries of files that are gone,
// and what a crash left of writing one. Of the rest, the last used ones that
// fit into maxCacheSize stay. What is not ours by its name, its owner or its kind
// is neither removed nor counted. Errors are left to the next sweep.
func sweep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	for _, entry := range entries {
		if !entryName.MatchString(entry.Name()) {
			continue
		}
		info, err := entry.Info()
		if err == nil && private.CheckFile(filepath.Join(dir, entry.Name()), info) == nil {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	var sum int64
	for _, file := range files {
		sum += file.Size()
		if now().Sub(file.ModTime()) > unusedAge || sum > maxCacheSize {
			_ = os.Remove(filepath.Join(dir, file.Name()))
		}
	}
}
