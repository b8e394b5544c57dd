// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var testKey = Key{Endpoint: "oss.example.com", Bucket: "bucket", Object: "dir/../key\x01 ☃"}

func open(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Open(context.Background(), dir, testKey, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func reopen(t *testing.T, j *Journal) *Journal {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, filepath.Dir(j.Path()))
}

func testBegin() *Begin {
	return &Begin{
		Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Endpoint: testKey.Endpoint, Bucket: testKey.Bucket, Object: testKey.Object,
		Source: "/data/image\n.qcow2", Size: 1000, SHA256: "ab", CRC64: "17", PartSize: 100, Headers: "cd",
	}
}

// fill writes a journal as an upload of three parts would leave it.
func fill(t *testing.T, j *Journal) State {
	t.Helper()
	steps := []func() error{
		func() error { return j.Replace(State{Begin: testBegin(), Doomed: []string{"OLD1", "OLD2"}}) },
		func() error { return j.Aborted("OLD1") },
		func() error { return j.Initiated("ID") },
		func() error { return j.PartStored(Part{1, 100, "E1", "11"}) },
		func() error { return j.PartStored(Part{3, 100, "E3", "33"}) },
		func() error { return j.PartStored(Part{3, 100, "E3b", "34"}) },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	return State{
		Begin: testBegin(), UploadID: "ID", Doomed: []string{"OLD2"},
		Parts: map[int]Part{1: {1, 100, "E1", "11"}, 3: {3, 100, "E3b", "34"}},
	}
}

func TestJournal_survivesReopening(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "new", "dir"))
	if got := j.State(); got.Begin != nil || got.UploadID != "" {
		t.Fatalf("new journal says %+v", got)
	}
	want := fill(t, j)
	j = reopen(t, j)
	if got := j.State(); !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	if err := j.Replace(want); err != nil {
		t.Fatal(err)
	}
	j = reopen(t, j)
	if got := j.State(); !reflect.DeepEqual(got, want) {
		t.Fatalf("after Replace: got %+v, want %+v", got, want)
	}
}

func TestJournal_finishLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	fill(t, j)
	if err := j.Aborted("OLD2"); err != nil {
		t.Fatal(err)
	}
	if err := j.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestJournal_finishRemembersDoomed(t *testing.T) {
	j := open(t, t.TempDir())
	fill(t, j)
	if err := j.Finish(); err != nil {
		t.Fatal(err)
	}
	j = reopen(t, j)
	if got := j.State(); got.Begin != nil || !reflect.DeepEqual(got.Doomed, []string{"OLD2"}) {
		t.Fatalf("got %+v", got)
	}
}

// A crash may cut the file anywhere; a bit may flip anywhere. What is read
// back must be a state that the journal once had, and it must be appendable.
func TestJournal_tornAtEveryOffset(t *testing.T) {
	t.Parallel()
	whole, states := history(t)
	for cut := range whole {
		dir := t.TempDir()
		plant(t, dir, whole[:cut])
		j := open(t, dir)
		if !once(states, j.State()) {
			t.Fatalf("cut at %d: read %+v, which it never was", cut, j.State())
		}
		appendable(t, j)
	}
}

func TestJournal_flippedAtEveryOffset(t *testing.T) {
	t.Parallel()
	whole, states := history(t)
	for i := range whole {
		dir := t.TempDir()
		flipped := []byte(string(whole))
		flipped[i] ^= 1 << (i % 8)
		plant(t, dir, flipped)
		j := open(t, dir)
		if !once(states, j.State()) {
			t.Fatalf("flip at %d: read %+v, which it never was", i, j.State())
		}
		lastLine := strings.LastIndexByte(strings.TrimSuffix(string(whole), "\n"), '\n') + 1
		if i < lastLine && len(j.Warnings) == 0 {
			t.Fatalf("flip at %d, before the last line: no warning", i)
		}
		appendable(t, j)
	}
}

// history returns a whole journal and the states at the end of each line.
func history(t *testing.T) ([]byte, []State) {
	t.Helper()
	j := open(t, t.TempDir())
	fill(t, j)
	text, err := os.ReadFile(j.Path())
	if err != nil {
		t.Fatal(err)
	}
	states := []State{{}}
	for end := range text {
		if text[end] == '\n' {
			s, _, err := decode(text[:end+1])
			if err != nil {
				t.Fatal(err)
			}
			states = append(states, s)
		}
	}
	return text, states
}

func plant(t *testing.T, dir string, text []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, testKey.name()+".journal"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func once(states []State, s State) bool {
	for _, known := range states {
		if reflect.DeepEqual(known, s) {
			return true
		}
	}
	return false
}

func appendable(t *testing.T, j *Journal) {
	t.Helper()
	want := State{Begin: testBegin(), UploadID: "NEXT", Parts: map[int]Part{2: {2, 100, "E", "5"}}}
	if err := j.Replace(State{Begin: testBegin()}); err != nil {
		t.Fatal(err)
	}
	if err := j.Initiated("NEXT"); err != nil {
		t.Fatal(err)
	}
	if err := j.PartStored(Part{2, 100, "E", "5"}); err != nil {
		t.Fatal(err)
	}
	if j = reopen(t, j); !reflect.DeepEqual(j.State(), want) {
		t.Fatalf("after appending: %+v", j.State())
	}
}

func TestJournal_hostile(t *testing.T) {
	whole, _ := history(t)
	for name, text := range map[string]string{
		"empty":      "",
		"BOM":        "\ufeff" + string(whole),
		"CRLF":       strings.ReplaceAll(string(whole), "\n", "\r\n"),
		"NULs":       strings.Repeat("\x00", 4096),
		"html":       "<html>502 Bad Gateway</html>\n",
		"too large":  strings.Repeat("x", maxSize+1),
		"JSON only":  `{"t":"journal","v":1}` + "\n",
		"no version": string(whole[strings.IndexByte(string(whole), '\n')+1:]),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			plant(t, dir, []byte(text))
			j := open(t, dir)
			if j.State().Begin != nil || len(j.Warnings) != 1 {
				t.Fatalf("state %+v, warnings %q", j.State(), j.Warnings)
			}
			kept, _ := filepath.Glob(j.Path() + ".damaged-*")
			if len(kept) != 1 {
				t.Fatalf("kept aside: %v", kept)
			}
			appendable(t, j)
		})
	}
}

