// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// temporaryWarning is the summary of the warning about a default directory that
// cannot be used.
const temporaryWarning = "Warning: Checkpoints are in a temporary directory"

// Containers often have no home directory, or one that cannot be written. The
// provider then uses a temporary directory of its own, and one warning of the
// plan says what that costs. An upload is resumed from there.
func TestContainer_home(t *testing.T) {
	w := newWorld(t)
	temp, environment := t.TempDir(), w.Env
	if err := os.Chmod(temp, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	readOnly := t.TempDir()
	mountSmall(t, readOnly)
	remountSmall(t, readOnly, unix.MS_RDONLY)
	dir := filepath.Join(temp, fmt.Sprintf("terraform-provider-ossresumable-%d", os.Geteuid()))
	for _, c := range []struct {
		name, says string
		home       []string // HOME=…; empty: unset
	}{
		{"HOME is read-only", "read-only file system", []string{"HOME=" + readOnly}},
		{"HOME is not a directory", "not a directory", []string{"HOME=/dev/null"}},
		{"HOME is not set", "$HOME", nil},
	} {
		w.Via = append([]string{"env", "-u", "HOME", "-u", "XDG_CACHE_HOME"}, c.home...)
		w.Env = append(slices.Clip(environment), "TMPDIR="+temp, "OSSRESUMABLE_CHECKPOINT_DIR=")
		text := w.plan()
		if n := strings.Count(text, temporaryWarning); n != 1 {
			t.Errorf("%s: the plan has %d warnings\n%s", c.name, n, text)
		}
		w.check(text, c.says, dir, "is lost with the container", "parts that OSS holds", "OSSRESUMABLE_CHECKPOINT_DIR")
	}
	w.killAfter(20)
	if journals, _ := filepath.Glob(filepath.Join(dir, "*.journal")); len(journals) != 1 {
		t.Errorf("journals in %s: %v", dir, journals)
	}
	w.mustApply()
	w.checkDone()
	if again := w.sentAgain(); again > parallel {
		t.Errorf("%d parts sent again", again)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}

// Volumes of Kubernetes may be written by every user, or by a group. The provider
// uses a folder in them that only its user can enter.
func TestContainer_sharedVolume(t *testing.T) {
	for _, c := range []struct {
		name string
		mode os.FileMode
		uid  int
	}{
		{"emptyDir", 0o777, 0},
		{"fsGroup", 0o775 | os.ModeSetgid, 65534},
		{"temporary directory", 0o777 | os.ModeSticky, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if os.Geteuid() != 0 {
				t.Skip("only root can have a volume of another user")
			}
			t.Logf("FAULT F34: checkpoint directory that others may write to (%s)", c.name)
			if err := errors.Join(os.Mkdir(w.dir, 0o700), os.Chown(w.dir, c.uid, 0), os.Chmod(w.dir, c.mode)); err != nil {
				t.Fatal(err)
			}
			w.killAfter(20)
			out, code := w.ask("status", w.dir)
			if code != 0 || !strings.Contains(out, "interrupted") {
				t.Errorf("status: exit status %d\n%s", code, out)
			}
			entries, _ := os.ReadDir(w.dir)
			if len(entries) != 1 || !entries[0].IsDir() {
				t.Fatalf("the volume has %v", entries)
			}
			if info, err := entries[0].Info(); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("%v, %v", info, err)
			}
			w.dir = filepath.Join(w.dir, entries[0].Name())
			w.mustApply()
			w.checkDone()
			if again := w.sentAgain(); again > parallel {
				t.Errorf("%d parts sent again", again)
			}
		})
	}
}

// Another user can make a folder with the name of ours first. Nothing is read
// from it, written to it or sent.
func TestContainer_folderOfAnotherUser(t *testing.T) {
	w := newWorld(t)
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder to another user")
	}
	folder := filepath.Join(w.dir, fmt.Sprintf("terraform-provider-ossresumable-%d", os.Geteuid()))
	if err := errors.Join(os.MkdirAll(folder, 0o700), os.Chmod(w.dir, 0o777|os.ModeSticky), os.Chown(folder, 65534, 65534)); err != nil {
		t.Fatal(err)
	}
	out := w.apply()
	w.check(out.Text, "Checkpoint directory cannot be used", folder+" belongs to user", "Nothing was sent")
	if entries, err := os.ReadDir(folder); len(entries) > 0 || err != nil || w.writes() != 0 {
		t.Errorf("%v, %v, %d requests that write", entries, err, w.writes())
	}
}
