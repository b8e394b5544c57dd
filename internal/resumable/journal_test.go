// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/record"
)

// These tests change the journal between two runs.

// An upload with a torn journal resumes, and sends no part twice, because OSS lists
// the parts. Each line is cut at its ends and in its middle. That the journal itself
// is read correctly after a cut at any offset is a test of package checkpoint.
func TestUpload_journalTorn(t *testing.T) {
	const shards = 4 // in parallel, because a run mostly waits for the disk
	var cuts, again atomic.Int64
	for shard := range shards {
		t.Run(fmt.Sprint("shard ", shard), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 3*partSize)
			for n := shard; ; n += shards {
				journal := w.interrupted(w.request(), 2).Checkpoint
				text, err := os.ReadFile(journal)
				if err != nil {
					t.Fatal(err)
				}
				lines := bytes.SplitAfter(text, []byte("\n"))
				line := n / 4
				if line == len(lines) {
					return
				}
				length := len(lines[line])
				inLine := []int{0, min(1, length), length / 2, max(0, length-1)}[n%4]
				cut := len(bytes.Join(lines[:line], nil)) + inLine
				if err := os.WriteFile(journal, text[:cut], 0o600); err != nil {
					t.Fatal(err)
				}
				w.server.ResetLog()
				if got := w.mustUpload(w.request()).Stats; got.PartsKept != 2 {
					t.Fatalf("cut at %d: stats %+v", cut, got)
				}
				cuts.Add(1)
				again.Add(int64(len(sent(w.server)) - 1))
				w.server.DeleteObject(bucket, key)
			}
		})
	}
	t.Cleanup(func() {
		t.Logf("FAULT F16: journal cut at %d byte offsets; %d parts sent again", cuts.Load(), again.Load())
	})
}

