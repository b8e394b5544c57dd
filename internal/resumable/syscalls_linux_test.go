// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// These tests let strace(1) fail or kill a child at a system call. The child's
// first thread owns the journal and is the only one that is traced. Its calls have the
// same order in each run and can be counted.

// needStrace skips a test if strace is absent or cannot trace.
func needStrace(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed")
	}
	if out, err := exec.CommandContext(t.Context(), "strace", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("strace may not trace here: %v\n%s", err, out)
	}
}

// fileCalls are the calls that change a directory or a file in it.
const fileCalls = "mkdirat,openat,write,fsync,renameat,unlinkat,close,flock"

// strace returns the command that runs a child. Each inject is an argument of
// "-e inject=".
func strace(log string, inject ...string) []string {
	args := []string{"strace", "-qq", "-o", log, "-e", "signal=none", "-s", "100000", "-x", "-e", "trace=" + fileCalls}
	for _, what := range inject {
		args = append(args, "-e", "inject="+what)
	}
	return append(args, "--")
}

// syscallLine is a line in the log of strace.
type syscallLine struct {
	name, args, result string
	nth                int // of that name
}

var straceLine = regexp.MustCompile(`^(\w+)\((.*)\) += (.*)$`)

func readStrace(t *testing.T, path string) (lines []syscallLine) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	count := map[string]int{}
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		if m := straceLine.FindStringSubmatch(scanner.Text()); m != nil {
			count[m[1]]++
			lines = append(lines, syscallLine{m[1], m[2], m[3], count[m[1]]})
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

var quotedArg = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// paths returns the strings among the arguments.
func (l syscallLine) paths() (paths []string) {
	for _, quoted := range quotedArg.FindAllString(l.args, -1) {
		if s, err := strconv.Unquote(quoted); err == nil {
			paths = append(paths, s)
		}
	}
	return paths
}

// fd returns the first argument.
func (l syscallLine) fd() int {
	n, err := strconv.Atoi(strings.SplitN(l.args, ",", 2)[0])
	if err != nil {
		return -1
	}
	return n
}

// disk is the state that a disk is guaranteed to have of the files below a directory:
// what was synced. It is computed from the calls of a process.
type disk struct {
	dir     string
	open    map[int]*inode    // by descriptor
	names   map[string]*inode // as the process sees them
	durable map[string]*inode // as they are after a power cut
	made    map[string]bool   // directories that are durable
}

type inode struct {
	dir          bool
	path         string
	text, synced []byte
}

func newDisk(dir string) *disk {
	return &disk{dir: dir, open: map[int]*inode{}, names: map[string]*inode{}, durable: map[string]*inode{}, made: map[string]bool{}}
}

func (d *disk) ours(path string) bool {
	return path == d.dir || strings.HasPrefix(path, d.dir+"/")
}

// apply changes the disk to the state after a call, and reports whether the call is
// about it.
func (d *disk) apply(l syscallLine) bool {
	failed := strings.HasPrefix(l.result, "-1") || strings.HasPrefix(l.result, "?")
	paths := l.paths()
	switch l.name {
	case "openat":
		if len(paths) == 0 || !d.ours(paths[0]) && paths[0] != filepath.Dir(d.dir) {
			return false
		}
		fd, err := strconv.Atoi(l.result)
		if err != nil {
			return true
		}
		path := paths[0]
		if info, err := os.Stat(path); path == d.dir || path == filepath.Dir(d.dir) || err == nil && info.IsDir() {
			d.open[fd] = &inode{dir: true, path: path}
			return true
		}
		if d.names[path] == nil {
			d.names[path] = &inode{path: path}
		}
		d.open[fd] = d.names[path]
		return true
	case "write":
		f := d.open[l.fd()]
		if f == nil {
			return false
		}
		if !failed && len(paths) > 0 {
			f.text = append(slices.Clone(f.text), paths[0]...)
		}
		return true
	case "fsync":
		f := d.open[l.fd()]
		if f == nil {
			return false
		}
		switch {
		case failed:
		case f.dir && f.path == d.dir:
			d.durable = maps.Clone(d.names)
		case f.dir:
			d.made[d.dir] = true
		default:
			f.synced = f.text
		}
		return true
	case "close":
		f := d.open[l.fd()]
		delete(d.open, l.fd())
		return f != nil
	case "renameat":
		if len(paths) < 2 || !d.ours(paths[1]) {
			return false
		}
		if !failed {
			d.names[paths[1]] = d.names[paths[0]]
			delete(d.names, paths[0])
		}
		return true
	case "unlinkat":
		if len(paths) == 0 || !d.ours(paths[0]) {
			return false
		}
		if !failed {
			delete(d.names, paths[0])
		}
		return true
	case "mkdirat":
		return len(paths) > 0 && d.ours(paths[0])
	case "flock":
		return d.open[l.fd()] != nil
	}
	return false
}

// applyAll applies calls, and returns those that touch the checkpoint directory, except for
// close.
func (d *disk) applyAll(lines []syscallLine) (ours []syscallLine) {
	for _, line := range lines {
		if d.apply(line) && line.name != "close" {
			ours = append(ours, line)
		}
	}
	return ours
}

// cutPower leaves in the directory what the disk is guaranteed to have.
func (d *disk) cutPower(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(d.dir); err != nil {
		t.Fatal(err)
	}
	if !d.made[d.dir] {
		return
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, f := range d.durable {
		if filepath.Dir(path) != d.dir {
			continue // the hash cache
		}
		if err := os.WriteFile(path, f.synced, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The process is killed at each of its system calls that touch the checkpoint
// directory. Then, in another world, the power fails at the same moment: only synced
// writes are left.
func TestUpload_killedAtEverySystemCall(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	needStrace(t)
	const parts = 3
	prepare := func(t *testing.T) *world {
		w := newWorld(t, parts*partSize-17)
		// A run that replaces, aborts, begins, appends and removes.
		old := w.request()
		old.Headers.ContentType = "text/old"
		w.interrupted(old, 1)
		w.server.ResetLog()
		return w
	}

	w := prepare(t)
	log := filepath.Join(t.TempDir(), "strace")
	if o := w.run(w.child(), strace(log)...); o.Error != "" || o.NotWhole {
		t.Fatalf("%+v", o)
	}
	points := newDisk(w.dir).applyAll(readStrace(t, log))
	if len(points) < 20 {
		t.Fatalf("only %d system calls seen: %+v", len(points), points)
	}

	again := make(chan int, 2*len(points))
	for i, point := range points {
		for _, power := range []string{"stays on", "is cut"} {
			t.Run(fmt.Sprintf("%s %d, power %s", point.name, point.nth, power), func(t *testing.T) {
				t.Parallel()
				w, d := killedAt(t, prepare, point, i+1)
				if power == "is cut" {
					d.cutPower(t)
				}
				w.mustUpload(w.request())
				if got := len(sent(w.server)) - parts; got > 1 {
					t.Errorf("%d parts sent again", got)
				} else {
					again <- max(got, 0)
				}
			})
		}
	}
	t.Cleanup(func() {
		sum := 0
		for len(again) > 0 {
			sum += <-again
		}
		t.Logf("FAULT F03: killed at each of %d system calls on the checkpoint, Replace included; %d parts sent again", len(points), sum)
		t.Logf("FAULT F13: power cut at each of %d system calls on the checkpoint, only what was synced is left; %d parts sent again", len(points), sum)
	})
}

// killedAt runs a child that is killed at a system call, which is the nth one that touches
// the checkpoint directory. It returns the world and the disk after that.
//
// The runtime of Go writes to wake a thread that sleeps, at any time. The kernel counts these
// calls, too. So if another call was hit, it tries again, with a number that is closer.
func killedAt(t *testing.T, prepare func(*testing.T) *world, call syscallLine, nth int) (*world, *disk) {
	t.Helper()
	for range 20 {
		w := prepare(t)
		d := newDisk(w.dir)
		for _, path := range glob(t, w.dir, "*") { // the run before has synced all it wrote
			if text, err := os.ReadFile(path); err == nil {
				d.names[path] = &inode{path: path, text: text, synced: text}
			}
		}
		d.durable, d.made[w.dir] = maps.Clone(d.names), true

		log := filepath.Join(t.TempDir(), "strace")
		o := w.run(w.child(), strace(log, fmt.Sprintf("%s:signal=KILL:when=%d", call.name, call.nth))...)
		seen := d.applyAll(readStrace(t, log))
		switch killed := o.NotWhole && len(seen) > 0 && seen[len(seen)-1].result == "?"; {
		case killed && len(seen) == nth:
			return w, d
		case o.NotWhole && len(seen) < nth:
			call.nth++
		default:
			call.nth--
		}
	}
	t.Fatalf("%s was never hit as call %d", call.name, nth)
	return nil, nil
}

// Each sync and each write of the checkpoint fails once, with EIO, or permanently from
// some moment, as if the disk were full or the kernel had made the file system
// read-only. Before the first part, that is an error; later it is a warning, and the
// upload succeeds. A descriptor that failed is never used again.
func TestUpload_checkpointFails(t *testing.T) {
	needStrace(t)
	const parts = 20 // one sync by number
	for _, call := range []string{"fsync", "write"} {
		for i, fault := range []struct{ errno, when string }{{"EIO", "%d"}, {"ENOSPC", "%d+"}, {"EROFS", "%d+"}} {
			for nth := 1; nth <= 8; nth++ {
				if i > 0 && nth%2 != i-1 {
					continue // the last two take turns: they differ in name only
				}
				t.Run(fmt.Sprintf("%s %d %s", call, nth, fault.errno), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t, parts*partSize-17)
					log := filepath.Join(t.TempDir(), "strace")
					journal := w.journalPath()
					args := strace(log, call+":error="+fault.errno+":when="+fmt.Sprintf(fault.when, nth))
					if call == "write" { // of the journal only; the thread writes to standard error as well
						args = slices.Insert(args, len(args)-1, "-P", journal)
					}
					c := w.child()
					c.Touch = true
					o := w.run(c, args...)
					failed := checkNotUsedAgain(t, withoutCache(readStrace(t, log)))
					switch {
					case failed == 0:
						if o.Error != "" || len(o.Result.Warnings) != 0 {
							t.Errorf("nothing failed, but: %+v", o)
						}
					case o.Error != "":
						if w.server.Count(osstest.UploadPart) != 0 {
							t.Errorf("%s, after %d parts", o.Error, w.server.Count(osstest.UploadPart))
						}
					default:
						checkWarnings(t, w, o.Result.Warnings)
					}
					if o.Error == "" {
						w.checkObject()
					}
					w.mustUpload(w.request())
					if got := len(sent(w.server)); got != parts {
						t.Errorf("%d parts sent, want %d", got, parts)
					}
				})
			}
		}
	}
	t.Log("FAULT F31: sync and write of the checkpoint fail by EIO at each place: error before the first part, a warning after it; that descriptor is never used again; 0 parts sent again")
	t.Log("FAULT F30: checkpoint becomes read-only or full (EROFS, ENOSPC) at each place: error before the first part, a warning after it; 0 parts sent again")
}

// checkWarnings checks that there is one warning about the journal, one about its
// removal, or both.
func checkWarnings(t *testing.T, w *world, warnings []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, warning := range warnings {
		start, _, _ := strings.Cut(warning, ": ")
		if seen[start] || !strings.Contains(warning, w.dir) {
			t.Errorf("warning %q", warning)
		}
		seen[start] = true
	}
	if complete := seen["The object is complete, but its checkpoint could not be removed"]; len(seen) == 0 || len(seen) > 2 || len(seen) == 2 && !complete {
		t.Errorf("warnings %q", warnings)
	}
}

// withoutCache removes the calls of the hash cache at the end of a run, whose errors are
// ignored.
func withoutCache(lines []syscallLine) []syscallLine {
	made := slices.IndexFunc(lines, func(l syscallLine) bool {
		return strings.HasPrefix(l.name, "mkdir") && strings.Contains(l.args, "/fingerprints")
	})
	if made < 0 {
		return lines
	}
	return lines[:made]
}

// checkNotUsedAgain checks that a descriptor is not used after a failed write or sync,
// and counts the failures.
func checkNotUsedAgain(t *testing.T, lines []syscallLine) (failed int) {
	t.Helper()
	broken := map[int]bool{}
	for _, l := range lines {
		switch l.name {
		case "write", "fsync":
			if broken[l.fd()] {
				t.Errorf("used again after it failed: %s(%.60s)", l.name, l.args)
			}
			if strings.Contains(l.result, "INJECTED") {
				broken[l.fd()] = true
				failed++
			}
		case "close":
			delete(broken, l.fd())
		}
	}
	return failed
}

// journalPath returns the path of the journal of w.
func (w *world) journalPath() string {
	w.t.Helper()
	other := newWorld(w.t, 2*partSize)
	name := filepath.Base(other.interrupted(other.request(), 1).Checkpoint)
	return filepath.Join(w.dir, name)
}

// Without a lock, nothing is sent, and the error names the lock file.
func TestUpload_locksNotSupported(t *testing.T) {
	needStrace(t)
	for _, errno := range []string{"ENOLCK", "EOPNOTSUPP"} {
		w := newWorld(t, 2*partSize)
		log := filepath.Join(t.TempDir(), "strace")
		o := w.run(w.child(), strace(log, "flock:error="+errno)...)
		if !strings.Contains(o.Error, "checkpoint directory cannot be used") || !strings.Contains(o.Error, w.dir) || !strings.Contains(o.Error, ".lock (its file system must support locks)") {
			t.Errorf("got %q", o.Error)
		}
		if got := len(w.server.Requests()); got != 0 {
			t.Errorf("%d requests", got)
		}
		w.mustUpload(w.request())
	}
	t.Log("FAULT F32: flock answers ENOLCK or EOPNOTSUPP: error that names the lock file, before anything is sent")
}

// Reading the source fails. The error names the file, and stored parts stay.
func TestUpload_sourceCannotBeRead(t *testing.T) {
	needStrace(t)
	const parts = 6
	for _, nth := range []int{1, 2, 5, 20} {
		w := newWorld(t, parts*partSize-17)
		w.interrupted(w.request(), 2)
		w.server.ResetLog()
		log := filepath.Join(t.TempDir(), "strace")
		args := strace(log, fmt.Sprintf("pread64:error=EIO:when=%d+", nth))
		args = slices.Insert(args, 1, "-f") // workers read in other threads
		args[slices.Index(args, "trace="+fileCalls)] = "trace=pread64"
		args = slices.Insert(args, len(args)-1, "-P", w.source)
		o := w.run(w.child(), args...)
		if o.Error == "" { // no thread has read that often
			continue
		}
		if !strings.Contains(o.Error, "input/output error") || !strings.Contains(o.Error, w.source) {
			t.Errorf("read %d: %s", nth, o.Error)
		}
		if got := len(w.server.OpenUploads(bucket)); got != 1 {
			t.Errorf("%d uploads are open", got)
		}
		w.mustUpload(w.request())
		if got := len(sentOK(w.server)) - (parts - 2); got != 0 {
			t.Errorf("read %d: %d parts sent again", nth, got)
		}
	}
	t.Log("FAULT F47: pread of the source answers EIO from the 1st, 2nd, 5th, 20th call of a thread on; 0 parts sent again")
}