func TestJournal_newerVersionIsRefusedAndKept(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	fill(t, j)
	text, _ := os.ReadFile(j.Path())
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	newer := State{}.events()
	newer[0].Version = Version + 1
	head := mustLine(t, newer[0])
	text = append(head, text[strings.IndexByte(string(text), '\n')+1:]...)
	plant(t, dir, text)
	if _, err := Open(context.Background(), dir, testKey, time.Second); !errors.Is(err, ErrVersion) {
		t.Fatalf("got %v", err)
	}
	after, _ := os.ReadFile(j.Path())
	if string(after) != string(text) {
		t.Fatal("the file was changed")
	}
}

func TestJournal_ofAnotherObjectIsSetAside(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	fill(t, j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	other := Key{testKey.Endpoint, testKey.Bucket, "other"}
	if err := os.Rename(j.Path(), filepath.Join(dir, other.name()+".journal")); err != nil {
		t.Fatal(err)
	}
	o, err := Open(context.Background(), dir, other, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	if o.State().UploadID != "" || len(o.Warnings) != 1 {
		t.Fatalf("state %+v, warnings %q", o.State(), o.Warnings)
	}
}

func TestOpen_excludesOthersAndNamesTheHolder(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	_, err := Open(context.Background(), dir, testKey, 50*time.Millisecond)
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d ", os.Getpid())) {
		t.Fatalf("got %v", err)
	}
	other, err := Open(context.Background(), dir, Key{testKey.Endpoint, testKey.Bucket, "other"}, time.Second)
	if err != nil {
		t.Fatalf("another destination: %v", err)
	}
	_ = other.Close()

	got := make(chan error, 1)
	go func() {
		second, err := Open(context.Background(), dir, testKey, 5*time.Second)
		if err == nil {
			err = second.Close()
		}
		got <- err
	}()
	time.Sleep(2 * lockPoll)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Fatalf("the waiting one: %v", err)
	}
}

// Holders remove the lock file while others wait for it; still there is never
// more than one.
func TestOpen_oneAtATime(t *testing.T) {
	dir := t.TempDir()
	var inside atomic.Int32
	done := make(chan error)
	for range 8 {
		go func() {
			var err error
			for range 20 {
				var j *Journal
				if j, err = Open(context.Background(), dir, testKey, time.Minute); err != nil {
					break
				}
				if inside.Add(1) != 1 {
					err = errors.New("two holders")
				}
				inside.Add(-1)
				_ = j.Close()
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestOpen_cancelledWhileWaiting(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, dir, testKey, time.Hour); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrLocked) {
		t.Fatalf("got %v", err)
	}
}

func TestOpen_refusesDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(t.TempDir(), "public")
	if err := os.Mkdir(public, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(public, 0o777); err != nil {
		t.Fatal(err)
	}
	dirs := map[string]string{"unset": "", "a file": file, "below a file": filepath.Join(file, "sub")}
	if runtime.GOOS != "windows" {
		dirs["writable by all"] = public
	}
	for name, dir := range dirs {
		t.Run(name, func(t *testing.T) {
			if _, err := Open(context.Background(), dir, testKey, time.Second); !errors.Is(err, ErrDir) {
				t.Errorf("Open: %v", err)
			}
			if err := CheckDir(dir); !errors.Is(err, ErrDir) {
				t.Errorf("CheckDir: %v", err)
			}
		})
	}
}

func TestCheckDir_makesNothing(t *testing.T) {
	parent := t.TempDir()
	if err := CheckDir(filepath.Join(parent, "a", "b")); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(parent); len(left) != 0 {
		t.Fatalf("made %v", left)
	}
}

func TestOpen_filesArePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits; the directory's access control list is inherited")
	}
	dir := filepath.Join(t.TempDir(), "new")
	fill(t, open(t, dir))
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpen_doesNotFollowLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making symbolic links takes a privilege on Windows")
	}
	dir, target := t.TempDir(), filepath.Join(t.TempDir(), "target")
	if err := os.WriteFile(target, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{".journal", ".lock"} {
		link := filepath.Join(dir, testKey.name()+suffix)
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		if j, err := Open(context.Background(), dir, testKey, time.Second); err == nil {
			_ = j.Close()
			t.Errorf("%s: followed", suffix)
		}
		if text, _ := os.ReadFile(target); string(text) != "precious" {
			t.Errorf("%s: target was changed", suffix)
		}
		_ = os.Remove(link)
	}
}
