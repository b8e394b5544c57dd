// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"encoding/hex"
	"time"
)

// Beside the entries of files are those of contents, whose hash is their SHA-256.
// An entry of a file is lost with the first edit of it. These stay: they tell
// what an object holds that was uploaded before the edit. They need no proof of
// an identity, since SHA-256 and blocks come from the same reading.

// contentPath is "" for what is no SHA-256, so that no text from elsewhere
// becomes a file name.
func contentPath(cacheDir, sha256 string) string {
	sum, err := hex.DecodeString(sha256)
	if cacheDir == "" || err != nil || len(sum) != 32 {
		return ""
	}
	return entryPath(cacheDir, sum)
}

// Keep lets [Recall] find fp. It is no error when it cannot.
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

// Recall is the fingerprint of the bytes with that SHA-256, if it was kept.
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

// SameBytes reports whether the checksums prove that two files hold the same n
// bytes from off. They do when every block that has some of these bytes is the
// same in both. Nothing is read, so a last block that is shorter in one of the
// files proves nothing.
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

// wholeBlocks is the CRC-64 of the bytes between two borders of blocks.
func (fp Fingerprint) wholeBlocks(start, stop int64) uint64 {
	first := start / fp.blockSize
	return combine(fp.blocks[first:ceilDiv(stop, fp.blockSize)], fp.blockSize, stop-start)
}
