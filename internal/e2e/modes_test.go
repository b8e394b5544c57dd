// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// With umask 000, only the owner has access to the checkpoint.
func TestModes_umaskThatAllowsAll(t *testing.T) {
	w := newWorld(t)
	w.withUmask("000")
	w.killAfter(20)
	files := 0
	err := filepath.WalkDir(w.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode()&0o077 != 0 {
			t.Errorf("%s has mode %v", filepath.Base(path), info.Mode())
		}
		files++
		return err
	})
	if err != nil || files < 2 {
		t.Errorf("looked at %d files: %v", files, err)
	}
	w.mustApply()
	w.checkDone()
	t.Logf("FAULT F35: umask 000; %d parts sent again", w.sentAgain())
}

// With umask 777, which denies access even to the owner, the apply fails with a clear error
// and sends nothing.
func TestModes_umaskThatAllowsNothing(t *testing.T) {
	w := newWorld(t)
	t.Log("FAULT F35: umask 777")
	if os.Geteuid() != 0 {
		t.Skip("needs root: Terraform itself gets nowhere without permissions")
	}
	w.withUmask("777")
	out := w.apply()
	if out.ExitCode == 0 || w.writes() != 0 {
		t.Errorf("exit status %d after %d requests that write\n%s", out.ExitCode, w.writes(), out.Text)
	}
	w.check(out.Text, "Checkpoint directory cannot be used", w.dir)
}

func (w *world) withUmask(umask string) {
	w.Via = []string{"/bin/sh", "-c", "umask " + umask + `; exec "$0" "$@"`}
}

// Only the configured checkpoint directory is used, whatever its name. Nothing else is
// changed.
func TestModes_namesOfTheCheckpointDirectory(t *testing.T) {
	w := newWorld(t)
	t.Log("FAULT F36: checkpoint directory named in unusual ways")
	w.content = []byte("small")
	if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
		t.Fatal(err)
	}
	root, env := t.TempDir(), w.Env
	for _, c := range []struct{ name, written, used string }{
		{"trailing slash", root + "/slash/", root + "/slash"},
		{"parent", w.Dir + "/../" + filepath.Base(root) + "/parent", root + "/parent"},
		{"spaces and letters", root + "/a b \u65e5\u672c \U0001f600", root + "/a b \u65e5\u672c \U0001f600"},
		{"relative", "relative/dir", w.Dir + "/relative/dir"},
		{"home", "~/in home", root + "/in home"},
	} {
		w.Env = append(env, "OSSRESUMABLE_CHECKPOINT_DIR="+c.written, "HOME="+root)
		w.server.DeleteObject(bucket, key)
		w.mustApply()
		info, err := os.Stat(c.used)
		if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", c.name, info, err)
		}
		if err := os.RemoveAll(c.used); err != nil {
			t.Fatal(err)
		}
		// OpenTofu creates a folder .terraform.d.
		if others, _ := filepath.Glob(filepath.Join(root, "[^.]*")); len(others) != 0 {
			t.Errorf("%s: made %v", c.name, others)
		}
	}
}
