// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/private"
)

// Stale counts the journals in dir that have not been written for age and that no
// process works on, except the journal of key. Each may be for an upload whose parts
// OSS still bills. It removes nothing, because only the user knows whether the
// uploads are still wanted.
func Stale(dir string, key Key, age time.Duration) (int, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	count := 0
	for _, e := range entries {
		base, isJournal := strings.CutSuffix(e.Name(), ".journal")
		if !isJournal || base == key.name() {
			continue
		}
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || time.Since(info.ModTime()) <= age {
			continue
		}
		if !locked(filepath.Join(dir, base+".lock")) {
			count++
		}
	}
	return count, nil
}

// InUse reports whether a process works on the destination of key with dir as its
// checkpoint directory. It changes nothing. The answer may be outdated when it
// returns.
func InUse(dir string, key Key) bool {
	return locked(filepath.Join(dir, key.name()+".lock"))
}

// locked reports whether a process holds the lock at path. It does not wait or create
// the file. A lock that cannot be tried counts as held.
func locked(path string) bool {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return false
	}
	// A shared lock, so that two processes that call this do not see each other.
	l := flock.New(path, flock.SetFlag(os.O_RDWR|private.NoFollow))
	defer func() { _ = l.Close() }()
	free, err := l.TryRLock()
	return err != nil || !free
}
