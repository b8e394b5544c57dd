// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package private

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestReadFile_limit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if _, err := ReadFile(path, 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	for size, want := range map[int]error{0: nil, 9: nil, 10: nil, 11: ErrTooLarge} {
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := ReadFile(path, 10)
		if !errors.Is(err, want) || want == nil && len(text) != size {
			t.Errorf("%d bytes: read %d, %v", size, len(text), err)
		}
	}
}

func TestCheck_absent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "absent")
	if err := Check(dir); !errors.Is(err, ErrDir) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := Prepare(dir); err != nil {
		t.Error(err)
	}
	if err := Check(dir); err != nil {
		t.Error(err)
	}
}
