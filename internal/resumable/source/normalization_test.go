// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpen_otherNormalization(t *testing.T) {
	const composed, decomposed = "caf\u00e9", "cafe\u0301"
	dir := t.TempDir()
	folder := filepath.Join(dir, decomposed)
	if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, decomposed+".img"), []byte("x"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, composed)); err == nil {
		t.Skip("this file system does not distinguish normalizations")
	}
	for path, other := range map[string]string{
		composed + "/" + composed + ".img":   `cafe\u0301/cafe\u0301.img`,
		decomposed + "/" + composed + ".img": `cafe\u0301/cafe\u0301.img`,
		composed:                             `cafe\u0301`,
		"cafe":                               "",
		composed + "/other.img":              "",
		"absent/" + composed:                 "",
	} {
		_, err := Open(filepath.Join(dir, path))
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%+q: %v", path, err)
			continue
		}
		if named := strings.Contains(err.Error(), "Unicode normalization"); named != (other != "") || !strings.Contains(filepath.ToSlash(err.Error()), other) {
			t.Errorf("%+q: %v", path, err)
		}
	}
}

// A link to an absent file has the right name, and is not blamed for it.
func TestOpen_linkToNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("nothing", path); err != nil {
		t.Skipf("no symbolic links: %v", err)
	}
	_, err := Open(path)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "it is a symbolic link to a file that does not exist") {
		t.Errorf("error %v", err)
	}
}
