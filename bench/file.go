// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const (
	kib = int64(1) << 10
	mib = int64(1) << 20
	gib = int64(1) << 30
)

// file creates a file of n random bytes, and adds its hash to the cache in the checkpoint
// directory, as a plan does. It waits until the file is two seconds old, because the cache
// ignores newer files. The file is then in the page cache.
func (b *bench) file(ctx context.Context, n int64) (string, error) {
	path := filepath.Join(b.dir, fmt.Sprintf("%d.bin", n))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := writeRandom(path, n); err != nil {
		return "", err
	}
	time.Sleep(2100 * time.Millisecond)
	_, _, err := resumable.FingerprintSource(ctx, path, b.checkpoints())
	return path, err
}

func writeRandom(path string, n int64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if _, err := io.CopyN(file, rand.NewChaCha8([32]byte{}), n); err != nil {
		return err
	}
	return file.Sync() // so that it is not written to disk during a measurement
}

// checkpoints returns the directory for checkpoints and the hash cache.
func (b *bench) checkpoints() string {
	dir := filepath.Join(b.dir, "checkpoints")
	_ = os.Mkdir(dir, 0o700) // if it fails, the first upload returns an error
	return dir
}

// emptyCheckpoints returns a new directory for checkpoints, and removes the last one.
func (b *bench) emptyCheckpoints() string {
	dir := filepath.Join(b.dir, "empty")
	_ = os.RemoveAll(dir) // if it fails, the next upload finds the old hashes
	return dir
}

// sizeText formats a size.
func sizeText(n int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{gib, "GiB"}, {mib, "MiB"}, {kib, "KiB"}} {
		if n >= unit.bytes && n%unit.bytes == 0 {
			return fmt.Sprintf("%d %s", n/unit.bytes, unit.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}
