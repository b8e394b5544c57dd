// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Stale journals are counted and not changed.
func TestStale(t *testing.T) {
	const week = 7 * 24 * time.Hour
	dir := t.TempDir()
	age := func(key Key, days int) {
		t.Helper()
		at := time.Now().Add(-time.Duration(days) * 24 * time.Hour)
		if err := os.Chtimes(filepath.Join(dir, key.name()+".journal"), at, at); err != nil {
			t.Fatal(err)
		}
	}
	other := func(n int) Key { return Key{testKey.Endpoint, testKey.Bucket, fmt.Sprint("other ", n)} }
	leave := func(key Key, days int) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, key.name()+".journal"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		age(key, days)
	}
	count := func() int {
		t.Helper()
		n, err := Stale(dir, testKey, week)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}

	fill(t, open(t, dir))
	age(testKey, 8) // ours: it is being worked on
	leave(other(1), 8)
	leave(other(2), 6)
	leave(other(3), 3650)
	leave(other(4), -3650) // the clock was ten years ahead when it was written
	if got := count(); got != 2 {
		t.Errorf("counts %d, want 2", got)
	}

	// One that a crash left a lock file of is still stale; one whose lock is
	// held is not, however long nothing was written.
	if err := os.WriteFile(filepath.Join(dir, other(1).name()+".lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := Open(t.Context(), dir, other(5), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }()
	leave(other(5), 8)
	before, _ := os.ReadDir(dir)
	if got := count(); got != 2 {
		t.Errorf("counts %d, want 2", got)
	}
	if after, _ := os.ReadDir(dir); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("changed the directory from %v to %v", before, after)
	}
	if _, err := Open(t.Context(), dir, other(5), 0); err == nil {
		t.Error("counting has taken the lock away")
	}

	if n, err := Stale(filepath.Join(dir, "absent"), testKey, week); n != 0 || err != nil {
		t.Errorf("absent directory: %d, %v", n, err)
	}
	// Windows has the same error for a file in place of a directory and for nothing.
	if _, err := Stale(filepath.Join(dir, testKey.name()+".journal"), testKey, week); err == nil && runtime.GOOS != "windows" {
		t.Error("a file is no directory")
	}
	t.Log("FAULT F90: journals of other keys older than a week are counted, locked and younger ones are not, none is removed")
}
