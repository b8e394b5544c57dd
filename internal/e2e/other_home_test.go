// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// Root runs in the home directory of another user, as with "sudo -E" and in CI containers
// with a mounted home directory. Root creates nothing there that the user could not use.
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
	temp := t.TempDir()
	w.Env = append(w.Env, "HOME="+home, "TMPDIR="+temp, "XDG_CACHE_HOME=", "OSSRESUMABLE_CHECKPOINT_DIR=")
	out := w.mustApply()
	w.check(out.Text, "Warning: Checkpoints are in a temporary directory", home+" belongs to user", "65534",
		"OSSRESUMABLE_CHECKPOINT_DIR", "sudo -H")
	if used, _ := filepath.Glob(filepath.Join(temp, "terraform-provider-ossresumable-0", "fingerprints", "*")); len(used) == 0 {
		t.Error("the temporary directory has no cached hash")
	}
	if left, _ := filepath.Glob(filepath.Join(home, ".cache")); len(left) > 0 {
		t.Errorf("created %v", left)
	}

	// The directory of earlier runs is used, because it has checkpoints.
	earlier := filepath.Join(home, ".cache", "terraform-provider-ossresumable")
	if err := os.MkdirAll(earlier, 0o700); err != nil {
		t.Fatal(err)
	}
	w.mustApply()

	w.server.DeleteObject(bucket, key)
	w.Env = append(environment, "HOME="+home)
	w.mustApply() // the directory is named
}
