// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// fingerprints measures the time to hash a file in a plan, with and without the cache.
func (b *bench) fingerprints(ctx context.Context) error {
	sizes := []int64{kib, 256 * mib, gib, 4 * gib}
	if b.short {
		sizes = sizes[:2]
	}
	result := table{
		title:  "Fingerprint",
		note:   "A file in the page cache. SHA-256 alone is `io.Copy` into `crypto/sha256`. The fingerprint is SHA-256 and the CRC-64 of each block. In parentheses: relative to SHA-256 alone.",
		header: []string{"file", "SHA-256 alone, s", "CPU s", "fingerprint, s", "CPU s", "again, ms"},
	}
	for _, n := range sizes {
		path, err := b.file(ctx, n)
		if err != nil {
			return err
		}
		costs, err := b.inTurns(ctx, []trial{
			{What: "sha256", File: path},
			{What: "fingerprint", File: path},
			{What: "fingerprint", File: path, Dir: b.checkpoints()},
		}, func(*trial) {})
		if err != nil {
			return err
		}
		alone, hashed, cached := costs[0], costs[1], costs[2]
		result.add(sizeText(n), format("%.3f", alone.Wall), format("%.3f", alone.CPU),
			ratio("%.3f", hashed.Wall, alone.Wall), ratio("%.3f", hashed.CPU, alone.CPU), fmt.Sprintf("%.2f", 1000*cached.Wall))
	}
	b.tables = append(b.tables, result)
	return nil
}

func sha256Alone(_ context.Context, t trial) (func() error, error) {
	file, err := os.Open(t.File)
	return func() error {
		_, err := io.Copy(sha256.New(), file)
		return err
	}, err
}

func fingerprint(ctx context.Context, t trial) (func() error, error) {
	return func() error {
		_, _, err := resumable.FingerprintSource(ctx, t.File, t.Dir)
		return err
	}, nil
}
