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

const other = 65534 // another user than the one who runs the tests

// world has a directory of ours and the ways to it that a test asks for.
type world struct {
	*testing.T
	dir string // resolved, so that no link is in it but those of the test
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, dir}
}

func (w *world) path(elem ...string) string {
	return filepath.Join(append([]string{w.dir}, elem...)...)
}

func (w *world) mkdir(elem ...string) {
	w.Helper()
	if err := os.MkdirAll(w.path(elem...), 0o700); err != nil {
		w.Fatal(err)
	}
}

// link makes a symbolic link of that user; -1 is this one.
func (w *world) link(uid int, target, name string) {
	w.Helper()
	if err := errors.Join(os.Symlink(target, w.path(name)), os.Lchown(w.path(name), uid, -1)); err != nil {
		w.Fatal(err)
	}
}

// The owner of a link in the path can redirect it later. So the link is refused,
// and the error names the link and its owner.
func TestCheck_linkOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a link to another user")
	}
	for name, test := range map[string]struct {
		prepare func(w *world)
		dir     string
		link    string // that is refused; "": none
	}{
		"the directory":       {func(w *world) { w.link(other, "real", "link") }, "link", "link"},
		"a folder above":      {func(w *world) { w.link(other, ".", "link") }, "link/real", "link"},
		"far above":           {func(w *world) { w.mkdir("real/a/b"); w.link(other, "real", "link") }, "link/a/b", "link"},
		"above an absent one": {func(w *world) { w.link(other, "real", "link") }, "link/a/b", "link"},
		"leads nowhere":       {func(w *world) { w.link(other, "absent", "link") }, "link", "link"},
		"absolute":            {func(w *world) { w.link(other, w.path("real"), "link") }, "link", "link"},
		"in the target of our own link": {
			func(w *world) { w.link(other, "real", "theirs"); w.link(-1, "theirs/", "ours") }, "ours", "theirs",
		},
		"above the target of our own link": {
			func(w *world) { w.link(other, ".", "theirs"); w.link(-1, w.path("theirs/real"), "ours") }, "ours", "theirs",
		},
		"behind the parent of a target": {
			func(w *world) { w.mkdir("a/b"); w.link(-1, "a/b", "ours"); w.link(other, "../../real", "a/b/theirs") }, "ours/theirs", "a/b/theirs",
		},
		"in a sticky folder that all may write to": {
			func(w *world) {
				w.mkdir("tmp")
				_ = os.Chmod(w.path("tmp"), 0o777|os.ModeSticky)
				w.link(other, "../real", "tmp/link")
			}, "tmp/link", "tmp/link",
		},

		"ours":                  {func(w *world) { w.link(-1, "real", "link") }, "link", ""},
		"ours, above":           {func(w *world) { w.link(-1, ".", "link") }, "link/real", ""},
		"ours, in their folder": {func(w *world) { w.mkdir("a"); w.link(-1, "../real", "a/link"); _ = os.Chown(w.path("a"), other, -1) }, "a/link", ""},
		"theirs, but left by a parent": {
			func(w *world) { w.link(other, "real", "theirs") }, "theirs/../real", "", // files are at the cleaned path
		},
		"theirs, elsewhere": {func(w *world) { w.link(other, ".", "real/theirs") }, "real", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.mkdir("real")
			test.prepare(w)
			before := w.tree()
			for call, check := range map[string]func(string) error{"Check": Check, "CheckUsable": CheckUsable, "Prepare": Prepare} {
				err := check(w.dir + "/" + test.dir)
				if test.link == "" && err != nil {
					t.Errorf("%s: %v", call, err)
				}
				if test.link != "" && !refuses(err, w.path(test.link)+" is a symbolic link owned by user", fmt.Sprint(other)) {
					t.Errorf("%s: got %v, want the link %s refused", call, err, test.link)
				}
			}
			if after := w.tree(); after != before {
				t.Errorf("changed from %s to %s", before, after)
			}
		})
	}
}

// A relative path is looked at from the root, too.
func TestCheck_linkAboveTheWorkingDirectory(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a link to another user")
	}
	w := newWorld(t)
	w.mkdir("real/inner/dir")
	w.link(other, "real", "link")
	t.Chdir(w.path("link/inner")) // sets PWD, as a shell does
	if err := Check("dir"); !refuses(err, w.path("link")+" is a symbolic link") {
		t.Errorf("got %v", err)
	}
}

// The kernel's own answer is the one that says what is wrong.
func TestCheck_linksWithoutEnd(t *testing.T) {
	w := newWorld(t)
	w.link(-1, "b", "a")
	w.link(-1, "a", "b")
	for call, check := range map[string]func(string) error{"Check": Check, "CheckUsable": CheckUsable, "Prepare": Prepare} {
		if err := check(w.path("a")); !refuses(err, "too many levels of symbolic links") {
			t.Errorf("%s: got %v", call, err)
		}
	}
}

func (w *world) tree() (names string) {
	w.Helper()
	err := filepath.WalkDir(w.dir, func(path string, _ os.DirEntry, err error) error {
		names += " " + strings.TrimPrefix(path, w.dir)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return names
}

func refuses(err error, words ...string) bool {
	if !errors.Is(err, ErrDir) {
		return false
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			return false
		}
	}
	return true
}
