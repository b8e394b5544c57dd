// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/private"
)

const otherUser = 65534

func mustBeRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to another user")
	}
}

func chown(tb testing.TB, path string) {
	tb.Helper()
	if err := os.Lchown(path, otherUser, otherUser); err != nil {
		tb.Fatal(err)
	}
}

// makeLink moves a directory and creates a link in its place.
func makeLink(tb testing.TB, dir string) {
	tb.Helper()
	target := filepath.Join(tb.TempDir(), "target")
	if err := os.Rename(dir, target); err != nil {
		tb.Fatal(err)
	}
	symlink(tb, target, dir)
}

// snapshot tells what is at path, without opening it, or in the directory there.
func snapshot(tb testing.TB, path string) (text string) {
	tb.Helper()
	root := path
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		root, err = filepath.EvalSymlinks(path)
		if err != nil {
			tb.Fatal(err)
		}
	}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text += fmt.Sprintf("\n%s %v %d bytes, %v", path, info.Mode(), info.Size(), info.ModTime())
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// If the journal would be refused, nothing in the cache is read, written or removed. A
// plan reads the file and says why.
func TestCacheObeysTheRulesOfTheDirectory(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, cacheDir string) (path string){
		"others may write to the directory": func(t *testing.T, cacheDir string) string { chmod(t, cacheDir, 0o770); return cacheDir },
		"others may write to the folder": func(t *testing.T, cacheDir string) string {
			chmod(t, folderOf(cacheDir), 0o702)
			return folderOf(cacheDir)
		},
		"the directory of another user": func(t *testing.T, cacheDir string) string {
			mustBeRoot(t)
			chown(t, cacheDir)
			return cacheDir
		},
		"the folder of another user": func(t *testing.T, cacheDir string) string {
			mustBeRoot(t)
			chown(t, folderOf(cacheDir))
			return folderOf(cacheDir)
		},
		"the directory is a link of another user": func(t *testing.T, cacheDir string) string {
			mustBeRoot(t)
			makeLink(t, cacheDir)
			chown(t, cacheDir)
			return cacheDir
		},
		"the folder is a link of another user": func(t *testing.T, cacheDir string) string {
			mustBeRoot(t)
			makeLink(t, folderOf(cacheDir))
			chown(t, folderOf(cacheDir))
			return folderOf(cacheDir)
		},
		"a link of another user above the directory": func(t *testing.T, cacheDir string) string {
			mustBeRoot(t)
			makeLink(t, filepath.Dir(cacheDir))
			chown(t, filepath.Dir(cacheDir))
			return filepath.Dir(cacheDir)
		},
	} {
		t.Run(name, func(t *testing.T) {
			ageFiles(t)
			path, data := write(t, minCachedSize)
			cacheDir := filepath.Join(t.TempDir(), "above", "cache")
			fp := fingerprint(t, path, cacheDir)
			kept := fp
			kept.Keep(cacheDir)
			putAged(t, cacheDir, nameOf(1), nil, 10*unusedAge)
			broken := spoil(t, cacheDir)
			before := snapshot(t, cacheDir) + snapshot(t, folderOf(cacheDir))

			newProcess(t)
			hashes := countHashes(t)
			got, uncached, err := open(t, path).FingerprintCached(t.Context(), cacheDir)
			if err != nil {
				t.Fatal(err)
			}
			checkFingerprint(t, got, data)
			if *hashes != 1 {
				t.Errorf("read %d times, want once: the entry is not to be trusted", *hashes)
			}
			if !errors.Is(uncached, private.ErrDir) || !strings.Contains(uncached.Error(), broken) {
				t.Errorf("says %v, not what is wrong with %s", uncached, broken)
			}
			if _, ok := Recall(cacheDir, fp.SHA256); ok {
				t.Error("recalled")
			}
			other, _ := write(t, 2*minCachedSize)
			fingerprint(t, other, "").Keep(cacheDir)
			if after := snapshot(t, cacheDir) + snapshot(t, folderOf(cacheDir)); after != before {
				t.Errorf("changed from\n%s to\n%s", before, after)
			}
		})
	}
}

// A link of the same user is allowed.
func TestCacheBehindALinkOfOurOwn(t *testing.T) {
	ageFiles(t)
	path, _ := write(t, minCachedSize)
	cacheDir := filepath.Join(t.TempDir(), "cache")
	mkdir(t, folderOf(cacheDir))
	makeLink(t, folderOf(cacheDir))
	makeLink(t, cacheDir)
	hashes := countHashes(t)
	for range 2 {
		fingerprint(t, path, cacheDir)
	}
	if *hashes != 1 {
		t.Errorf("read %d times", *hashes)
	}
}

