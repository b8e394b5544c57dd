// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"encoding/hex"
	"path/filepath"
	"time"
)

// The cache also has entries for contents, named by their SHA-256. The entry of a file
// is invalid after an edit. The entry of a content stays, and describes an object that
// was uploaded before the edit. It needs no identity, because SHA-256 and block
// checksums were computed from the same bytes.

// contentPath returns "" for an invalid SHA-256, so that no other text becomes a file
// name.
func contentPath(cacheDir, sha256 string) string {
	sum, err := hex.DecodeString(sha256)
	if cacheDir == "" || err != nil || len(sum) != 32 {
		return ""
	}
	return entryPath(cacheDir, sum)
}

// Keep stores fp for [Recall]. Failures are ignored.
func (fp Fingerprint) Keep(cacheDir string) {
	path := contentPath(cacheDir, fp.SHA256)
	if path == "" || fp.Size < minCachedSize {
		return
	}
	if _, known := Recall(cacheDir, fp.SHA256); known {
		return
	}
	if data, err := encode(Identity{Size: fp.Size}, fp, time.Unix(0, 0)); err == nil {
		_ = writeEntry(path, data)
	}
}

// Recall returns the fingerprint of the bytes with that SHA-256, if it was kept.
func Recall(cacheDir, sha256 string) (Fingerprint, bool) {
	path := contentPath(cacheDir, sha256)
	if path == "" {
		return Fingerprint{}, false
	}
	data, err := readEntry(path)
	if err != nil {
		return Fingerprint{}, false
	}
	_, fp, _, err := decode(data)
	if err != nil || fp.SHA256 != sha256 {
		return Fingerprint{}, false
	}
	markUsed(path)
	return fp, true
}

// RecallObject returns the fingerprint of bytes with that size and CRC-64, if one is
// in the cache. The cache has no names for these, so it reads the entries whose size
// fits. A wrong one costs time, because copied parts are compared.
func RecallObject(cacheDir string, size int64, crc64 string) (Fingerprint, bool) {
	if cacheDir == "" || size < minCachedSize {
		return Fingerprint{}, false
	}
	folder := dirsOf(entryPath(cacheDir, nil))[1]
	blocks := (8*ceilDiv(size, BlockSize(size)) + 2) / 3 * 4
	for _, file := range entriesIn(folder) {
		if file.Size() < blocks || file.Size() > blocks+maxEntryRest {
			continue
		}
		path := filepath.Join(folder, file.Name())
		data, err := readEntry(path)
		if err != nil {
			continue
		}
		if _, fp, _, err := decode(data); err == nil && fp.Size == size && fp.CRC64 == crc64 {
			markUsed(path)
			return fp, true
		}
	}
	return Fingerprint{}, false
}

// SameBytes reports whether the checksums prove that two files have the same n bytes
// at offset off: every block with some of these bytes is the same in both. It reads
// nothing, so a last block that is shorter in one of the files proves nothing.
func (fp Fingerprint) SameBytes(other Fingerprint, off, n int64) bool {
	if off < 0 || n <= 0 || n > min(fp.Size, other.Size)-off || len(fp.blocks) == 0 || len(other.blocks) == 0 {
		return false
	}
	blockSize := max(fp.blockSize, other.blockSize) // a multiple of both
	for start := off / blockSize * blockSize; start < off+n; start += blockSize {
		stop := min(start+blockSize, fp.Size)
		if stop != min(start+blockSize, other.Size) || fp.wholeBlocks(start, stop) != other.wholeBlocks(start, stop) {
			return false
		}
	}
	return true
}

// wholeBlocks returns the CRC-64 of the bytes between two block boundaries.
func (fp Fingerprint) wholeBlocks(start, stop int64) uint64 {
	first := start / fp.blockSize
	return combine(fp.blocks[first:ceilDiv(stop, fp.blockSize)], fp.blockSize, stop-start)
}
