// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenReads(t *testing.T) {
	path, data := write(t, 1000)
	f := open(t, path)
	if f.Path() != path || f.Size() != 1000 || f.Identity().Size != 1000 {
		t.Errorf("%s, %d bytes, %+v", f.Path(), f.Size(), f.Identity())
	}
	for range 2 {
		got, err := io.ReadAll(f.Section(10, 20))
		if err != nil || !bytes.Equal(got, data[10:30]) {
			t.Errorf("section: %x, %v", got, err)
		}
	}
	got := make([]byte, 20)
	if _, err := f.ReadAt(got, 980); err != nil || !bytes.Equal(got, data[980:]) {
		t.Errorf("ReadAt: %x, %v", got, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.CheckUnchanged(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestOpenFollowsLinks(t *testing.T) {
	path, _ := write(t, 5)
	dir := t.TempDir()
	link, linkToLink := filepath.Join(dir, "link"), filepath.Join(dir, "link-to-link")
	symlink(t, path, link)
	symlink(t, link, linkToLink)
	f := open(t, linkToLink)
	if f.Path() != linkToLink || f.Size() != 5 || f.Identity() != open(t, path).Identity() {
		t.Errorf("opened %s: %+v", f.Path(), f.Identity())
	}
	if err := f.CheckUnchanged(); err != nil {
		t.Error(err)
	}
	t.Log("FAULT F46: a link to a file is followed")
}

func TestOpenWhatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	dangling := filepath.Join(dir, "dangling")
	symlink(t, filepath.Join(dir, "nothing"), dangling)
	for _, path := range []string{"", filepath.Join(dir, "nothing"), dangling} {
		_, err := Open(path)
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("Open(%q): %v", path, err)
		}
	}
}

func TestOpenDirectory(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	symlink(t, dir, link)
	for _, path := range []string{dir, link} {
		_, err := Open(path)
		if !errors.Is(err, ErrNotRegular) || !strings.Contains(err.Error(), path+" is a directory") {
			t.Errorf("Open(%q): %v", path, err)
		}
	}
}

func TestCheckUnchanged(t *testing.T) {
	tests := []struct {
		name   string
		change func(tb testing.TB, path string)
		says   string // "" when the file counts as unchanged
	}{
		{"read", func(tb testing.TB, path string) { tb.Helper(); read(tb, path) }, ""},
		{"touched", touch, "modification time is 1970-01-01T00:00:01Z, was "},
		{"extended", extend, "size is 104, was 100"},
		{"shortened", shorten, "size is 99, was 100"},
		{"overwritten", overwrite, "change time is "},
		{"replaced", replace, "another file took its place, inode is "},
		{"removed", remove, "it was moved or removed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path, _ := write(t, 100)
			f := open(t, path)
			tt.change(t, path)
			err := f.CheckUnchanged()
			if tt.says == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if !errors.Is(err, ErrChanged) || !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want ErrChanged that says %q", err, tt.says)
			}
		})
	}
}

func TestCheckUnchangedFollowsTheLinkAgain(t *testing.T) {
	path, data := write(t, 100)
	twin := filepath.Join(t.TempDir(), "twin")
	put(t, twin, data)
	link := filepath.Join(t.TempDir(), "link")
	symlink(t, path, link)
	f := open(t, link)
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := f.CheckUnchanged(); !errors.Is(err, ErrChanged) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("link removed: %v", err)
	}
	symlink(t, twin, link)
	if err := f.CheckUnchanged(); !errors.Is(err, ErrChanged) {
		t.Errorf("link to an equal file: %v", err)
	}
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	symlink(t, path, link)
	if err := f.CheckUnchanged(); err != nil {
		t.Errorf("link to the same file again: %v", err)
	}
}
