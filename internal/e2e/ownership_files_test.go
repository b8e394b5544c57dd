// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The checkpoint directory is a folder of the user's that has a folder of the
// name of the hash cache's. Whatever is in there, and however old, stays.
func TestOwnership_filesOfTheUser(t *testing.T) {
	w := newWorld(t)
	defer w.serve()()
	folder := filepath.Join(w.dir, "fingerprints")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	names := []string{"holiday.txt", strings.Repeat("0123456789abcdef", 2), strings.Repeat("0123456789abcdef", 4)}
	longAgo := time.Now().AddDate(-1, 0, 0)
	for _, name := range names {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, bytesOf(name), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, longAgo, longAgo); err != nil {
			t.Fatal(err)
		}
	}
	// The cache does not trust a file that changed within two seconds, and where
	// it writes no entry it looks at no other.
	time.Sleep(2100 * time.Millisecond)
	check := func(when string) {
		t.Helper()
		for _, name := range names {
			if got, err := os.ReadFile(filepath.Join(folder, name)); err != nil || !bytes.Equal(got, bytesOf(name)) {
				t.Errorf("%s, %s has changed: %v", when, name, err)
			}
		}
	}
	w.plan()
	check("after a plan")
	w.mustApply()
	check("after an apply")
	w.checkOwned()
}
