// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package private

import (
	"errors"
	"os"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/owner"
)

// checks are the functions that tell whether a directory may be used.
var checks = map[string]func(string) error{"Check": Check, "CheckUsable": CheckUsable, "Prepare": Prepare}

func TestCheck_mode(t *testing.T) {
	for mode, want := range map[os.FileMode]string{
		0o700: "",
		0o755: "",
		0o720: "other users may write to",
		0o702: "other users may write to",
		0o600: "its owner has no access to",
		0o500: "its owner has no access to",
		0o300: "its owner has no access to",
	} {
		for call, check := range checks {
			w := newWorld(t)
			w.mkdir("dir")
			if err := os.Chmod(w.path("dir"), mode); err != nil {
				t.Fatal(err)
			}
			if err := check(w.path("dir")); !answers(err, want) {
				t.Errorf("%s of mode %04o: got %v", call, mode, err)
			}
		}
	}
}

func TestCheck_directoryOfAnotherUser(t *testing.T) {
	mustBeRoot(t)
	for call, check := range checks {
		w := newWorld(t)
		w.mkdir("dir")
		if err := os.Chown(w.path("dir"), other, -1); err != nil {
			t.Fatal(err)
		}
		want := w.path("dir") + " belongs to " + owner.Name(other) + ", but this process runs as " + owner.Name(0)
		if err := check(w.path("dir")); !answers(err, want) {
			t.Errorf("%s: got %v, want %q", call, err, want)
		}
	}
}

// The rule is about the directory itself. One that Prepare would make is
// private, whatever its parent is.
func TestCheckUsable_parent(t *testing.T) {
	for mode, dir := range map[os.FileMode]string{0o777: "absent", 0o770: "absent/dir"} {
		w := newWorld(t)
		w.mkdir("parent")
		if err := os.Chmod(w.path("parent"), mode); err != nil {
			t.Fatal(err)
		}
		for _, call := range []string{"CheckUsable", "Prepare", "Check"} { // in this order: Prepare makes it
			if err := checks[call](w.path("parent", dir)); err != nil {
				t.Errorf("%s below mode %04o: %v", call, mode, err)
			}
		}
	}
}

// A file is no directory, and nothing can be below it.
func TestCheck_file(t *testing.T) {
	w := newWorld(t)
	if err := os.WriteFile(w.path("file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for call, check := range checks {
		if err := check(w.path("file")); !refuses(err) {
			t.Errorf("%s: got %v", call, err)
		}
		if err := check(w.path("file", "dir")); !refuses(err, "not a directory") {
			t.Errorf("%s below a file: got %v", call, err)
		}
	}
}

func TestCheckFile(t *testing.T) {
	for name, test := range map[string]struct {
		change func(path string) error
		want   string // in the error; "": none
		asRoot bool
	}{
		"ours":                 {func(string) error { return nil }, "", false},
		"readable by others":   {func(path string) error { return os.Chmod(path, 0o644) }, "", false},
		"writable by a group":  {func(path string) error { return os.Chmod(path, 0o620) }, "other users may write to", false},
		"writable by everyone": {func(path string) error { return os.Chmod(path, 0o602) }, "other users may write to", false},
		"of two names":         {func(path string) error { return os.Link(path, path+"2") }, "more than one hard link", false},
		"of another user":      {func(path string) error { return os.Chown(path, other, -1) }, "belongs to " + owner.Name(other), true},
		"a directory":          {func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }, "not a regular file", false},
		"a link":               {func(path string) error { return errors.Join(os.Rename(path, path+"2"), os.Symlink(path+"2", path)) }, "not a regular file", false},
	} {
		t.Run(name, func(t *testing.T) {
			if test.asRoot {
				mustBeRoot(t)
			}
			w := newWorld(t)
			path := w.path("file")
			if err := errors.Join(os.WriteFile(path, []byte("text"), 0o600), test.change(path)); err != nil {
				t.Fatal(err)
			}
			info, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := CheckFile(path, info); !answers(err, test.want) {
				t.Errorf("CheckFile: got %v", err)
			}
			text, err := ReadFile(path, 10)
			if !answers(err, test.want) || test.want == "" && string(text) != "text" {
				t.Errorf("ReadFile: got %q, %v", text, err)
			}
		})
	}
}

// answers reports whether err is nil if want is "", and else an [ErrDir] that
// contains want.
func answers(err error, want string) bool {
	if want == "" {
		return err == nil
	}
	return refuses(err, want)
}

func mustBeRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to another user")
	}
}
