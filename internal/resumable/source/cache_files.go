// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/chunks"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/durable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/private"
)

// An entry is a file in a folder of the checkpoint directory:
//
//	<cacheDir>/fingerprints/v1-<hash>.fingerprint
//	….fingerprint.tmp-<number>  left by a crash during a write
//
// A user may already have a folder with this name, with files that are named by
// hashes. So entries have distinctive names, and files with other names are never
// read, written or removed. Both directories and the entries must follow the rules of
// package private.
var entryName = regexp.MustCompile(`^v1-(?:[0-9a-f]{32}|[0-9a-f]{64})\.fingerprint(?:\.tmp-[0-9]+)?$`)

// maxEntrySize is the maximum size that [encode] writes, so that a larger file is not
// read into memory: blocks and chunks in base64, with 4 bytes for 3, and the other
// fields, whose numbers have at most 20 digits.
const (
	maxEntrySize = (8*maxBlocks+2)/3*4 + maxEntryRest
	maxEntryRest = (chunks.MaxTable+2)/3*4 + (8*chunks.MaxChunks+2)/3*4 + 512
)

// entryPath returns the path of the entry with that hash, of 16 or 32 bytes.
func entryPath(cacheDir string, hash []byte) string {
	return filepath.Join(cacheDir, "fingerprints", "v1-"+hex.EncodeToString(hash)+".fingerprint")
}

// dirsOf returns the directories of an entry, the outer one first.
func dirsOf(path string) [2]string {
	folder := filepath.Dir(path)
	return [2]string{filepath.Dir(folder), folder}
}

func readEntry(path string) ([]byte, error) {
	for _, dir := range dirsOf(path) {
		if err := private.Check(dir); err != nil {
			return nil, err
		}
	}
	return private.ReadFile(path, maxEntrySize)
}

// markUsed protects an entry that was just read from the sweep.
func markUsed(path string) { _ = os.Chtimes(path, now(), now()) }

func writeEntry(path string, data []byte) error {
	places := dirsOf(path)
	for _, dir := range places {
		if err := private.Prepare(dir); err != nil {
			return err
		}
	}
	if info, err := os.Lstat(path); err == nil { // it may not be an entry
		if err := private.CheckFile(path, info); err != nil {
			return err
		}
	}
	if err := durable.WriteFile(path, data); err != nil {
		return fmt.Errorf("%w: %w", private.ErrDir, err)
	}
	sweepOnce.Do(func() { sweep(places[1]) })
	return nil
}

// checkWritable checks whether [writeEntry] can succeed. It creates nothing.
func checkWritable(path string) error {
	for _, dir := range dirsOf(path) {
		if err := private.CheckUsable(dir); err != nil {
			return err
		}
	}
	return nil
}
