// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// console is a pseudoterminal with one command.
type console struct {
	t      testing.TB
	master *os.File
	cmd    *exec.Cmd
	ended  chan struct{}
	read   chan struct{} // closed when no process has the terminal open
	before unix.Termios

	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{} // closed and replaced when text grows
}

// openConsole starts a command as a shell in a new terminal does: the command leads a
// session with this controlling terminal. It also reads from the terminal, unless it
// already has an input.
func openConsole(t testing.TB, cmd *exec.Cmd) *console {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	c := &console{t: t, master: master, cmd: cmd, ended: make(chan struct{}), read: make(chan struct{}), grown: make(chan struct{})}
	slave := openSlave(t, master)
	defer func() { _ = slave.Close() }()
	c.before = c.modes()
	if cmd.Stdin == nil {
		cmd.Stdin = slave
	}
	cmd.Stdout, cmd.Stderr = slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1} // its stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go c.copy()
	go func() {
		defer close(c.ended)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-c.ended
	})
	return c
}

func openSlave(t testing.TB, master *os.File) *os.File {
	t.Helper()
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100}); err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return slave
}

func (c *console) copy() {
	defer close(c.read)
	buffer := make([]byte, 4096)
	for {
		n, err := c.master.Read(buffer)
		c.mu.Lock()
		c.text.Write(buffer[:n])
		close(c.grown)
		c.grown = make(chan struct{})
		c.mu.Unlock()
		if err != nil { // no process has it open
			return
		}
	}
}

func (c *console) output() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// waitFor waits until the terminal has shown words.
func (c *console) waitFor(words ...string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		c.mu.Lock()
		text, grown := c.text.String(), c.grown
		c.mu.Unlock()
		missing := ""
		for _, word := range words {
			if !strings.Contains(text, word) {
				missing = word
			}
		}
		if missing == "" {
			return
		}
		select {
		case <-grown:
		case <-c.read:
			c.t.Fatalf("ended without %q:\n%s", missing, text)
		case <-ctx.Done():
			c.t.Fatalf("no %q:\n%s", missing, text)
		}
	}
}

// typeIn types text.
func (c *console) typeIn(keys string) {
	c.t.Helper()
	if _, err := c.master.WriteString(keys); err != nil {
		c.t.Fatal(err)
	}
}

// wait returns the exit status once all output has arrived.
func (c *console) wait() int {
	c.t.Helper()
	for _, end := range []chan struct{}{c.ended, c.read} {
		select {
		case <-end:
		case <-time.After(time.Minute):
			c.t.Fatalf("does not end:\n%s", c.output())
		}
	}
	return c.cmd.ProcessState.ExitCode()
}

// terraformIn starts an apply in a terminal.
func (w *world) terraformIn(env ...string) *console {
	w.t.Helper()
	cmd := exec.Command(w.CLI(), "apply", "-auto-approve", "-input=false", "-no-color")
	cmd.Dir = w.Dir
	cmd.Env = append(w.Environ(), env...)
	return openConsole(w.t, cmd)
}

// Progress lines appear between the lines of Terraform, which are unchanged.
func TestTerminal_progressLines(t *testing.T) {
	w := newWorld(t)
	c := w.terraformIn()
	if code := c.wait(); code != 0 || strings.Contains(c.output(), "ossresumable: ") {
		t.Fatalf("not asked for: exit status %d\n%s", code, c.output())
	}
	plain := terraformsLines(c.output())
	w.mustDestroy()

	release := w.hold(10)
	c = w.terraformIn("OSSRESUMABLE_PROGRESS=tty")
	c.waitFor("ossresumable: ", "/disk.img: 15.6 %, 1.2 of 8.0 MiB, ")
	release()
	if code := c.wait(); code != 0 {
		t.Fatalf("exit status %d\n%s", code, c.output())
	}
	w.check(c.output(), "/disk.img: 100.0 %, 8.0 of 8.0 MiB, ", "ossresumable: oss://bucket/images/disk.img: done, 8.0 MiB sent\r\n")
	if got := terraformsLines(c.output()); got != plain {
		t.Errorf("Terraform's own lines were\n%s\nand are\n%s", plain, got)
	}
}

// Without a terminal, OSSRESUMABLE_PROGRESS=tty changes nothing.
func TestTerminal_progressLinesWithoutOne(t *testing.T) {
	w := newWorld(t)
	plain := terraformsLines(w.mustApply().Text)
	w.mustDestroy()
	cmd := exec.Command(w.CLI(), "apply", "-auto-approve", "-input=false", "-no-color")
	cmd.Dir = w.Dir
	cmd.Env = append(w.Environ(), "OSSRESUMABLE_PROGRESS=tty")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a session that has no terminal
	out, err := cmd.CombinedOutput()
	if got := terraformsLines(string(out)); err != nil || got != plain {
		t.Errorf("%v\n%s\nwas\n%s", err, got, plain)
	}
}

func TestTerminal_progressVariableIsWrong(t *testing.T) {
	w := newWorld(t)
	w.Env = append(w.Env, "OSSRESUMABLE_PROGRESS=yes")
	w.check(w.mustApply().Text, "Invalid value of OSSRESUMABLE_PROGRESS", "The only valid value is")
}

var elapsed = regexp.MustCompile(`after \d+s`)

// terraformsLines returns the lines of Terraform, without durations.
func terraformsLines(output string) string {
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(output, "\r\n", "\n")) {
		if !strings.HasPrefix(line, "ossresumable: ") && !strings.Contains(line, "Still creating...") {
			lines = append(lines, elapsed.ReplaceAllString(line, "after a while"))
		}
	}
	return strings.Join(lines, "")
}