// A flipped bit costs no part. The damaged journal is set aside, and a warning
// names it.
func TestUpload_journalFlippedBits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3*partSize)
	again, flips := 0, 0
	flip := func(offset int, bit int) (inside bool) {
		t.Helper()
		journal := w.interrupted(w.request(), 2).Checkpoint
		text, err := os.ReadFile(journal)
		if err != nil {
			t.Fatal(err)
		}
		if offset >= len(text) {
			_ = w.mustUpload(w.request())
			w.server.DeleteObject(bucket, key)
			return false
		}
		damaged := bytes.Clone(text)
		damaged[offset] ^= 1 << bit
		if err := os.WriteFile(journal, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		w.server.ResetLog()
		result := w.mustUpload(w.request())
		if result.Stats.PartsKept != 2 {
			t.Fatalf("bit %d at %d: stats %+v", bit, offset, result.Stats)
		}
		aside := glob(t, w.dir, "*.damaged-*")
		lastLine := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
		switch {
		case len(aside) == 1:
			if kept, err := os.ReadFile(aside[0]); !bytes.Equal(kept, damaged) || len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], aside[0]) {
				t.Fatalf("bit %d at %d: %v, warnings %q", bit, offset, err, result.Warnings)
			}
			_ = os.Remove(aside[0])
		case offset < lastLine || len(aside) > 1:
			t.Fatalf("bit %d at %d: set aside %v", bit, offset, aside)
		}
		again += len(sent(w.server)) - 1
		flips++
		w.server.DeleteObject(bucket, key)
		return true
	}
	head := len(`00000000 {"t":"journal","v":1}`) + 1
	for offset := range head {
		flip(offset, offset%8)
	}
	for offset := head; ; offset += 7 {
		if !flip(offset, offset%8) {
			break
		}
	}
	t.Logf("FAULT F18: %d bits of head and records flipped; damaged journal set aside; %d parts sent again", flips, again)
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// rewrite decodes the lines of a journal, lets edit change each, and writes them
// with valid checksums.
func rewrite(t *testing.T, path string, edit func(line map[string]any)) {
	t.Helper()
	rest, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	for len(rest) > 0 {
		var line map[string]any
		var raw json.RawMessage
		if rest, err = record.Next(rest, &raw); err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		edit(line)
		if text, err = record.Append(text, line); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A program that is older than the journal changes neither the journal nor the
// upload.
func TestUpload_journalOfNewerVersion(t *testing.T) {
	w := newWorld(t, 4*partSize)
	journal := w.interrupted(w.request(), 2).Checkpoint
	rewrite(t, journal, func(line map[string]any) {
		if line["t"] == "journal" {
			line["v"] = 2
		}
	})
	before, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	w.server.ResetLog()
	_, err = w.upload(w.request())
	if !errors.Is(err, resumable.ErrCheckpointVersion) || !strings.Contains(err.Error(), journal) {
		t.Errorf("got %v", err)
	}
	if err := w.uploader(w.oss()).Discard(t.Context(), w.request().Object, w.dir); !errors.Is(err, resumable.ErrCheckpointVersion) {
		t.Errorf("Discard: %v", err)
	}
	if after, err := os.ReadFile(journal); !bytes.Equal(after, before) || len(w.server.Requests()) != 0 || len(w.server.OpenUploads(bucket)) != 1 {
		t.Errorf("touched: %v, %v", w.server.Requests(), err)
	}
	t.Log("FAULT F20: a journal of a newer version: refused, nothing deleted, nothing aborted, nothing sent")
}

// A journal that names another destination is ignored: the upload, bucket and
// host in it are not used.
func TestUpload_journalOfAnotherDestination(t *testing.T) {
	const parts = 4
	for field, id := range map[string]string{"key": "F23", "bucket": "F88", "endpoint": "F88"} {
		t.Run(field, func(t *testing.T) {
			w := newWorld(t, parts*partSize)
			other := newWorld(t, parts*partSize) // the host in the journal
			failed := w.interrupted(w.request(), 2)
			foreign, err := w.oss().InitiateMultipartUpload(t.Context(), resumable.Destination{Object: resumable.Object{Bucket: bucket, Key: "theirs"}})
			if err != nil {
				t.Fatal(err)
			}
			w.server.ReplacePart(foreign.UploadID, 1, randomBytes(1, partSize))
			rewrite(t, failed.Checkpoint, func(line map[string]any) {
				if begin, ok := line["begin"].(map[string]any); ok {
					begin[field] = map[string]string{"key": "theirs", "bucket": "other", "endpoint": strings.TrimPrefix(other.server.URL(), "http://")}[field]
				}
				if line["t"] == "initiated" {
					line["upload_id"] = foreign.UploadID
				}
			})
			w.server.ResetLog()
			result, err := w.upload(w.request())
			if err != nil {
				t.Fatal(err)
			}
			w.checkObject()
			if result.Stats.PartsKept != 2 || len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "belongs to ") {
				t.Errorf("stats %+v, warnings %q", result.Stats, result.Warnings)
			}
			if open := w.server.OpenUploads(bucket); len(open) != 1 || open[0].UploadID != foreign.UploadID || len(open[0].Parts) != 1 {
				t.Errorf("the foreign upload: %+v", open)
			}
			for _, r := range w.server.Requests() {
				if r.UploadID == foreign.UploadID || r.Bucket != bucket {
					t.Errorf("asked for %s", r)
				}
			}
			if n := len(other.server.Requests()); n != 0 {
				t.Errorf("%d requests to the other host", n)
			}
			t.Logf("FAULT %s: journal names another %s: set aside with a warning, that one untouched; %d parts sent again", id, field, len(sent(w.server))-(parts-2))
		})
	}
}

// A user who can write the journal can only make the provider abort or resume an
// upload of its own key.
func TestUpload_hostileJournal(t *testing.T) {
	const parts = 4
	hostile := map[string]func(line map[string]any){
		"part size 0":       func(l map[string]any) { setBegin(l, "part_size", 0) },
		"part size -1":      func(l map[string]any) { setBegin(l, "part_size", -1) },
		"huge part size":    func(l map[string]any) { setBegin(l, "part_size", int64(1)<<62) },
		"negative size":     func(l map[string]any) { setBegin(l, "size", -1) },
		"another part size": func(l map[string]any) { setBegin(l, "part_size", 2*partSize) },
		"source elsewhere":  func(l map[string]any) { setBegin(l, "source", "/etc/shadow") },
		"wrong layout": func(l map[string]any) {
			setBegin(l, "layout", [][3]int64{{1, 0, -5}, {-1, -1, -1}, {1, 7, partSize}, {2, math.MaxInt64, partSize}, {2, math.MinInt64, partSize}, {2, 0, partSize}})
		},
		"empty upload ID": func(l map[string]any) { setID(l, "") },
		"upload ID with a path": func(l map[string]any) {
			setID(l, "../../other?uploads&x=1\r\nHost: evil")
		},
		"parts that are not": func(l map[string]any) {
			if part, ok := l["part"].(map[string]any); ok {
				part["crc64"], part["etag"], part["size"] = "1", "E", -5
			}
		},
		"every part is part 1": func(l map[string]any) {
			if part, ok := l["part"].(map[string]any); ok {
				part["n"] = 1
			}
		},
	}
	for name, edit := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, mayList := range []bool{true, false} {
				w := newWorld(t, parts*partSize)
				w.server.AllowViolations() // requests for an upload ID that was never issued
				failed := w.interrupted(w.request(), 2)
				rewrite(t, failed.Checkpoint, edit)
				remove := func() {}
				if !mayList { // then only the journal is available
					remove = w.server.AddRule(osstest.Rule{Op: osstest.ListParts, Fault: osstest.Refuse(403, "AccessDenied")})
				}
				w.server.PutObject(bucket, key, []byte("old"), nil)
				_, err := w.upload(w.request())
				if err != nil && !w.objectIs([]byte("old")) {
					t.Errorf("an error, and %d bytes published: %v", len(w.objectBytes()), err)
				}
				remove()
				if _, err := w.upload(w.request()); err != nil {
					t.Errorf("the next run: %v", err)
				}
				w.checkObject()
			}
		})
	}
	t.Log("FAULT F88: hostile fields in a journal with good checksums: never a wrong object, host and bucket always the configured ones")
}

