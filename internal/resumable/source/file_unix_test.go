// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package source

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestOpenRefusesSpecialFiles(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir) // the path of a socket must be short
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: "socket", Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	link := filepath.Join(dir, "link")
	symlink(t, mkfifo(t), link)

	for path, says := range map[string]string{
		mkfifo(t):   "is a named pipe",
		link:        "is a named pipe",
		"socket":    "is a socket",
		"/dev/null": "is a device",
	} {
		err := within(t, 5*time.Second, func() error {
			_, err := Open(path)
			return err
		})
		if !errors.Is(err, ErrNotRegular) || !strings.Contains(err.Error(), path+" "+says) {
			t.Errorf("Open(%q): %v, want %q", path, err, says)
		}
	}
	t.Log("FAULT F46: named pipe, link to one, socket, device: error by its kind, no hang")
}

// The path may become a named pipe after Open has looked at it.
func TestOpeningAPipeDoesNotHang(t *testing.T) {
	path := mkfifo(t)
	err := within(t, 5*time.Second, func() error {
		file, err := openNonblock(path)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		_, err = newFile(path, file)
		return err
	})
	if !errors.Is(err, ErrNotRegular) {
		t.Errorf("got %v", err)
	}
}

func TestOpenFileBlocksAgain(t *testing.T) {
	path, _ := write(t, 1)
	conn, err := open(t, path).file.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = conn.Control(func(fd uintptr) {
		flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0)
		if err != nil || flags&unix.O_NONBLOCK != 0 {
			t.Errorf("flags %#x, %v", flags, err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpenUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	path, _ := write(t, 1)
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	t.Log("FAULT F46: mode 000: error with the path")
}

func mkfifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func within(t *testing.T, limit time.Duration, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		t.Fatal("hangs")
		return nil
	}
}
