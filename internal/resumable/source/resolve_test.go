// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func setHome(t *testing.T, dir string) {
	t.Helper()
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir) // Windows
}

func TestResolve(t *testing.T) {
	setHome(t, "/home/anna")
	tests := map[string]string{
		"":            "",
		"~":           "/home/anna",
		"~/":          "/home/anna/",
		"~/x":         "/home/anna/x",
		"~/l/../x":    "/home/anna/l/../x",
		"~x":          "~x",
		"~anna/x":     "~anna/x",
		"x":           "x",
		"./~":         "./~",
		"a/~/b":       "a/~/b",
		"/etc/passwd": "/etc/passwd",
	}
	if runtime.GOOS == "windows" {
		tests[`~\x`] = `/home/anna\x`
	} else {
		tests[`~\x`] = `~\x`
	}
	for path, want := range tests {
		if got, err := Resolve(path); err != nil || got != want {
			t.Errorf("Resolve(%q) = %q, %v, want %q", path, got, err, want)
		}
	}
}

func TestResolveWithoutHome(t *testing.T) {
	setHome(t, "")
	if got, err := Resolve("~/x"); err == nil {
		t.Errorf("resolved to %q", got)
	}
	if _, err := Resolve("x"); err != nil {
		t.Errorf("a path without ~ needs no home: %v", err)
	}
}

func TestOpenResolves(t *testing.T) {
	path, _ := write(t, 3)
	setHome(t, filepath.Dir(path))
	f := open(t, "~"+string(os.PathSeparator)+filepath.Base(path))
	if f.Path() != path || f.Size() != 3 {
		t.Errorf("opened %s of %d bytes", f.Path(), f.Size())
	}
}
