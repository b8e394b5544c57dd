// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"os"
	"runtime"
	"testing"
	"time"
)

// Changes of a file between two checks.

func touch(tb testing.TB, path string) {
	tb.Helper()
	if err := os.Chtimes(path, time.Time{}, time.Unix(1, 0)); err != nil {
		tb.Fatal(err)
	}
}

// extend adds bytes at the end.
func extend(tb testing.TB, path string) { tb.Helper(); resize(tb, path, +4) }

// shorten drops the last byte.
func shorten(tb testing.TB, path string) { tb.Helper(); resize(tb, path, -1) }

func resize(tb testing.TB, path string, by int64) {
	tb.Helper()
	if err := os.Truncate(path, stat(tb, path).Size()+by); err != nil {
		tb.Fatal(err)
	}
}

// overwrite changes one byte in place and restores the modification time. It repeats
// that until the clock of the file system has advanced.
func overwrite(tb testing.TB, path string) {
	tb.Helper()
	old, err := identityAt(path)
	if err != nil {
		tb.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		data := read(tb, path)
		data[7]++
		cover(tb, path, data)
		if id, err := identityAt(path); err != nil || id != old {
			return
		}
	}
	tb.Fatal("the identity stays the same: the file system keeps no time of change?")
}

// replace puts another file, of the same size and time, in its place.
func replace(tb testing.TB, path string) {
	tb.Helper()
	skipWhereOpenFilesStay(tb)
	data := read(tb, path)
	data[7]++
	modTime := stat(tb, path).ModTime()
	twin := path + ".new"
	if err := os.WriteFile(twin, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	if err := os.Chtimes(twin, time.Time{}, modTime); err != nil {
		tb.Fatal(err)
	}
	if err := os.Rename(twin, path); err != nil {
		tb.Fatal(err)
	}
}

func remove(tb testing.TB, path string) {
	tb.Helper()
	skipWhereOpenFilesStay(tb)
	if err := os.Remove(path); err != nil {
		tb.Fatal(err)
	}
}

// cover writes data into the file that is there and sets its time back.
func cover(tb testing.TB, path string, data []byte) {
	tb.Helper()
	modTime := stat(tb, path).ModTime()
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := file.WriteAt(data, 0); err != nil {
		tb.Fatal(err)
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
	if err := os.Chtimes(path, time.Time{}, modTime); err != nil {
		tb.Fatal(err)
	}
}

// skipWhereOpenFilesStay skips a test that takes an open file's name away.
func skipWhereOpenFilesStay(tb testing.TB) {
	tb.Helper()
	if runtime.GOOS == "windows" {
		tb.Skip("Windows does not let go of the name of an open file")
	}
}
