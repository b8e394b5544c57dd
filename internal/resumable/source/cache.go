// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/durable"
)

// The cache holds one file per device and inode:
//
//	<cacheDir>/fingerprints/<hash of device and inode>
//
// An entry is used only when it proves that the file was not written since:
//
//   - every field of the identity is equal, the time of change among them,
//     which a program cannot set back as it can the time of modification, and
//   - hashing began when both times were 2 s old or older. A write during or
//     after hashing must then have left another time, even on FAT, whose
//     clock ticks every 2 s. (Git knows a younger file as "racily clean".)
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

// cacheEntry is the place for one file's fingerprint. Nothing about it is ever
// an error: at worst the file is read again.
type cacheEntry struct {
	path     string // "": no cache for this file
	identity Identity
}

func cacheEntryOf(cacheDir string, id Identity) cacheEntry {
	if cacheDir == "" || id.Size < minCachedSize {
		return cacheEntry{}
	}
	name := sha256.Sum256(fmt.Appendf(nil, "%d %d", id.Device, id.Inode))
	return cacheEntry{
		path:     filepath.Join(cacheDir, "fingerprints", hex.EncodeToString(name[:16])),
		identity: id,
	}
}

// load returns the fingerprint, if there is one to trust.
func (e cacheEntry) load() (fp Fingerprint, ok bool) {
	if e.path == "" {
		return Fingerprint{}, false
	}
	data, err := os.ReadFile(e.path)
	if err != nil {
		return Fingerprint{}, false
	}
	id, fp, started, err := decode(data)
	if err != nil || id != e.identity || !trusted(id, started) {
		return Fingerprint{}, false
	}
	_ = os.Chtimes(e.path, now(), now()) // in use, says sweep
	return fp, true
}

// store keeps a fingerprint that was begun at that time, if it could be trusted.
func (e cacheEntry) store(fp Fingerprint, started time.Time) {
	if e.path == "" || !trusted(e.identity, started) {
		return
	}
	if data, err := encode(e.identity, fp, started); err == nil {
		writeEntry(e.path, data)
	}
}

func writeEntry(path string, data []byte) {
	dir := filepath.Dir(path)
	if durable.MkdirAll(dir) != nil || durable.WriteFile(path, data) != nil {
		return
	}
	sweepOnce.Do(func() { sweep(dir) })
}

// trusted tells whether a write after that time must show in the identity.
func trusted(id Identity, started time.Time) bool {
	if id.ChangeTimeNS == 0 {
		return false // FAT on Windows; see unixNano
	}
	latest := time.Unix(0, max(id.ModTimeNS, id.ChangeTimeNS))
	return started.Sub(latest) >= freshAge
}
