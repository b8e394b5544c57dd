// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Bytes in memory are a file in every way but on disk.
func TestFromBytes(t *testing.T) {
	for _, content := range []string{"", "x", string(make([]byte, 3<<20))} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := file.Fingerprint(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		_ = file.Close()

		dir := t.TempDir()
		f := FromBytes("content", []byte(content))
		got, err := f.Fingerprint(t.Context(), dir)
		if err != nil || got.SHA256 != want.SHA256 || got.CRC64 != want.CRC64 || got.Size != want.Size {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
		if read, err := io.ReadAll(f.Section(0, f.Size())); err != nil || string(read) != content {
			t.Errorf("read %d bytes, %v", len(read), err)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 0 {
			t.Errorf("cached: %v", entries)
		}
		if err := f.CheckUnchanged(); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