func setBegin(line map[string]any, field string, value any) {
	if begin, ok := line["begin"].(map[string]any); ok {
		begin[field] = value
	}
}

func setID(line map[string]any, id string) {
	if line["t"] == "initiated" {
		line["upload_id"] = id
	}
}

// Nothing depends on a correct clock.
func TestUpload_clockIsYearsOff(t *testing.T) {
	const parts = 4
	for _, years := range []int{-10, 10} {
		t.Run(fmt.Sprint(years), func(t *testing.T) {
			w := newWorld(t, parts*partSize)
			failed := w.interrupted(w.request(), 2)
			then := time.Now().AddDate(years, 0, 0).UTC()
			rewrite(t, failed.Checkpoint, func(line map[string]any) { setBegin(line, "time", then) })
			for _, path := range append(glob(t, w.dir, "*"), w.source, w.dir) {
				if err := os.Chtimes(path, then, then); err != nil {
					t.Fatal(err)
				}
			}
			other := filepath.Join(w.dir, "v1-"+strings.Repeat("0", 40)+".journal") // of another upload
			if err := errors.Join(os.WriteFile(other, nil, 0o600), os.Chtimes(other, then, then)); err != nil {
				t.Fatal(err)
			}
			w.server.ResetLog()
			result, err := w.upload(w.request())
			if err != nil || result.Stats.PartsKept != 2 {
				t.Errorf("stats %+v, %v", result.Stats, err)
			}
			w.checkObject()
			if _, err := os.Stat(other); err != nil {
				t.Errorf("another's journal: %v", err)
			}
			t.Logf("FAULT F25: journal, source and directory dated %+d years off; %d parts sent again", years, len(sent(w.server))-(parts-2))
		})
	}
}

