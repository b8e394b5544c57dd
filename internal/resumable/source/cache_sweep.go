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

// maxCacheSize is the maximum size of all entries, in bytes. An entry takes 11 bytes
// for each block of its file, and at most maxEntrySize. Overridden by tests.
var maxCacheSize int64 = 256 << 20

// sweepOnce limits the sweep to one per process, because entries last 90 days.
var sweepOnce = new(sync.Once) // Replaced by tests.

// sweep removes entries that have not been used for unusedAge, and files that a crash
// during a write left. Of the rest, the most recently used ones up to maxCacheSize
// stay. Errors are ignored until the next sweep.
func sweep(dir string) {
	files := entriesIn(dir)
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	var sum int64
	for _, file := range files {
		sum += file.Size()
		if now().Sub(file.ModTime()) > unusedAge || sum > maxCacheSize {
			_ = os.Remove(filepath.Join(dir, file.Name()))
		}
	}
}

// entriesIn returns the entries in dir. Files that are not entries by name, owner or
// type are left out, and so is what cannot be read.
func entriesIn(dir string) (files []fs.FileInfo) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		if !entryName.MatchString(entry.Name()) {
			continue
		}
		info, err := entry.Info()
		if err == nil && private.CheckFile(filepath.Join(dir, entry.Name()), info) == nil {
			files = append(files, info)
		}
	}
	return files
}
