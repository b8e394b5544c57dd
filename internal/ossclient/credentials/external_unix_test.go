// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package credentials

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A program that does not exit ends with everything that it has started.
func TestExternal_endsChildren(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	source := &externalSource{"/bin/sh -c 'sleep 300 & echo $! >" + file + "; wait'"}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := source.fetch(ctx); done <- err }()
	pid := 0
	eventually(t, "the child starts", func() bool {
		text, _ := os.ReadFile(file)
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return pid > 0
	})
	cancel()
	if err := <-done; err == nil {
		t.Error("no error")
	}
	eventually(t, "the child ends", func() bool { return syscall.Kill(pid, 0) != nil || isZombie(pid) })
}

// isZombie reports whether a process has ended, and waits for a parent that asks. The
// reaper of a container may be slow, or missing.
func isZombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func eventually(t *testing.T, what string, happens func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !happens(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 seconds: %s", what)
		}
	}
}
