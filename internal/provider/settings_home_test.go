// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider

import (
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
	if err := checkHome(dir, 0); err == nil || !strings.Contains(err.Error(), home+" belongs to user") {
		t.Errorf("root: %v", err)
	}
	for _, euid := range []int{1, os.Getuid() + 1} {
		if err := checkHome(dir, euid); err != nil {
			t.Errorf("user %d: %v", euid, err)
		}
	}
	if err := checkHome("/absent/terraform-provider-ossresumable", 0); err != nil {
		t.Errorf("below a directory of root: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(dir)); err == nil {
		t.Error("made the directory")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := checkHome(dir, 0); err != nil {
		t.Errorf("of earlier runs: %v", err)
	}
}
