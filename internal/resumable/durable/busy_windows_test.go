// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package durable

import (
	"os"
	"path/filepath"
	"testing"
)

// A file that is open in another process can be replaced and removed once it is closed.
func TestWhenFree(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "file"), filepath.Join(dir, "other")
	for name, change := range map[string]func() error{
		"replace": func() error { return os.Rename(other, path) },
		"remove":  func() error { return os.Remove(path) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, p := range []string{path, other} {
				if err := WriteFile(p, []byte(p)); err != nil {
					t.Fatal(err)
				}
			}
			reader, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			tries := 0
			err = retryWhileBusy(func() error {
				if tries++; tries == 3 {
					_ = reader.Close()
				}
				return change()
			})
			if err != nil || tries != 3 {
				t.Errorf("%d tries: %v", tries, err)
			}
		})
	}
}

// What stays forbidden is an error in the end.
func TestWhenFree_never(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := WriteFile(path, nil); err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	if err := Remove(path); !busy(err) {
		t.Errorf("got %v", err)
	}
}
