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

// Stale counts the journals in dir that nothing was written to for age and
// that nobody works on, except key's. Each stands for an upload that OSS may
// still hold parts of, and charge for. It changes nothing: whose they are, and
// whether they are wanted, is for a person to say.
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

// InUse reports whether a process works on key's destination with dir as its
// checkpoint directory. It changes nothing. By the time it returns, one may
// have begun or ended.
func InUse(dir string, key Key) bool {
	return locked(filepath.Join(dir, key.name()+".lock"))
}

// locked reports whether a process holds the lock at path, without waiting and
// without making the file. A lock that cannot be tried counts as held.
func locked(path string) bool {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return false
	}
	// Shared, so that two processes that count do not see each other as holders.
	l := flock.New(path, flock.SetFlag(os.O_RDWR|private.NoFollow))
	defer func() { _ = l.Close() }()
	free, err := l.TryRLock()
	return err != nil || !free
}
