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
)

// A kept fingerprint is found after the file has changed, however fresh the file was.
func TestKeepAndRecall(t *testing.T) {
	path, _ := write(t, 3*minBlockSize+12345)
	cacheDir := filepath.Join(t.TempDir(), "made", "on", "demand")
	fp := fingerprint(t, path, cacheDir)
	if got, ok := Recall(cacheDir, fp.SHA256); ok {
		t.Errorf("recalled before it was kept: %+v", got)
	}
	fp.Keep(cacheDir)
	overwrite(t, path)
	if got, ok := Recall(cacheDir, fp.SHA256); !ok || !reflect.DeepEqual(got, fp) {
		t.Errorf("recalled %+v, %v", got, ok)
	}
	if got, ok := RecallObject(cacheDir, fp.Size, fp.CRC64); !ok || !reflect.DeepEqual(got, fp) {
		t.Errorf("recalled by size and CRC-64: %+v, %v", got, ok)
	}
	if _, ok := RecallObject(cacheDir, fp.Size+1, fp.CRC64); ok {
		t.Error("recalled by another size")
	}
	if _, ok := RecallObject(cacheDir, fp.Size, "1"); ok {
		t.Error("recalled by another CRC-64")
	}
	name := contentPath(cacheDir, fp.SHA256)
	if got := stat(t, name).Mode().Perm(); runtime.GOOS != "windows" && got != 0o600 {
		t.Errorf("mode %o", got)
	}

	// The entry of another content is never used, even under this name.
	other := strings.Repeat("0", 64)
	put(t, contentPath(cacheDir, other), read(t, name))
	put(t, name, read(t, name)[1:])
	for _, sha256 := range []string{fp.SHA256, other, "", "..", "../fingerprints/" + other, "v1-" + other, fp.SHA256[:62], strings.ToUpper(fp.SHA256)} {
		if got, ok := Recall(cacheDir, sha256); ok {
			t.Errorf("recalled as %q: %+v", sha256, got)
		}
	}
	fp.Keep(cacheDir) // in place of the damaged one
	if _, ok := Recall(cacheDir, fp.SHA256); !ok {
		t.Error("the damaged entry stays")
	}
}

// A small file is always sent completely, so it is not cached. A missing cache is not
// an error.
func TestKeepNothing(t *testing.T) {
	path, _ := write(t, minCachedSize-1)
	cacheDir := t.TempDir()
	fp := fingerprint(t, path, "")
	fp.Keep(cacheDir)
	fp.Keep("")
	(Fingerprint{Size: minCachedSize}).Keep(cacheDir)
	if _, ok := RecallObject("", fp.Size, fp.CRC64); ok {
		t.Error("recalled without a cache")
	}
	if _, ok := Recall("", fp.SHA256); ok || len(entries(t, cacheDir)) != 0 {
		t.Errorf("kept %v", entries(t, cacheDir))
	}
}

func TestRecallKeepsAnEntryFromTheSweep(t *testing.T) {
	path, _ := write(t, minCachedSize)
	cacheDir := t.TempDir()
	fp := fingerprint(t, path, "")
	fp.Keep(cacheDir)
	name := contentPath(cacheDir, fp.SHA256)
	long := now().Add(-2 * unusedAge)
	if err := os.Chtimes(name, long, long); err != nil {
		t.Fatal(err)
	}
	Recall(cacheDir, fp.SHA256)
	sweep(filepath.Dir(name))
	if got := entries(t, cacheDir); len(got) != 1 {
		t.Errorf("left %v", got)
	}
}

