// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// realPairs shows what an update sends for each pair of files that pairs/build.sh has built
// in b.pairs.
func (b *bench) realPairs(ctx context.Context) error {
	if b.pairs == "" {
		fmt.Fprintln(os.Stderr, "skipping the pairs of files: no directory is given")
		return nil
	}
	entries, err := os.ReadDir(b.pairs)
	if err != nil {
		return err
	}
	result := table{
		title: "Next releases",
		note: "MB to send for the next release of a file, if the last one is in OSS. Equal parts have 8 MiB and the same offset in both files. " +
			"Chunks have any size and number. restic and rsync mean how these programs find what is new, without compression and protocol. " +
			"Each pair is measured once. Sent is what the engine sends on a new machine, which has only the state; it may copy parts of 100 KiB to 256 MiB, and have 10,000 of them.",
		header: []string{"pair", "", "MB"},
	}
	for _, r := range references {
		result.header = append(result.header, r.name)
	}
	result.header = append(result.header, "sent (parts, of these copied)")
	for _, entry := range entries {
		if !entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		row, err := b.pair(ctx, filepath.Join(b.pairs, entry.Name()))
		if err != nil {
			return fmt.Errorf("%s: %w", entry.Name(), err)
		}
		row = append([]string{entry.Name()}, row...)
		for len(row) < len(result.header) {
			row = append(row, "")
		}
		fmt.Fprintln(os.Stderr, strings.Join(row, " | "))
		result.add(row...)
	}
	b.tables = append(b.tables, result)
	return nil
}

// pair measures the pair in a directory. The row of a pair that could not be built contains
// only the reason.
func (b *bench) pair(ctx context.Context, dir string) (row []string, err error) {
	reason, err := os.ReadFile(filepath.Join(dir, "not-built"))
	if err == nil {
		return []string{"not built: " + strings.TrimSpace(string(reason))}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	about, err := os.ReadFile(filepath.Join(dir, "about"))
	if err != nil {
		return nil, err
	}
	t := trial{What: "update", Old: filepath.Join(dir, "old"), File: filepath.Join(dir, "new"), Key: "pair", Elsewhere: true}
	row, err = compare(t.Old, t.File)
	if err != nil {
		return nil, err
	}
	server, err := b.store()
	if err != nil {
		return nil, err
	}
	defer func() { _ = server.Close() }()
	t.URL = server.url
	if t.Dir, err = os.MkdirTemp(b.dir, "pair-*"); err != nil {
		return nil, err
	}
	c, err := t.run(ctx)
	if err != nil {
		return nil, err
	}
	sent := fmt.Sprintf("%s (%d, %d)", megabytes(c.Sent), c.Parts, c.Copies)
	return append(append([]string{strings.TrimSpace(string(about))}, row...), sent), nil
}

// equalPartsOf is equalParts of two files.
func equalPartsOf(oldPath, newPath string) (sent int64, err error) {
	err = withMapped(oldPath, newPath, func(oldFile, newFile []byte) error {
		sent = equalParts(oldFile, newFile)
		return nil
	})
	return sent, err
}

// compare returns the size of the new file, and what each reference would send.
func compare(oldPath, newPath string) (row []string, err error) {
	err = withMapped(oldPath, newPath, func(oldFile, newFile []byte) error {
		row = []string{megabytes(int64(len(newFile)))}
		for _, r := range references {
			n, err := r.bytes(oldFile, newFile)
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			row = append(row, megabytes(n))
		}
		return nil
	})
	return row, err
}

// withMapped calls do with two files that are mapped into memory.
func withMapped(oldPath, newPath string, do func(oldFile, newFile []byte) error) error {
	oldFile, err := mapped(oldPath)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Munmap(oldFile) }()
	newFile, err := mapped(newPath)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Munmap(newFile) }()
	return do(oldFile, newFile)
}

func mapped(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
}

// megabytes formats a number of bytes, with a decimal below 100 MB.
func megabytes(n int64) string {
	if n < 99_950_000 {
		return format("%.1f", float64(n)/1e6)
	}
	return format("%.0f", float64(n)/1e6)
}
