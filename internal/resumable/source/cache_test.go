// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

func TestCacheHit(t *testing.T) {
	ageFiles(t)
	path, data := write(t, 3*minBlockSize+12345)
	cacheDir := filepath.Join(t.TempDir(), "made", "on", "demand")
	hashes := countHashes(t)
	for range 3 {
		fp := fingerprint(t, path, cacheDir)
		checkFingerprint(t, fp, data)
		checkPart(t, fp, data, 5, minBlockSize)
	}
	if *hashes != 1 {
		t.Errorf("read %d times", *hashes)
	}
}

func TestCacheKnowsAFileByItsInode(t *testing.T) {
	ageFiles(t)
	path, data := write(t, minCachedSize)
	cacheDir := t.TempDir()
	hashes := countHashes(t)
	link := filepath.Join(t.TempDir(), "link")
	symlink(t, path, link)
	fingerprint(t, path, cacheDir)
	checkFingerprint(t, fingerprint(t, link, cacheDir), data)
	if *hashes != 1 || len(entries(t, cacheDir)) != 1 {
		t.Errorf("read %d times, entries %v", *hashes, entries(t, cacheDir))
	}
}

func TestCacheMissAfterAChange(t *testing.T) {
	for name, change := range map[string]func(tb testing.TB, path string){
		"touched":     touch,
		"extended":    extend,
		"shortened":   shorten,
		"overwritten": overwrite,
		"replaced":    replace,
	} {
		t.Run(name, func(t *testing.T) {
			ageFiles(t)
			path, _ := write(t, minCachedSize+1)
			cacheDir := t.TempDir()
			hashes := countHashes(t)
			fingerprint(t, path, cacheDir)
			change(t, path)
			for range 2 {
				checkFingerprint(t, fingerprint(t, path, cacheDir), read(t, path))
			}
			if *hashes != 2 {
				t.Errorf("read %d times, want 2: before and after", *hashes)
			}
		})
	}
}

func TestCacheComparesEveryFieldOfTheIdentity(t *testing.T) {
	ageFiles(t)
	path, _ := write(t, minCachedSize+1)
	id := open(t, path).Identity()
	cacheDir := t.TempDir()
	fp := fingerprint(t, path, cacheDir)
	for name, change := range map[string]func(id *Identity){
		"device":            func(id *Identity) { id.Device++ },
		"inode":             func(id *Identity) { id.Inode++ },
		"size":              func(id *Identity) { id.Size-- },
		"modification time": func(id *Identity) { id.ModTimeNS-- },
		"change time":       func(id *Identity) { id.ChangeTimeNS-- },
	} {
		other := id
		change(&other)
		entry := cacheEntryOf(cacheDir, id)
		entry.identity = other // as if the names of two entries were the same
		if _, ok := entry.load(); ok {
			t.Errorf("hit, though the %s differs", name)
		}
	}
	if got, ok := cacheEntryOf(cacheDir, id).load(); !ok || !slices.Equal(got.blocks, fp.blocks) {
		t.Error("no hit, though nothing differs")
	}
}

func TestCacheTrustsNoFreshFile(t *testing.T) {
	path, _ := write(t, minCachedSize)
	id := open(t, path).Identity()
	latest := time.Unix(0, max(id.ModTimeNS, id.ChangeTimeNS))
	for _, tt := range []struct {
		age    time.Duration
		cached bool
	}{
		{-time.Hour, false}, // from the future
		{0, false},
		{2*time.Second - 1, false},
		{2 * time.Second, true},
		{2*time.Second + 1, true},
	} {
		t.Run(tt.age.String(), func(t *testing.T) {
			setClock(t, func() time.Time { return latest.Add(tt.age) })
			cacheDir := t.TempDir()
			fp := fingerprint(t, path, cacheDir)
			if cached := len(entries(t, cacheDir)) == 1; cached != tt.cached {
				t.Errorf("stored: %v, want %v", cached, tt.cached)
			}

			// Nor is such an entry used when something else has stored it.
			data, err := encode(id, fp, now())
			if err != nil {
				t.Fatal(err)
			}
			entry := cacheEntryOf(cacheDir, id)
			put(t, entry.path, data)
			if _, ok := entry.load(); ok != tt.cached {
				t.Errorf("used: %v, want %v", ok, tt.cached)
			}
		})
	}
}

