// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// write creates a file of random bytes.
func write(tb testing.TB, size int) (path string, data []byte) {
	tb.Helper()
	data = make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(size)}).Read(data)
	path = filepath.Join(tb.TempDir(), "file.bin")
	put(tb, path, data)
	return path, data
}

func put(tb testing.TB, path string, data []byte) {
	tb.Helper()
	mkdir(tb, filepath.Dir(path))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
}

func mkdir(tb testing.TB, dir string) {
	tb.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		tb.Fatal(err)
	}
}

func symlink(tb testing.TB, target, link string) {
	tb.Helper()
	if err := os.Symlink(target, link); err != nil {
		tb.Skip("no symbolic links here:", err)
	}
	if _, err := os.Stat(target); err != nil {
		return
	}
	if _, err := os.Stat(link); err != nil { // so under Wine
		tb.Skip("symbolic links can be made here, but not followed:", err)
	}
}

func read(tb testing.TB, path string) []byte {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func stat(tb testing.TB, path string) fs.FileInfo {
	tb.Helper()
	info, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	return info
}

func open(tb testing.TB, path string) *File {
	tb.Helper()
	f, err := Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

func fingerprint(tb testing.TB, path, cacheDir string) Fingerprint {
	tb.Helper()
	f, err := Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	fp, err := f.Fingerprint(tb.Context(), cacheDir)
	if err != nil {
		tb.Fatal(err)
	}
	return fp
}

// setClock sets the clock of the package.
func setClock(tb testing.TB, clock func() time.Time) {
	tb.Helper()
	now = clock
	tb.Cleanup(func() { now = time.Now })
}

// ageFiles makes all files old enough to be trusted.
func ageFiles(tb testing.TB) {
	tb.Helper()
	setClock(tb, func() time.Time { return time.Now().Add(time.Minute) })
}

// onHashed calls f after each read of a file, before it is checked again.
func onHashed(tb testing.TB, f func(path string)) {
	tb.Helper()
	old := testHookHashed
	testHookHashed = f
	tb.Cleanup(func() { testHookHashed = old })
}

// countHashes counts how often a file was read.
func countHashes(tb testing.TB) *int {
	tb.Helper()
	count := 0
	onHashed(tb, func(string) { count++ })
	return &count
}

// newProcess lets the next entry that is written sweep.
func newProcess(tb testing.TB) {
	tb.Helper()
	sweepOnce = new(sync.Once)
}