// Anything but a private file at the path of an entry is not opened and not changed.
func TestCacheEntryThatIsNotOurs(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	for name, plant := range map[string]func(t *testing.T, path string, entry []byte){
		"symbolic link": func(t *testing.T, path string, _ []byte) { symlink(t, elsewhere, path) },
		"hard link": func(t *testing.T, path string, _ []byte) {
			if err := os.Link(elsewhere, path); err != nil {
				t.Fatal(err)
			}
		},
		"pipe": func(t *testing.T, path string, _ []byte) {
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"writable by others": func(t *testing.T, path string, entry []byte) { put(t, path, entry); chmod(t, path, 0o666) },
		"of another user":    func(t *testing.T, path string, entry []byte) { mustBeRoot(t); put(t, path, entry); chown(t, path) },
	} {
		t.Run(name, func(t *testing.T) {
			ageFiles(t)
			path, data := write(t, minCachedSize)
			cacheDir := t.TempDir()
			fp := fingerprint(t, path, cacheDir)
			fp.Keep(cacheDir)
			ofFile, ofContent := cacheEntryOf(cacheDir, open(t, path).Identity()).path, contentPath(cacheDir, fp.SHA256)
			for _, entry := range []string{ofFile, ofContent} {
				sound := read(t, entry) // would be believed
				if err := os.Remove(entry); err != nil {
					t.Fatal(err)
				}
				put(t, elsewhere, sound)
				plant(t, entry, sound)
				before := snapshot(t, entry) + snapshot(t, elsewhere)

				hashes := countHashes(t)
				got, uncached, err := open(t, path).FingerprintCached(t.Context(), cacheDir)
				if err != nil {
					t.Fatal(err)
				}
				checkFingerprint(t, got, data)
				if entry == ofFile && (*hashes != 1 || !errors.Is(uncached, private.ErrDir) || !strings.Contains(uncached.Error(), entry)) {
					t.Errorf("read %d times, says %v", *hashes, uncached)
				}
				if _, recalled := Recall(cacheDir, fp.SHA256); recalled && entry == ofContent {
					t.Error("recalled")
				}
				fp.Keep(cacheDir)
				setClock(t, func() time.Time { return time.Now().Add(10 * unusedAge) })
				sweep(folderOf(cacheDir))
				ageFiles(t)
				if after := snapshot(t, entry) + snapshot(t, elsewhere); after != before {
					t.Errorf("changed from %s to %s", before, after)
				}

				if err := os.Remove(entry); err != nil {
					t.Fatal(err)
				}
				fingerprint(t, path, cacheDir)
				fp.Keep(cacheDir)
			}
		})
	}
}

// An entry that is too large is not read, but replaced.
func TestCacheEntryThatIsTooLarge(t *testing.T) {
	ageFiles(t)
	path, data := write(t, minCachedSize)
	cacheDir := t.TempDir()
	fingerprint(t, path, cacheDir)
	entry := cacheEntryOf(cacheDir, open(t, path).Identity()).path
	if err := os.Truncate(entry, 1<<40); err != nil { // sparse
		t.Skip("no large files here:", err)
	}
	hashes := countHashes(t)
	for range 2 {
		checkFingerprint(t, fingerprint(t, path, cacheDir), data)
	}
	if *hashes != 1 || stat(t, entry).Size() > maxEntrySize {
		t.Errorf("read %d times, the entry has %d bytes", *hashes, stat(t, entry).Size())
	}
}

// A file that is too fresh to be cached tells nothing of the directory; the next
// plan would read it all the same.
func TestCacheSaysWhyOfAFreshFile(t *testing.T) {
	large, _ := write(t, minCachedSize)
	small, _ := write(t, minCachedSize-1)
	public := t.TempDir()
	chmod(t, public, 0o777)
	absent := filepath.Join(t.TempDir(), "absent")
	for _, test := range []struct {
		path, cacheDir string
		says           bool
	}{
		{large, public, true},
		{large, filepath.Join(large, "below a file"), true},
		{large, absent, false},
		{large, t.TempDir(), false},
		{large, "", false},
		{small, public, false},
	} {
		_, uncached, err := open(t, test.path).FingerprintCached(t.Context(), test.cacheDir)
		if err != nil || (uncached != nil) != test.says || uncached != nil && !errors.Is(uncached, private.ErrDir) {
			t.Errorf("%+v: says %v, %v", test, uncached, err)
		}
	}
	if _, err := os.Stat(absent); !os.IsNotExist(err) {
		t.Errorf("made: %v", err)
	}
}