// Each upload adds a content, so their age alone does not limit them. Other files in the
// folder do not count.
func TestSweepBoundsTheSize(t *testing.T) {
	old := maxCacheSize
	maxCacheSize = 250
	t.Cleanup(func() { maxCacheSize = old })
	cacheDir := t.TempDir()
	first, second, third, fourth := nameOf(1), nameOf(2)+".tmp-123", nameOf(3), nameOf(4)+".tmp-4"
	for name, age := range map[string]time.Duration{third: 3 * time.Hour, first: time.Hour, fourth: 4 * time.Hour, second: 2 * time.Hour, "the user's": 0} {
		putAged(t, cacheDir, name, make([]byte, 100), age)
	}
	sweep(folderOf(cacheDir))
	want := []string{first, second, "the user's"}
	slices.Sort(want)
	if got := entries(t, cacheDir); !slices.Equal(got, want) {
		t.Errorf("left %v, want those that were used last: %v", got, want)
	}
}

func TestSameBytes(t *testing.T) {
	const mib = minBlockSize
	const most = maxBlocks * mib // above it, blocks are larger
	// file is of blocks that are numbered, but for those that are given.
	file := func(size int64, edited ...int) Fingerprint {
		fp := Fingerprint{Size: size, blockSize: BlockSize(size)}
		for i := range ceilDiv(size, mib) { // of 1 MiB, then joined
			crc := uint64(i + 1)
			if slices.Contains(edited, int(i)) {
				crc = ^crc
			}
			perBlock := fp.blockSize / mib
			if i%perBlock == 0 {
				fp.blocks = append(fp.blocks, 0)
			}
			last := &fp.blocks[len(fp.blocks)-1]
			*last = combine([]uint64{*last, crc}, (i%perBlock)*mib, (i%perBlock)*mib+min(mib, size-i*mib))
			if i%perBlock == 0 {
				*last = crc
			}
		}
		return fp
	}
	for _, tt := range []struct {
		name   string
		a, b   Fingerprint
		off, n int64
		want   bool
	}{
		{"all", file(8 * mib), file(8 * mib), 0, 8 * mib, true},
		{"a whole block", file(8*mib, 3), file(8 * mib), 2 * mib, mib, true},
		{"the edited block", file(8*mib, 3), file(8 * mib), 3 * mib, mib, false},
		{"a piece of the edited block", file(8*mib, 3), file(8 * mib), 3*mib + 5, 1, false},
		{"up to the edited block", file(8*mib, 3), file(8 * mib), 1, 3*mib - 1, true},
		{"into the edited block", file(8*mib, 3), file(8 * mib), 1, 3 * mib, false},
		{"from behind the edited block", file(8*mib, 3), file(8 * mib), 4 * mib, 4 * mib, true},
		{"the same short last block", file(8*mib - 1), file(8*mib - 1), 7 * mib, mib - 1, true},
		{"past the end", file(8*mib - 1), file(8*mib - 1), 7 * mib, mib, false},
		{"past the end of the other", file(9 * mib), file(8 * mib), 8 * mib, mib, false},
		{"past the end of the one", file(8 * mib), file(9 * mib), 8 * mib, mib, false},
		{"a short last block against a whole one", file(8 * mib), file(8*mib - 1), 7 * mib, mib - 1, false},
		{"before a short last block", file(8 * mib), file(8*mib - 1), 0, 7 * mib, true},
		{"blocks of two sizes", file(most + mib), file(most), 8 * mib, 8 * mib, true},
		{"blocks of two sizes, edited", file(most+mib, 9), file(most), 8 * mib, 8 * mib, false},
		{"blocks of two sizes, edited in the other", file(most), file(most+mib, 8), 9 * mib, 1, false},
		{"nothing", file(mib), file(mib), 0, 0, false},
		{"before the start", file(mib), file(mib), -1, 1, false},
		{"more than there can be", file(mib), file(mib), 1, 1<<63 - 1, false},
		{"no blocks", Fingerprint{Size: mib}, file(mib), 0, 1, false},
		{"nothing known of the other", file(mib), Fingerprint{}, 0, 1, false},
	} {
		if got := tt.a.SameBytes(tt.b, tt.off, tt.n); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
		if got := tt.b.SameBytes(tt.a, tt.off, tt.n); got != tt.want {
			t.Errorf("%s, the other way round: %v", tt.name, got)
		}
	}
}
