// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Helpers that only Linux allows: find the providers of a running apply, give it its own
// file system, and make system calls fail. They need root, as in CI; otherwise, tests are
// skipped with the reason.

// providersIn returns the process IDs of the providers in a process group.
func providersIn(group int) (pids []int) {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range processes {
		stat, err := os.ReadFile(filepath.Join(dir, "stat"))
		if err != nil || !strings.Contains(string(stat), "(terraform-provi") {
			continue
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) < 3 || fields[2] != strconv.Itoa(group) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(dir))
		pids = append(pids, pid)
	}
	return pids
}

// mountSmall mounts an empty file system of 64 KiB at dir. While it is full or read-only,
// even root cannot write to it.
func mountSmall(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount a file system")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k,mode=0700"); err != nil {
		t.Skipf("cannot mount a file system: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
}

// fill creates a file that uses up the file system of dir, and returns its path.
func fill(t *testing.T, dir string) (filler string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for block := make([]byte, 4<<10); err == nil; {
		_, err = f.Write(block)
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
	return f.Name()
}

// disk is a file system on its own block device, which can fail like a disk.
type disk struct {
	t          *testing.T
	image, dir string
}

// newDisk mounts a disk of 64 MiB at dir.
func newDisk(t *testing.T, dir string) *disk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount a file system")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d := &disk{t, filepath.Join(t.TempDir(), "disk.ext4"), dir}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.image, 64<<20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "mkfs.ext4", "-q", "-m", "0", d.image).CombinedOutput(); err != nil {
		t.Skipf("cannot make a file system: mkfs.ext4: %v %s", err, out)
	}
	d.mount()
	return d
}

func (d *disk) mount() {
	d.t.Helper()
	out, err := exec.CommandContext(d.t.Context(), "mount", "-o", "loop,errors=remount-ro", d.image, d.dir).CombinedOutput()
	if err != nil {
		d.t.Skipf("cannot mount a block device: %v %s", err, out)
	}
	d.t.Cleanup(func() { _ = unix.Unmount(d.dir, unix.MNT_DETACH) })
	if err := errors.Join(os.Chmod(d.dir, 0o700), os.RemoveAll(filepath.Join(d.dir, "lost+found"))); err != nil {
		d.t.Fatal(err)
	}
}

// repair makes the disk work again: the kernel replays the journal of the file system.
func (d *disk) repair() {
	d.t.Helper()
	if err := unix.Unmount(d.dir, 0); err != nil {
		d.t.Fatal(err)
	}
	d.mount()
}

// becomeReadOnly makes the file system read-only while files are open for writing,
// as ext4 does when it detects a damaged disk.
func (d *disk) becomeReadOnly() {
	d.t.Helper()
	out, err := exec.CommandContext(d.t.Context(), "findmnt", "-no", "SOURCE", d.dir).Output()
	if err != nil {
		d.t.Fatal(err)
	}
	device := filepath.Base(strings.TrimSpace(string(out)))
	// The writer receives the resulting error, too.
	_ = os.WriteFile(filepath.Join("/sys/fs/ext4", device, "trigger_fs_error"), []byte("1"), 0o600)
	if f, err := os.Create(filepath.Join(d.dir, "probe")); err == nil {
		_ = f.Close()
		d.t.Skip("this kernel cannot make an ext4 file system read-only on demand")
	}
}

// vanish makes every system call on the disk fail with EIO.
func (d *disk) vanish() {
	d.t.Helper()
	const shutdown, withoutFlushing = 0x8004587d, 2 // EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH
	f, err := os.Open(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	how := uint32(withoutFlushing)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), shutdown, uintptr(unsafe.Pointer(&how))); errno != 0 {
		d.t.Skipf("this kernel cannot shut a file system down: %v", errno)
	}
}

// injecting returns the command that runs Terraform and makes system calls of its providers
// fail or wait. tampering has the syntax of strace, such as "flock:error=ENOLCK".
func injecting(t *testing.T, tampering string) []string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("needs strace")
	}
	call, _, _ := strings.Cut(tampering, ":")
	via := []string{strace, "-f", "--seccomp-bpf", "-qq", "-o", os.DevNull, "-e", "trace=" + call, "-e", "inject=" + tampering}
	if out, err := exec.CommandContext(t.Context(), via[0], append(via[1:], "true")...).CombinedOutput(); err != nil {
		t.Skipf("strace cannot trace here: %v %s", err, out)
	}
	return via
}
