// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/chunks"
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

// An entry of a version without chunks does not save reading the file, which has some. The
// entry of a content still describes its blocks.
func TestCache_chunks(t *testing.T) {
	ageFiles(t)
	path, _ := write(t, 5*minBlockSize)
	cacheDir := t.TempDir()
	hashes := countHashes(t)
	fp := fingerprint(t, path, cacheDir)
	if cached := fingerprint(t, path, cacheDir); *hashes != 1 || len(fp.ChunkTable()) == 0 || !reflect.DeepEqual(cached, fp) {
		t.Errorf("read %d times: %+v, then %+v", *hashes, fp, cached)
	}

	old := fp
	old.chunks = chunks.Table{}
	if err := cacheEntryOf(cacheDir, open(t, path).Identity()).store(old, now()); err != nil {
		t.Fatal(err)
	}
	if again := fingerprint(t, path, cacheDir); *hashes != 2 || !reflect.DeepEqual(again, fp) {
		t.Errorf("read %d times: %+v", *hashes, again)
	}
	old.Keep(cacheDir)
	if recalled, known := Recall(cacheDir, fp.SHA256); !known || !reflect.DeepEqual(recalled, old) {
		t.Errorf("recalled %+v, %v", recalled, known)
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
	latest := time.Unix(0, id.ChangeTimeNS)
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
		{"modified in the future", Identity{ModTimeNS: 2 * fresh, ChangeTimeNS: old}, true},
		{"changed just now", Identity{ModTimeNS: old, ChangeTimeNS: fresh}, false},
		{"no change time", Identity{ModTimeNS: old}, false},
	} {
		if got := trusted(tt.id, started); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// A file whose time of modification was set to the future, as archives do.
func TestCacheHitOfAFileFromTheFuture(t *testing.T) {
	ageFiles(t)
	path, data := write(t, minCachedSize)
	future := now().Add(24 * time.Hour)
	if err := os.Chtimes(path, future, future); err != nil {
		t.Fatal(err)
	}
	cacheDir := t.TempDir()
	hashes := countHashes(t)
	for range 3 {
		checkFingerprint(t, fingerprint(t, path, cacheDir), data)
	}
	if *hashes != 1 {
		t.Errorf("read %d times", *hashes)
	}

	// What was written since is seen, whatever it did to that time.
	info := stat(t, path)
	overwrite(t, path)
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	checkFingerprint(t, fingerprint(t, path, cacheDir), read(t, path))
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
				fp, uncached, err := open(t, path).FingerprintCached(t.Context(), cacheDir)
				if err != nil {
					t.Fatal(err)
				}
				checkFingerprint(t, fp, data)
				if uncached == nil && !(runtime.GOOS == "windows" && name == "the directory is read-only") {
					t.Error("does not say that it cannot be cached")
				}
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
	unused, torn, used := nameOf(1), nameOf(2)+".tmp-1", nameOf(3)
	putAged(t, cacheDir, unused, nil, unusedAge+time.Hour)
	putAged(t, cacheDir, torn, nil, unusedAge+time.Hour)
	putAged(t, cacheDir, used, nil, unusedAge-time.Hour)
	fingerprint(t, path, cacheDir)
	own := filepath.Base(cacheEntryOf(cacheDir, open(t, path).Identity()).path)

	want := []string{own, used}
	slices.Sort(want)
	if got := entries(t, cacheDir); !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}

	putAged(t, cacheDir, unused, nil, unusedAge+time.Hour)
	put(t, filepath.Join(folderOf(cacheDir), own), nil)
	fingerprint(t, path, cacheDir)
	if got := entries(t, cacheDir); !slices.Contains(got, unused) {
		t.Error("swept twice in one process")
	}
}

// A folder that the user had before the cache loses nothing, however old and
// however its files are named.
func TestSweepLeavesTheUsersFiles(t *testing.T) {
	ageFiles(t)
	newProcess(t)
	hexes := strings.Repeat("0123456789abcdef", 4)
	names := []string{
		"notes.txt", hexes[:32], hexes, hexes[:40], hexes + ".tmp-1", "v1-" + hexes, "v1-" + hexes[:32] + ".fingerprints",
		hexes + ".fingerprint", "v1-" + hexes[:31] + ".fingerprint", "v1-" + hexes + "0.fingerprint", "v2-" + hexes + ".fingerprint",
		"v1-" + strings.ToUpper(hexes) + "-.fingerprint", nameOf(1) + ".tmp-", nameOf(1) + ".tmp-1x", nameOf(1) + ".bak", "x" + nameOf(1),
		"v1-" + hexes[:40] + ".journal",
	}
	path, _ := write(t, minCachedSize)
	cacheDir := t.TempDir()
	for _, name := range names {
		putAged(t, cacheDir, name, []byte(name), 10*unusedAge)
	}
	mkdir(t, filepath.Join(folderOf(cacheDir), nameOf(2))) // not even by one of our names
	before := map[string]os.FileInfo{}
	for _, name := range entries(t, cacheDir) {
		before[name] = stat(t, filepath.Join(folderOf(cacheDir), name))
	}
	fp := fingerprint(t, path, cacheDir)
	fp.Keep(cacheDir)
	if len(entries(t, cacheDir)) != len(names)+3 {
		t.Errorf("left %v", entries(t, cacheDir))
	}
	for name, was := range before {
		is := stat(t, filepath.Join(folderOf(cacheDir), name))
		if !is.ModTime().Equal(was.ModTime()) || is.Mode() != was.Mode() || !is.IsDir() && string(read(t, filepath.Join(folderOf(cacheDir), name))) != name {
			t.Errorf("%s was changed", name)
		}
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

// nameOf is the name of an entry.
func nameOf(n byte) string {
	hash := [16]byte{n}
	return filepath.Base(entryPath("", hash[:]))
}

func folderOf(cacheDir string) string { return filepath.Dir(entryPath(cacheDir, nil)) }

// putAged puts a file beside the entries that was last used so long ago.
func putAged(tb testing.TB, cacheDir, name string, data []byte, age time.Duration) {
	tb.Helper()
	file := filepath.Join(folderOf(cacheDir), name)
	put(tb, file, data)
	if err := os.Chtimes(file, now().Add(-age), now().Add(-age)); err != nil {
		tb.Fatal(err)
	}
}

func chmod(tb testing.TB, path string, mode os.FileMode) {
	tb.Helper()
	if err := os.Chmod(path, mode); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.Chmod(path, 0o700) })
}