func TestTrusted(t *testing.T) {
	const old, fresh = 1, 10e9
	started := time.Unix(0, fresh+1)
	for _, tt := range []struct {
		name string
		id   Identity
		want bool
	}{
		{"both old", Identity{ModTimeNS: old, ChangeTimeNS: old}, true},
		{"modified just now", Identity{ModTimeNS: fresh, ChangeTimeNS: old}, false},
		{"changed just now", Identity{ModTimeNS: old, ChangeTimeNS: fresh}, false},
		{"no change time", Identity{ModTimeNS: old}, false},
	} {
		if got := trusted(tt.id, started); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestCacheLeavesSmallFilesAlone(t *testing.T) {
	ageFiles(t)
	for size, cached := range map[int]bool{0: false, minCachedSize - 1: false, minCachedSize: true, minCachedSize + 1: true} {
		path, data := write(t, size)
		cacheDir := t.TempDir()
		checkFingerprint(t, fingerprint(t, path, cacheDir), data)
		if got := len(entries(t, cacheDir)) == 1; got != cached {
			t.Errorf("%d bytes: cached: %v, want %v", size, got, cached)
		}
	}
}

func TestCacheMissAtADamagedEntry(t *testing.T) {
	ageFiles(t)
	path, data := write(t, minCachedSize)
	cacheDir := t.TempDir()
	fingerprint(t, path, cacheDir)
	entry := cacheEntryOf(cacheDir, open(t, path).Identity())
	sound := read(t, entry.path)
	miss := func(how string, at int, damaged []byte) {
		put(t, entry.path, damaged)
		if _, ok := entry.load(); ok {
			t.Errorf("hit, though %s at byte %d", how, at)
		}
	}
	for i := range sound {
		miss("cut", i, sound[:i])
		for _, bits := range []byte{0x01, 0xFF} {
			damaged := slices.Clone(sound)
			damaged[i] ^= bits
			miss("flipped", i, damaged)
		}
	}
	miss("doubled", len(sound), slices.Concat(sound, sound))

	hashes := countHashes(t)
	for range 2 {
		checkFingerprint(t, fingerprint(t, path, cacheDir), data)
	}
	if *hashes != 1 {
		t.Errorf("read %d times: the damaged entry was not replaced by a sound one", *hashes)
	}
}

func TestCacheTroubleIsNoError(t *testing.T) {
	ageFiles(t)
	path, data := write(t, minCachedSize)
	id := open(t, path).Identity()
	for name, prepare := range map[string]func(cacheDir string){
		"the directory is a file":    func(cacheDir string) { put(t, cacheDir, nil) },
		"a subdirectory is a file":   func(cacheDir string) { put(t, filepath.Join(cacheDir, "fingerprints"), nil) },
		"the entry is a directory":   func(cacheDir string) { mkdir(t, cacheEntryOf(cacheDir, id).path) },
		"the directory is read-only": func(cacheDir string) { mkdir(t, cacheDir); chmod(t, cacheDir, 0o500) },
	} {
		t.Run(name, func(t *testing.T) {
			cacheDir := filepath.Join(t.TempDir(), "cache")
			prepare(cacheDir)
			for range 2 {
				checkFingerprint(t, fingerprint(t, path, cacheDir), data)
			}
		})
	}
}

func TestCacheIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no mode bits on Windows")
	}
	ageFiles(t)
	path, _ := write(t, minCachedSize)
	cacheDir := filepath.Join(t.TempDir(), "cache")
	fingerprint(t, path, cacheDir)
	entry := cacheEntryOf(cacheDir, open(t, path).Identity()).path
	for name, want := range map[string]os.FileMode{cacheDir: 0o700, filepath.Dir(entry): 0o700, entry: 0o600} {
		if got := stat(t, name).Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
}

func TestSweep(t *testing.T) {
	ageFiles(t)
	newProcess(t)
	path, _ := write(t, minCachedSize)
	cacheDir := t.TempDir()
	dir := filepath.Join(cacheDir, "fingerprints")
	age := func(name string, by time.Duration) {
		file := filepath.Join(dir, name)
		put(t, file, nil)
		if err := os.Chtimes(file, now().Add(-by), now().Add(-by)); err != nil {
			t.Fatal(err)
		}
	}
	age("unused", unusedAge+time.Hour)
	age("torn.tmp-1", unusedAge+time.Hour)
	age("used", unusedAge-time.Hour)
	mkdir(t, filepath.Join(dir, "not-ours"))
	fingerprint(t, path, cacheDir)
	own := filepath.Base(cacheEntryOf(cacheDir, open(t, path).Identity()).path)

	want := []string{own, "not-ours", "used"}
	slices.Sort(want)
	if got := entries(t, cacheDir); !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}

	age("unused", unusedAge+time.Hour)
	put(t, filepath.Join(dir, own), nil)
	fingerprint(t, path, cacheDir)
	if got := entries(t, cacheDir); !slices.Contains(got, "unused") {
		t.Error("swept twice in one process")
	}
}

func TestUseKeepsAnEntryFromTheSweep(t *testing.T) {
	ageFiles(t)
	path, _ := write(t, minCachedSize)
	cacheDir := t.TempDir()
	fingerprint(t, path, cacheDir)
	entry := cacheEntryOf(cacheDir, open(t, path).Identity()).path
	long := now().Add(-2 * unusedAge)
	if err := os.Chtimes(entry, long, long); err != nil {
		t.Fatal(err)
	}
	fingerprint(t, path, cacheDir)
	sweep(filepath.Dir(entry))
	if _, err := os.Stat(entry); err != nil {
		t.Error(err)
	}
}

// entries are the names of what the cache holds.
func entries(tb testing.TB, cacheDir string) (names []string) {
	tb.Helper()
	files, err := os.ReadDir(filepath.Join(cacheDir, "fingerprints"))
	if err != nil && !os.IsNotExist(err) {
		tb.Fatal(err)
	}
	for _, file := range files {
		names = append(names, file.Name())
	}
	return names
}

func chmod(tb testing.TB, path string, mode os.FileMode) {
	tb.Helper()
	if err := os.Chmod(path, mode); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.Chmod(path, 0o700) })
}
