// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package private

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// otherHome returns a home directory that does not belong to root.
func otherHome(t *testing.T) string {
	t.Helper()
	home := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(home, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

func TestCheckHome(t *testing.T) {
	home := otherHome(t)
	dir := filepath.Join(home, ".cache", "terraform-provider-ossresumable")
	if err := CheckHome(dir, 0); err == nil || !strings.Contains(err.Error(), home+" belongs to user") {
		t.Errorf("root: %v", err)
	}
	for _, euid := range []int{1, os.Getuid() + 1} {
		if err := CheckHome(dir, euid); err != nil {
			t.Errorf("user %d: %v", euid, err)
		}
	}
	if err := CheckHome("/absent/terraform-provider-ossresumable", 0); err != nil {
		t.Errorf("below a directory of root: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(dir)); err == nil {
		t.Error("made the directory")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := CheckHome(dir, 0); err != nil {
		t.Errorf("of earlier runs: %v", err)
	}
}

func TestWithin(t *testing.T) {
	for name, test := range map[string]struct {
		mode   os.FileMode
		uid    int // -1: ours
		folder bool
	}{
		"ours":                    {0o700, -1, false},
		"readable by others":      {0o755, -1, false},
		"not writable by us":      {0o500, -1, false},
		"writable by everyone":    {0o777, -1, true},
		"writable by a group":     {0o775 | os.ModeSetgid, -1, true},
		"sticky":                  {0o777 | os.ModeSticky, -1, true},
		"theirs":                  {0o755, other, true},
		"theirs, for everyone":    {0o777, other, true},
		"theirs, for their group": {0o775 | os.ModeSetgid, other, true},
	} {
		t.Run(name, func(t *testing.T) {
			if test.uid >= 0 {
				mustBeRoot(t)
			}
			w := newWorld(t)
			w.mkdir("dir")
			dir := w.path("dir")
			if err := errors.Join(os.Chown(dir, test.uid, -1), os.Chmod(dir, test.mode)); err != nil {
				t.Fatal(err)
			}
			want := dir
			if test.folder {
				want = w.path("dir", fmt.Sprintf("terraform-provider-ossresumable-%d", os.Geteuid()))
			}
			got := Within(dir)
			if got != want {
				t.Fatalf("got %s, want %s", got, want)
			}
			if test.folder {
				if err := errors.Join(CheckUsable(got), Prepare(got), Check(got)); err != nil {
					t.Error(err)
				}
				if again := Within(got); again != got {
					t.Errorf("of the folder: %s", again)
				}
			}
		})
	}
	if got := Within("/absent/dir"); got != "/absent/dir" {
		t.Errorf("got %s", got)
	}
}

// Another user who guesses the name makes the folder first, or a link to one.
func TestWithin_takenByAnotherUser(t *testing.T) {
	mustBeRoot(t)
	for name, take := range map[string]func(w *world, folder string){
		"folder": func(w *world, folder string) { w.mkdir("tmp", folder); _ = os.Chown(w.path("tmp", folder), other, -1) },
		"link":   func(w *world, folder string) { w.mkdir("ours"); w.link(other, "../ours", "tmp/"+folder) },
	} {
		w := newWorld(t)
		w.mkdir("tmp")
		t.Setenv("TMPDIR", w.path("tmp"))
		if err := os.Chmod(w.path("tmp"), 0o777|os.ModeSticky); err != nil {
			t.Fatal(err)
		}
		take(w, filepath.Base(Temporary()))
		if Within(w.path("tmp")) != Temporary() {
			t.Errorf("%s is not %s", Within(w.path("tmp")), Temporary())
		}
		for call, check := range checks {
			if err := check(Temporary()); !refuses(err, Temporary(), "user ") {
				t.Errorf("%s: %s: got %v", name, call, err)
			}
		}
	}
}
