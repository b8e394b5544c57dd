// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// root in the home of another user, as with "sudo -E" and in a container with
// a home that is mounted: no folder is left there that the user cannot use.
func TestHome_ofAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can have the home of another user")
	}
	w := newWorld(t)
	home := t.TempDir()
	if err := os.Chown(home, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	environment := w.Env
	w.Env = append(w.Env, "HOME="+home, "XDG_CACHE_HOME=", "OSSRESUMABLE_CHECKPOINT_DIR=")
	out := w.apply()
	if out.ExitCode != 1 || w.writes() != 0 {
		t.Errorf("exit status %d after %d requests that write", out.ExitCode, w.writes())
	}
	w.check(out.Text, "Error: No checkpoint directory", home+" belongs to user", "65534", "OSSRESUMABLE_CHECKPOINT_DIR", "sudo -H")
	if left, _ := filepath.Glob(filepath.Join(home, ".cache")); len(left) > 0 {
		t.Errorf("made %v", left)
	}

	// The directory of earlier runs is used: it has checkpoints.
	earlier := filepath.Join(home, ".cache", "terraform-provider-ossresumable")
	if err := os.MkdirAll(earlier, 0o700); err != nil {
		t.Fatal(err)
	}
	w.mustApply()

	w.server.DeleteObject(bucket, key)
	w.Env = append(environment, "HOME="+home)
	w.mustApply() // the directory is named
}
