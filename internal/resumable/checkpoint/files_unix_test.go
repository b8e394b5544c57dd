// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package checkpoint

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const otherUID = 65534

func mustBeRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can change the owner of a file")
	}
}

// A user who can write a journal can name an upload to abort. So another user's
// file is refused and left unchanged, and the error names its owner.
func TestOpen_ownedByAnotherUser(t *testing.T) {
	mustBeRoot(t)
	for _, what := range []string{"directory", ".journal", ".lock"} {
		t.Run(what, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "dir")
			whole, _ := history(t)
			path := dir
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			plant(t, dir, whole)
			if what != "directory" {
				path = filepath.Join(dir, testKey.name()+what)
				touch(t, path)
			}
			if err := os.Lchown(path, otherUID, otherUID); err != nil {
				t.Fatal(err)
			}
			_, err := Open(t.Context(), dir, testKey, time.Second)
			if !errors.Is(err, ErrDir) || !says(err, path, fmt.Sprint(otherUID), "belongs to") {
				t.Errorf("got %v", err)
			}
			if text, _ := os.ReadFile(filepath.Join(dir, testKey.name()+".journal")); string(text) != string(whole) {
				t.Error("the journal was changed")
			}
		})
	}
	t.Log("FAULT F27: directory, journal and lock file of another user are refused by the owner's name")
}

// Another user can move the directory away, but cannot replace it by one that
// this user owns. So only the directory itself is checked. See package private.
func TestOpen_parentOwnedByAnotherUser(t *testing.T) {
	mustBeRoot(t)
	parent := filepath.Join(t.TempDir(), "parent")
	dir := filepath.Join(parent, "dir")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(parent, 0o777), os.Chown(parent, otherUID, otherUID)); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).Close(); err != nil {
		t.Error(err)
	}

	// The owner of the parent puts another directory in its place.
	if err := errors.Join(os.Rename(dir, dir+".away"), os.Mkdir(dir, 0o700), os.Chown(dir, otherUID, otherUID)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, testKey, time.Second); !errors.Is(err, ErrDir) {
		t.Errorf("got %v", err)
	}
	t.Log("FAULT F34: a directory that the owner of its parent has exchanged is refused, because it is not ours")
}

// What this package did not make is refused: not followed, not waited for, not
// changed, and never a reason to send without a lock.
func TestOpen_notAPlainFile(t *testing.T) {
	t.Chdir(t.TempDir()) // the path of a socket must be short
	elsewhere := filepath.Join(t.TempDir(), "precious")
	kinds := map[string]func(path string) error{
		"symbolic link": func(path string) error { return os.Symlink(elsewhere, path) },
		"dangling link": func(path string) error { return os.Symlink(elsewhere+".absent", path) },
		"hard link":     func(path string) error { return os.Link(elsewhere, path) },
		"pipe":          func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"directory":     func(path string) error { return os.Mkdir(path, 0o700) },
		"socket": func(path string) error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			if err == nil {
				t.Cleanup(func() { _ = l.Close() })
			}
			return err
		},
		"writable by others": func(path string) error {
			return errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, 0o666))
		},
	}
	n := 0
	for kind, plant := range kinds {
		for _, suffix := range []string{".journal", ".lock", ".holder"} {
			t.Run(kind+" at "+suffix, func(t *testing.T) {
				if err := os.WriteFile(elsewhere, []byte("precious"), 0o600); err != nil {
					t.Fatal(err)
				}
				n++
				dir := fmt.Sprint(n)
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, testKey.name()+suffix)
				if err := plant(path); err != nil {
					t.Fatal(err)
				}
				j, err := within(t, func() (*Journal, error) { return Open(t.Context(), dir, testKey, 100*time.Millisecond) })
				switch {
				case suffix == ".holder" && err == nil: // it serves a message only: replaced, or done without
					_ = j.Close()
				case suffix == ".holder" || !errors.Is(err, ErrDir) || !says(err, filepath.Base(path)):
					t.Errorf("got %v", err)
				}
				if text, err := os.ReadFile(elsewhere); string(text) != "precious" {
					t.Errorf("target has %q, %v", text, err)
				}
				if _, err := os.Lstat(elsewhere + ".absent"); !os.IsNotExist(err) {
					t.Errorf("target was made: %v", err)
				}
				if _, err := os.Lstat(path); err != nil && suffix != ".holder" {
					t.Errorf("removed: %v", err)
				}
			})
		}
	}
	t.Log("FAULT F34: links, pipes, sockets and directories at the names of journal, lock and holder are refused, not followed")
}

// The one who waits reads the holder's file, whatever that is by then.
func TestOpen_holderIsAPipe(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	if err := errors.Join(os.Remove(j.lock.holder), syscall.Mkfifo(j.lock.holder, 0o600)); err != nil {
		t.Fatal(err)
	}
	_, err := within(t, func() (*Journal, error) { return Open(t.Context(), dir, testKey, 10*time.Millisecond) })
	if !errors.Is(err, ErrLocked) || !says(err, "an unknown process", ".lock") {
		t.Errorf("got %v", err)
	}
}

// A refusal names the command that helps. It holds no path to quote for a shell.
func TestOpen_refusalSaysWhatToRun(t *testing.T) {
	for mode, command := range map[os.FileMode]string{
		0o770: "chmod go-w", 0o702: "chmod go-w", 0o777 | os.ModeSticky: "chmod go-w",
		0o000: "chmod u+rwx", 0o500: "chmod u+rwx",
	} {
		dir := t.TempDir()
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), dir, testKey, time.Second)
		if !errors.Is(err, ErrDir) || !says(err, dir) || !says(err, command) {
			t.Errorf("mode %v: Open: %v", mode, err)
		}
		if err := CheckDir(dir); !errors.Is(err, ErrDir) {
			t.Errorf("mode %v: CheckDir: %v", mode, err)
		}
		if err := os.Chmod(dir, 0o700); err != nil { // for TempDir to remove it
			t.Fatal(err)
		}
	}
	t.Log("FAULT F34: a directory that others may write to is refused, with the chmod to run")
}

func within(t *testing.T, f func() (*Journal, error)) (*Journal, error) {
	t.Helper()
	type result struct {
		j   *Journal
		err error
	}
	done := make(chan result, 1)
	go func() {
		j, err := f()
		done <- result{j, err}
	}()
	select {
	case r := <-done:
		return r.j, r.err
	case <-time.After(10 * time.Second):
		t.Fatal("hangs")
		return nil, nil
	}
}

func touch(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func says(err error, words ...string) bool {
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			return false
		}
	}
	return true
}
