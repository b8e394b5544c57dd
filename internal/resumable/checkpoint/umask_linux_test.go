// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asUser runs f on a thread of its own that has another umask and, when uid is
// not 0, another user; the rest of the process keeps what it has. The thread
// is never given back, so it ends with f.
func asUser(t *testing.T, uid, umask int, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		done <- func() error {
			if err := unix.Unshare(unix.CLONE_FS); err != nil { // the umask is one of the process otherwise
				return err
			}
			unix.Umask(umask)
			if uid != 0 {
				// Not syscall.Setresuid: that one changes all threads.
				if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); errno != 0 {
					return errno
				}
			}
			return f()
		}()
	}()
	return <-done
}

// homeOf makes a directory that belongs to a user, who can reach it.
func homeOf(t *testing.T, uid int) string {
	t.Helper()
	home := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(home), 0o711), os.Chown(home, uid, uid)); err != nil {
		t.Fatal(err)
	}
	for dir := filepath.Dir(home); uid != 0 && dir != "/"; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err != nil || info.Mode()&0o001 == 0 {
			t.Skipf("other users cannot reach the temporary directory: %s, %v", dir, err)
		}
	}
	return home
}

// With any umask, other users cannot read or write the files. If the umask
// removes the permissions of the owner, an error says so before anything is
// sent.
func TestOpen_umask(t *testing.T) {
	mustBeRoot(t)
	for _, uid := range []int{0, otherUID} {
		for _, umask := range []int{0o000, 0o022, 0o077, 0o777} {
			home := homeOf(t, uid)
			dir := filepath.Join(home, "a", "dir")
			err := asUser(t, uid, umask, func() error {
				j, err := Open(t.Context(), dir, testKey, time.Second)
				if err != nil {
					return err
				}
				defer func() { _ = j.Close() }()
				fill(t, j)
				return filepath.WalkDir(filepath.Join(home, "a"), func(path string, _ fs.DirEntry, err error) error {
					info, statErr := os.Lstat(path)
					if err == nil && statErr == nil && info.Mode().Perm()&0o077 != 0 {
						t.Errorf("umask %04o: %s has mode %v", umask, path, info.Mode())
					}
					return errors.Join(err, statErr)
				})
			})
			switch {
			case umask == 0o777:
				if !errors.Is(err, ErrDir) {
					t.Errorf("user %d, umask 0777: got %v", uid, err)
				}
			case err != nil:
				t.Errorf("user %d, umask %04o: %v", uid, umask, err)
			}
		}
	}
	t.Log("FAULT F35: umask 000: files 0600, directories 0700; umask 777: refused with a clear error")
}

// What another user left behind is named even though it cannot be opened: the
// lock file after "sudo terraform apply" was killed.
func TestOpen_leftByRoot(t *testing.T) {
	mustBeRoot(t)
	dir := homeOf(t, otherUID)
	touch(t, filepath.Join(dir, testKey.name()+".lock"))
	err := asUser(t, otherUID, 0o022, func() error {
		_, err := Open(t.Context(), dir, testKey, time.Second)
		return err
	})
	if !errors.Is(err, ErrDir) || !says(err, "belongs to", "(0)", ".lock") {
		t.Errorf("got %v", err)
	}
}
