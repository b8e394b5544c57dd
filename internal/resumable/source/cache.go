// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"crypto/sha256"
	"fmt"
	"time"
)

// The cache holds one entry per device and inode; its hash is one of both. An
// entry is used only when it proves that the file was not written since:
//
//   - every field of the identity is equal, the time of change among them,
//     which a program cannot set back as it can the time of modification, and
//   - hashing began when the time of change was 2 s old or older. A write during
//     or after hashing must then have left another one, even on FAT, whose
//     clock ticks every 2 s. (Git knows a younger file as "racily clean".)
//
// How old the time of modification is does not matter. Whatever sets it, a write
// or a program that wants another one, sets the time of change as well, and that
// to the present. So it tells of no write that the time of change does not tell
// of, and a file that was unpacked with one in the future is not read by every
// plan until then. Windows keeps a time of change, too (ChangeTime), and sets it
// with each write; a program can set it there, but so it can the other one.
//
// Three holes remain. The rule trusts that the clock of a network file system
// is not behind ours by seconds. A program that writes through a mapping may
// leave the times as they are until the kernel writes the page out. And where
// the system makes up the time of change (FAT on Unix), an edit that puts size
// and time of modification back is not seen. What follows from each is a change
// that no plan notices. Bytes that differ from a fingerprint are not published.
const (
	freshAge  = 2 * time.Second
	unusedAge = 90 * 24 * time.Hour

	// minCachedSize is where looking into the cache begins to be cheaper than hashing.
	minCachedSize = 64 << 10
)

var now = time.Now // Overridden by tests.

// cacheEntry is the place for one file's fingerprint. Trouble with it costs
// another reading of the file and is no error; a plan says so.
type cacheEntry struct {
	path     string // "": no cache for this file
	identity Identity
}

func cacheEntryOf(cacheDir string, id Identity) cacheEntry {
	if cacheDir == "" || id.Size < minCachedSize {
		return cacheEntry{}
	}
	hash := sha256.Sum256(fmt.Appendf(nil, "%d %d", id.Device, id.Inode))
	return cacheEntry{path: entryPath(cacheDir, hash[:16]), identity: id}
}

// load returns the fingerprint, if there is one to trust.
func (e cacheEntry) load() (fp Fingerprint, ok bool) {
	if e.path == "" {
		return Fingerprint{}, false
	}
	data, err := readEntry(e.path)
	if err != nil {
		return Fingerprint{}, false
	}
	id, fp, started, err := decode(data)
	if err != nil || id != e.identity || !trusted(id, started) {
		return Fingerprint{}, false
	}
	markUsed(e.path)
	return fp, true
}

// store keeps a fingerprint that was begun at that time, if it could be trusted.
// It fails where none can be kept, also when this one was too fresh to try.
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

// trusted tells whether a write after that time must show in the identity.
func trusted(id Identity, started time.Time) bool {
	if id.ChangeTimeNS == 0 {
		return false // FAT on Windows; see unixNano
	}
	return started.Sub(time.Unix(0, id.ChangeTimeNS)) >= freshAge
}