func (w *world) mustDestroy() {
	w.t.Helper()
	if out := w.run("destroy", "-auto-approve", "-input=false", "-no-color"); out.ExitCode != 0 {
		w.t.Fatalf("destroy: exit status %d\n%s", out.ExitCode, out.Text)
	}
}

// status -watch draws during the upload, and restores the terminal.
func TestTerminal_statusWatch(t *testing.T) {
	w := newWorld(t)
	p, release := w.startAndHold(10)
	c := openConsole(t, w.command("status", "-watch", w.dir))
	c.waitFor("Unfinished uploads", "oss://bucket/images/disk.img", "█", "uploading, pid ", "Ctrl-C ends the watch")
	release()
	w.mustEnd(p)
	c.waitFor("mfinished") // with its colour before it: the title has the word, too
	c.typeIn("\x03")
	if code := c.wait(); code != 0 {
		t.Errorf("exit status %d\n%q", code, c.output())
	}
	out := c.output()
	if i := strings.LastIndex(out, "\x1b[?1049l"); i < 0 || strings.Contains(out[i:], "\x1b[?1049h") || !strings.Contains(out[i:], "100.0 %") {
		t.Errorf("the screen before it is not back, with what was seen last: %q", out)
	}
	if strings.LastIndex(out, "\x1b[?25h") < strings.LastIndex(out, "\x1b[?25l") {
		t.Errorf("the cursor stays hidden: %q", out)
	}
	if after := c.modes(); after != c.before {
		t.Errorf("the terminal's modes were %+v and are %+v", c.before, after)
	}
}

func (c *console) modes() unix.Termios {
	c.t.Helper()
	modes, err := unix.IoctlGetTermios(int(c.master.Fd()), unix.TCGETS)
	if err != nil {
		c.t.Fatal(err)
	}
	return *modes
}

// status -watch whose input is not a terminal accepts no keys, but Ctrl-C.
func TestTerminal_statusWatchWithoutInput(t *testing.T) {
	w := newWorld(t)
	w.killAfter(10)
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = null.Close() }()
	cmd := w.command("status", "-watch", w.dir)
	cmd.Stdin = null
	c := openConsole(t, cmd)
	c.waitFor("interrupted", "Ctrl-C ends the watch")
	c.typeIn("\x03")
	if code := c.wait(); code != 0 || c.modes() != c.before {
		t.Errorf("exit status %d\n%q", code, c.output())
	}
}

// status does not draw if the terminal cannot, or if the user does not want it.
func TestTerminal_statusPlain(t *testing.T) {
	w := newWorld(t)
	w.killAfter(10)
	for _, env := range []string{"TERM=dumb", "NO_COLOR=1"} {
		cmd := w.command("status", w.dir)
		cmd.Env = append(cmd.Env, env)
		c := openConsole(t, cmd)
		if code := c.wait(); code != 0 || strings.ContainsAny(c.output(), "\x1b█") || !strings.Contains(c.output(), "interrupted") {
			t.Errorf("%s: exit status %d, %q", env, code, c.output())
		}
	}
}

// abort aborts only uploads that the user confirms.
func TestTerminal_abortAsks(t *testing.T) {
	w := newWorld(t)
	w.killAfter(10)
	for _, c := range []struct {
		answer string
		open   int
		says   string
	}{
		{"\r", 1, ""},
		{"n\r", 1, ""},
		{"q\r", 1, "Not aborted: 1."},
		{"\x04", 1, "Not aborted: 1."},
		{"y\r", 0, "Aborted oss://bucket/images/disk.img (upload ID "},
	} {
		asked := openConsole(t, w.command("abort", "-older-than", "0s", w.dir))
		asked.waitFor("oss://bucket/images/disk.img: ", "interrupted", "Abort it? [y]es, [N]o, [a]ll, [q]uit: ")
		asked.typeIn(c.answer)
		if code := asked.wait(); code != 0 {
			t.Errorf("%q: exit status %d\n%s", c.answer, code, asked.output())
		}
		w.check(asked.output(), c.says)
		if open := w.server.OpenUploads(bucket); len(open) != c.open {
			t.Errorf("%q: %d uploads are open", c.answer, len(open))
		}
	}
	w.checkDirEmpty()
}

// An upload that was found in OSS is aborted only if the user confirms this upload.
func TestTerminal_abortOfAFoundUpload(t *testing.T) {
	w := newWorld(t)
	w.killAfter(10)
	w.forget()
	w.killAfter(20)
	here := w.Env
	w.Env = append(here, "ALIBABA_CLOUD_ACCESS_KEY_ID=", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=") // not needed
	left := "Uploads that another process may have begun, and that are left: 1. To abort them too, run the command in a terminal.\noss://bucket/images/disk.img: "
	for _, args := range [][]string{{"abort", "-older-than", "0s", "-yes"}, {"abort", "-older-than", "0s"}} {
		if out, code := w.ask(args...); code != 0 || !strings.HasPrefix(out, left) || len(w.server.OpenUploads(bucket)) != 1 {
			t.Errorf("%v: exit status %d, %d uploads are open\n%s", args, code, len(w.server.OpenUploads(bucket)), out)
		}
	}
	w.Env = here
	asked := openConsole(t, w.command("abort", "-older-than", "0s", "-yes", w.dir))
	asked.waitFor("another process may have begun it", "Abort it? [y]es, [N]o, [a]ll, [q]uit: ")
	asked.typeIn("y\r")
	if code := asked.wait(); code != 0 || len(w.server.OpenUploads(bucket)) != 0 {
		t.Errorf("exit status %d, %d uploads are open\n%s", code, len(w.server.OpenUploads(bucket)), asked.output())
	}
	w.checkDirEmpty()
}
