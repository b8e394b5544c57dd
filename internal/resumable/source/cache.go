// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"crypto/sha256"
	"fmt"
	"time"
)

// The cache has one entry for each device and inode, named by a hash of both. An entry
// is used only if it proves that the file has not been written since:
//
//   - every field of the identity is equal, including the change time, which programs
//     cannot set, unlike the modification time, and
//   - hashing began when the change time was at least 2 s old. A write during or after
//     hashing must then have changed it, even on FAT, whose clock has a resolution of
//     2 s. (Git calls a younger file "racily clean".)
//
// The age of the modification time does not matter. Setting it, by a write or by a
// program, also sets the change time to the present. So the change time shows every
// write, and a file that was unpacked with a modification time in the future is not
// read again by every plan. Windows has a change time, too (ChangeTime), and sets it
// with each write. Programs can set it there, like the modification time.
//
// Three gaps remain. The clock of a network file system may be seconds behind the
// local one. A write through a memory mapping may leave the times unchanged until the
// kernel writes the page. And where the system invents the change time (FAT on Unix),
// an edit that restores size and modification time is not seen. In each case, a plan
// misses a change. Bytes that differ from a fingerprint are still never published.
const (
	freshAge  = 2 * time.Second
	unusedAge = 90 * 24 * time.Hour

	// minCachedSize is the size above which reading the cache is cheaper than hashing.
	minCachedSize = 64 << 10
)

var now = time.Now // Overridden by tests.

// cacheEntry is the entry for the fingerprint of one file. If it cannot be used, the
// file is read again, which is not an error; a plan warns about it.
type cacheEntry struct {
	path     string // "": not cached
	identity Identity
}

func cacheEntryOf(cacheDir string, id Identity) cacheEntry {
	if cacheDir == "" || id.Size < minCachedSize {
		return cacheEntry{}
	}
	hash := sha256.Sum256(fmt.Appendf(nil, "%d %d", id.Device, id.Inode))
	return cacheEntry{path: entryPath(cacheDir, hash[:16]), identity: id}
}

// load returns the fingerprint, if a trusted one exists.
func (e cacheEntry) load() (fp Fingerprint, ok bool) {
	if e.path == "" {
		return Fingerprint{}, false
	}
	data, err := readEntry(e.path)
	if err != nil {
		return Fingerprint{}, false
	}
	id, fp, started, err := decode(data)
	if err != nil || id != e.identity || !trusted(id, started) || !fp.hasChunks() {
		return Fingerprint{}, false
	}
	markUsed(e.path)
	return fp, true
}

// store stores a fingerprint whose hashing began at started, if it can be trusted. It
// fails if the cache cannot be written, even if this fingerprint is too fresh to store.
func (e cacheEntry) store(fp Fingerprint, started time.Time) error {
	if e.path == "" {
		return nil
	}
	if !trusted(e.identity, started) {
		return checkWritable(e.path)
	}
	data, err := encode(e.identity, fp, started)
	if err != nil {
		return err
	}
	return writeEntry(e.path, data)
}

// trusted reports whether a write after started must have changed the identity.
func trusted(id Identity, started time.Time) bool {
	if id.ChangeTimeNS == 0 {
		return false // FAT on Windows; see unixNano
	}
	return started.Sub(time.Unix(0, id.ChangeTimeNS)) >= freshAge
}