// The checkpoint directory is removed during the upload.
func TestUpload_checkpointDirRemoved(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows removes no file that is open")
	}
	const parts = 100 // the journal is checked when it is synced, every 64 parts
	w := newWorld(t, parts*partSize)
	remove := w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: 5, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		if err := os.RemoveAll(w.dir); err != nil {
			t.Error(err)
		}
		return osstest.Fault{}
	})})
	result := w.mustUpload(w.request())
	if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "checkpoint") || !strings.Contains(result.Warnings[0], "was removed or replaced") {
		t.Errorf("warnings %q", result.Warnings)
	}
	t.Logf("FAULT F24: checkpoint directory removed at part 5 of %d: a warning, the run finishes; %d parts sent again", parts, len(sent(w.server))-parts)
	remove()

	// If that run is interrupted, too, the next one asks OSS.
	w.write(randomBytes(2, parts*partSize))
	w.interrupted(w.request(), 30)
	if err := os.RemoveAll(w.dir); err != nil {
		t.Fatal(err)
	}
	w.server.ResetLog()
	if got := w.mustUpload(w.request()).Stats; got.PartsKept != 30 {
		t.Errorf("stats %+v", got)
	}
}

// Different spellings of a path use the same directory, and create nothing
// beside it.
func TestUpload_checkpointDirSpellings(t *testing.T) {
	const parts = 4
	root := t.TempDir()
	t.Chdir(root)
	if err := os.Mkdir("beside", 0o700); err != nil {
		t.Fatal(err)
	}
	spellings := []string{
		filepath.Join(root, "dir"), "dir", "dir/", "./dir//", "beside/../dir", filepath.Join(root, "beside", "..", "dir") + "/.",
	}
	for _, name := range []string{"dir", "two words ünï ☃ 目录", "-rf", "a'b\"c\nd", "%2e%2e $HOME", "~", "*?[x]"} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.ContainsAny(name, "\"\n*?") {
				t.Skip("no name on Windows")
			}
			for i, spelling := range spellings {
				spelling = strings.ReplaceAll(spelling, "dir", name)
				w := newWorld(t, parts*partSize)
				w.dir = spellings[0]
				w.dir = strings.ReplaceAll(w.dir, "dir", name)
				req := w.request()
				req.CheckpointDir = spelling
				failed := w.interrupted(req, 2)
				if same, err := filepath.EvalSymlinks(filepath.Dir(failed.Checkpoint)); err != nil || filepath.Base(same) != name {
					t.Errorf("%q: journal is %s, %v", spelling, failed.Checkpoint, err)
				}
				if got := len(glob(t, escapeGlob(w.dir), "v1-*.journal")); got != 1 {
					t.Errorf("%q: %d journals in the directory", spelling, got)
				}
				req.CheckpointDir = strings.ReplaceAll(spellings[(i+1)%len(spellings)], "dir", name)
				w.server.ResetLog()
				if got := w.mustUpload(req).Stats; got.PartsKept != 2 || w.server.Count(osstest.ListMultipartUploads) != 0 {
					t.Errorf("%q, then %q: stats %+v", spelling, req.CheckpointDir, got)
				}
				if err := os.RemoveAll(w.dir); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if entries, err := os.ReadDir(root); err != nil || len(entries) != 1 || entries[0].Name() != "beside" {
		t.Errorf("left in the parent: %v, %v", entries, err)
	}
	if entries, err := os.ReadDir("beside"); err != nil || len(entries) != 0 {
		t.Errorf("left beside: %v, %v", entries, err)
	}
	t.Log("FAULT F36: directory with trailing slash, .., spaces, unicode, relative: just that one is used, and found again; 0 parts sent again")
}

var globMeta = regexp.MustCompile(`[*?\[\\]`)

func escapeGlob(path string) string { return globMeta.ReplaceAllString(path, `\$0`) }
