// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"
	"time"
)

func list(t *testing.T, dir string) []Entry {
	t.Helper()
	entries, err := List(dir)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestList(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	want := fill(t, j)
	before, _ := os.ReadDir(dir)
	entries := list(t, dir)
	if len(entries) != 1 {
		t.Fatalf("lists %+v", entries)
	}
	e := entries[0]
	if e.Path != j.Path() || e.Err != nil || !reflect.DeepEqual(e.State, want) || time.Since(e.Modified) > time.Minute {
		t.Errorf("got %+v", e)
	}
	if host, _ := os.Hostname(); !e.Held || e.Holder == nil || e.Holder.PID != os.Getpid() || e.Holder.Host != host {
		t.Errorf("held %v by %+v", e.Held, e.Holder)
	}
	if after, _ := os.ReadDir(dir); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("changed the directory from %v to %v", before, after)
	}
	if _, err := Open(t.Context(), dir, testKey, 0); err == nil {
		t.Error("listing has taken the lock away")
	}

	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if e := list(t, dir)[0]; e.Held || e.Holder != nil || !reflect.DeepEqual(e.State, want) {
		t.Errorf("closed: got %+v", e)
	}
}

// Wherever a writer is, a look finds a state that the journal had.
func TestList_inTheMiddleOfALine(t *testing.T) {
	t.Parallel()
	whole, states := history(t)
	first := bytes.IndexByte(whole, '\n') + 1
	dir := t.TempDir()
	for cut := first; cut <= len(whole); cut++ {
		plant(t, dir, whole[:cut])
		if e := list(t, dir)[0]; e.Err != nil || !once(states, e.State) {
			t.Fatalf("cut at %d: %+v", cut, e)
		}
	}
}

// A look never fails because the journal is replaced at that moment, and
// never makes the replacing fail.
func TestList_whileItIsReplaced(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	for n := range 150 {
		replaced := make(chan error, 1)
		go func() {
			var err error
			for range maxReplaced - 1 { // more often, and a look may fail
				err = errors.Join(err, j.Replace(State{Begin: testBegin(), UploadID: fmt.Sprint(n)}))
			}
			replaced <- err
		}()
		var failed error
		for failed == nil && len(replaced) == 0 {
			var entries []Entry
			entries, failed = List(dir)
			for _, e := range entries {
				failed = errors.Join(failed, e.Err)
			}
		}
		if err := errors.Join(failed, <-replaced); err != nil {
			t.Fatal(err)
		}
	}
}

func TestList_notToBeRead(t *testing.T) {
	whole, _ := history(t)
	second := bytes.IndexByte(whole, '\n') + 1
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	name := testKey.name() + ".journal"
	for _, c := range []struct {
		what string
		make func(dir string) error
		want error
	}{
		{"a flipped bit", func(dir string) error {
			text := bytes.Clone(whole)
			text[second] ^= 1
			return os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}, ErrDamaged},
		{"nothing in it", func(dir string) error { return os.WriteFile(filepath.Join(dir, name), nil, 0o600) }, ErrDamaged},
		{"no journal", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, name), []byte("hello\n"), 0o600)
		}, ErrDamaged},
		{"of another object", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "v1-0123.journal"), whole, 0o600)
		}, ErrDamaged},
		{"kept aside", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, name+".damaged-17"), whole, 0o600)
		}, ErrDamaged},
		{"of a newer version", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, name), newer(t), 0o600)
		}, ErrVersion},
		{"a directory", func(dir string) error { return os.Mkdir(filepath.Join(dir, name), 0o700) }, ErrDir},
		{"a link", func(dir string) error { return os.Symlink(other, filepath.Join(dir, name)) }, ErrDir},
	} {
		t.Run(c.what, func(t *testing.T) {
			if c.what == "a link" && runtime.GOOS == "windows" {
				t.Skip("making symbolic links takes a privilege on Windows")
			}
			dir := t.TempDir()
			if err := c.make(dir); err != nil {
				t.Fatal(err)
			}
			entries := list(t, dir)
			if len(entries) != 1 || !errors.Is(entries[0].Err, c.want) {
				t.Errorf("lists %+v", entries)
			}
		})
	}
}

func newer(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	j := open(t, dir)
	if err := j.Replace(State{}); err != nil {
		t.Fatal(err)
	}
	if err := j.append(event{Type: eventJournal, Version: Version + 1}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(j.Path())
	if err != nil {
		t.Fatal(err)
	}
	return text[bytes.IndexByte(text, '\n')+1:]
}

func TestList_directory(t *testing.T) {
	dir := t.TempDir()
	if entries := list(t, filepath.Join(dir, "absent")); len(entries) != 0 {
		t.Errorf("lists %v", entries)
	}
	for _, name := range []string{"v1-0.lock", "v1-0.holder", "v1-0.journal.tmp-1", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if entries := list(t, dir); len(entries) != 0 {
		t.Errorf("lists %v", entries)
	}
	file := filepath.Join(dir, "notes.txt")
	if _, err := List(file); !errors.Is(err, ErrDir) {
		t.Errorf("a file: %v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := List(dir); !errors.Is(err, ErrDir) {
		t.Errorf("others may write: %v", err)
	}
}
