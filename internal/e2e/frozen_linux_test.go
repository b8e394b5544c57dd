// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"bytes"
	"fmt"
	"hash/crc64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The provider is stopped for some seconds, as on a laptop that sleeps or a machine that is
// moved. It keeps its lock, and continues.
func TestFrozen_provider(t *testing.T) {
	w := newWorld(t)
	defer func() {
		t.Logf("FAULT F14: provider stopped by SIGSTOP for 3 s; %d parts sent again", w.sentAgain())
	}()
	p := w.startApply(20)
	freeze(t, providersIn(p.PID()), 3*time.Second, func() {
		w.checkLocked()
		if got := len(w.acked()); got >= parts {
			t.Errorf("the upload was complete before the provider was stopped: %d parts", got)
		}
	})
	w.mustEnd(p)
	w.checkDone()
}

// checkLocked tries to take the lock of the upload.
func (w *world) checkLocked() {
	w.t.Helper()
	locks, _ := filepath.Glob(filepath.Join(w.dir, "*.lock"))
	if len(locks) != 1 {
		w.t.Fatalf("locks: %v", locks)
	}
	f, err := os.Open(locks[0])
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB); err != unix.EWOULDBLOCK {
		w.t.Errorf("the lock of a running upload: %v", err)
	}
}

// The server is stopped. It is a separate process, so the kernel still accepts connections
// and bytes for it.
func TestFrozen_server(t *testing.T) {
	w := newWorld(t)
	server := startServer(t, "-bandwidth", fmt.Sprint(4<<20))
	w.Env = append(w.Env, "OSS_ENDPOINT="+server.url)
	p, err := w.Start(nil, "apply", "-auto-approve", "-input=false", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	for server.count(" UploadPart ") < 20 {
		select {
		case <-p.Done():
			t.Fatalf("the apply ended early:\n%s", p.Text())
		case <-time.After(5 * time.Millisecond):
		}
	}
	freeze(t, []int{server.cmd.Process.Pid}, 3*time.Second, func() {})
	w.mustEnd(p)
	state, _, _ := w.stateOf()
	if got, want := state["crc64"], fmt.Sprint(crc64.Checksum(w.content, crc64.MakeTable(crc64.ECMA))); got != want {
		t.Errorf("CRC-64 of the object is %v, of the file %v", got, want)
	}
	sent := server.count(" UploadPart ")
	t.Logf("FAULT F51: server stopped by SIGSTOP for 3 s; %d parts sent again", max(0, sent-parts))
	if sent > parts+parallel {
		t.Errorf("%d parts sent", sent)
	}
}

// freeze stops processes for a duration, and calls meanwhile once they are stopped.
func freeze(t *testing.T, pids []int, long time.Duration, meanwhile func()) {
	t.Helper()
	if len(pids) == 0 {
		t.Fatal("there is no process to stop")
	}
	for _, pid := range pids {
		if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = unix.Kill(pid, unix.SIGCONT) }()
	}
	thaw := time.After(long)
	meanwhile()
	<-thaw
}

// serverProcess is cmd/ossserver.
type serverProcess struct {
	cmd *exec.Cmd
	url string

	mu  sync.Mutex
	log bytes.Buffer // one line per request
}

func startServer(t *testing.T, flags ...string) *serverProcess {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "ossserver")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest/cmd/ossserver")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := &serverProcess{cmd: exec.CommandContext(t.Context(), binary, append(flags, "-log", "-bucket", bucket, "-dir", t.TempDir())...)}
	s.cmd.Stderr = s
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill(); _ = s.cmd.Wait() })
	for text := make([]byte, 0, 1024); s.url == ""; {
		n, err := stdout.Read(text[len(text):cap(text)])
		if err != nil {
			t.Fatalf("the server does not say where it serves: %v\n%s", err, text)
		}
		text = text[:len(text)+n]
		if _, rest, found := strings.Cut(string(text), "endpoint:"); found && strings.Contains(rest, "\n") {
			s.url = strings.Fields(rest)[0]
		}
	}
	return s
}

func (s *serverProcess) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

// count returns the number of lines in the log that contain words.
func (s *serverProcess) count(words string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range bytes.Lines(s.log.Bytes()) {
		if bytes.Contains(line, []byte(words)) {
			n++
		}
	}
	return n
}

// The provider alone is killed during an update. Terraform then drops the private state, which
// has the owner mark. Messages say that the object may be that of this resource, and a destroy
// leaves it.
func TestKilled_providerAlone(t *testing.T) {
	w := newWorld(t)
	w.beginWithOldObject()
	p := w.startPausing(10)
	for _, pid := range providersIn(p.PID()) {
		if err := unix.Kill(pid, unix.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	if out := p.Wait(); out.ExitCode == 0 {
		t.Fatalf("the apply succeeded\n%s", out.Text)
	}
	w.settle()

	lost := "Terraform lost the mark"
	w.check(w.run("plan", "-input=false", "-no-color").Text, "Object was written by another resource", lost)
	out := w.run("destroy", "-auto-approve", "-input=false", "-no-color")
	w.check(out.Text, "Object stays in OSS", lost)
	if object, ok := w.server.Object(bucket, key); !ok || object.Size == int64(len(w.content)) {
		t.Errorf("the object has %d bytes", object.Size)
	}
}
