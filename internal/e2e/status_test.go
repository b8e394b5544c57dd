// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"bufio"
	"errors"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// command returns a command of the provider binary, with the environment of the workspace.
func (w *world) command(args ...string) *exec.Cmd {
	cmd := exec.Command(w.Provider(), args...)
	cmd.Env = append(w.Environ(), "TERM=xterm-256color")
	return cmd
}

// ask runs a command without a terminal.
func (w *world) ask(args ...string) (output string, code int) {
	w.t.Helper()
	out, err := w.command(args...).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(out), exit.ExitCode()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return string(out), 0
}

var uploading = regexp.MustCompile(`^oss://bucket/images/disk\.img: \d+\.\d % \(\d+\.\d of 8\.0 MiB, (\d+) of 64 parts, .*\), uploading, pid (\d+), for \d+s\n$`)

// statusUntil runs the command status until it shows at least n parts, and returns the
// process ID that it shows. The journal is written shortly after the answer of OSS.
func (w *world) statusUntil(n int) (pid int) {
	w.t.Helper()
	ctx := w.ctx()
	for ctx.Err() == nil {
		out, code := w.ask("status", w.dir)
		shown := uploading.FindStringSubmatch(out)
		if code != 0 || shown == nil {
			w.t.Fatalf("exit status %d\n%s", code, out)
		}
		pid, _ = strconv.Atoi(shown[2])
		if got, _ := strconv.Atoi(shown[1]); got >= n {
			return pid
		}
	}
	w.t.Fatalf("never showed %d parts", n)
	return 0
}

func TestStatus(t *testing.T) {
	w := newWorld(t)
	if out, code := w.ask("status"); code != 0 || out != "No unfinished uploads in "+w.dir+".\n" {
		t.Errorf("nothing was begun: exit status %d\n%s", code, out)
	}
	p, release := w.startAndHold(10)
	pid := w.statusUntil(10)
	if group, err := syscall.Getpgid(pid); err != nil || group != p.PID() || pid == p.PID() {
		t.Errorf("process %d is not Terraform's provider: it is of group %d, %v", pid, group, err)
	}
	stop := w.hold(20)
	defer stop()
	release()
	w.statusUntil(25)

	p.Kill()
	stop()
	w.settle()
	out, code := w.ask("status")
	left := regexp.MustCompile(`^oss://bucket/images/disk\.img: [0-9.]+ % \(([0-9.]+) of 8\.0 MiB, \d+ of 64 parts, ([0-9.]+) MiB kept\), interrupted \d+s ago\n$`).FindStringSubmatch(out)
	if code != 0 || left == nil || left[1] != left[2] {
		t.Errorf("killed: exit status %d\n%s", code, out)
	}
	w.server.ResetLog()
	w.mustApply()
	if out, _ := w.ask("status"); out != "No unfinished uploads in "+w.dir+".\n" {
		t.Errorf("finished: %s", out)
	}
	w.checkDone()
}

// status -watch with a pipe prints changes, and ends with Ctrl-C.
func TestStatus_watchPiped(t *testing.T) {
	w := newWorld(t)
	p, release := w.startAndHold(10)
	cmd := w.command("status", "-watch", w.dir)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(pipe)
	if !lines.Scan() || !uploading.MatchString(lines.Text()+"\n") {
		t.Errorf("begins with %q", lines.Text())
	}
	release()
	w.mustEnd(p)
	for lines.Scan() && !strings.HasSuffix(lines.Text(), ", finished") {
		t.Log(lines.Text())
	}
	if want := "oss://bucket/images/disk.img: 100.0 % (8.0 of 8.0 MiB, 64 of 64 parts), finished"; lines.Text() != want {
		t.Errorf("ends with %q, want %q", lines.Text(), want)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("Ctrl-C: %v", err)
	}
}

func TestAbort(t *testing.T) {
	w := newWorld(t)
	p, release := w.startAndHold(10)
	w.statusUntil(10)
	if out, code := w.ask("abort", "-older-than", "0s", "-yes"); code != 0 || !strings.HasPrefix(out, "No upload in ") {
		t.Errorf("it is being uploaded: exit status %d\n%s", code, out)
	}
	p.Kill()
	release()
	w.settle()

	out, code := w.ask("abort", "-yes")
	left := regexp.MustCompile(`^No upload in ` + regexp.QuoteMeta(w.dir) + ` has been idle for longer than 7d\.\n` +
		`Younger uploads that are left: 1\. To abort them too, use -older-than 0s\.\noss://bucket/images/disk\.img: .*, interrupted \d+s ago\n$`)
	if code != 0 || !left.MatchString(out) {
		t.Errorf("it is not a week old: exit status %d\n%s", code, out)
	}
	if out, code = w.ask("abort", "-older-than", "2d", "-yes"); code != 0 || !strings.Contains(out, "longer than 2d") {
		t.Errorf("it is not two days old: exit status %d\n%s", code, out)
	}
	out, code = w.ask("abort", "-older-than", "0s")
	if code != 1 || !strings.Contains(out, "interrupted") || !strings.Contains(out, "the input is not a terminal. To abort these uploads (1), add -yes") {
		t.Errorf("no terminal to ask on: exit status %d\n%s", code, out)
	}

	here := w.Env
	w.Env = append(here, "OSS_ENDPOINT=http://127.0.0.1:1")
	out, code = w.ask("abort", "-older-than", "0s", "-yes")
	if code != 1 || !strings.Contains(out, "the upload is at the endpoint "+strings.TrimPrefix(w.server.URL(), "http://")+", but the environment selects 127.0.0.1:1;") {
		t.Errorf("another endpoint: exit status %d\n%s", code, out)
	}
	w.Env = append(here, "ALIBABA_CLOUD_ACCESS_KEY_ID=", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=")
	if out, code = w.ask("abort", "-older-than", "0s", "-yes"); code != 1 || !strings.Contains(out, "Missing credentials") {
		t.Errorf("no credentials: exit status %d\n%s", code, out)
	}
	w.Env = here
	if open := w.server.OpenUploads(bucket); len(open) != 1 {
		t.Fatalf("%d uploads are open", len(open))
	}

	id := w.server.OpenUploads(bucket)[0].UploadID
	if out, code = w.ask("abort", "-older-than", "0s", "-yes"); code != 0 || out != "Aborted oss://bucket/images/disk.img (upload ID "+id+")\n" {
		t.Errorf("exit status %d\n%s", code, out)
	}
	if open := w.server.OpenUploads(bucket); len(open) != 0 {
		t.Errorf("%d uploads are open", len(open))
	}
	w.checkDirEmpty()
}

// If OSS refuses the abort of an upload, the user can abort it later.
func TestAbort_refused(t *testing.T) {
	w := newWorld(t)
	w.killAfter(10)
	allow := w.server.AddRule(osstest.Rule{Op: osstest.AbortMultipartUpload, Fault: osstest.Refuse(403, "AccessDenied")})
	out, code := w.ask("abort", "-older-than", "0s", "-yes")
	if code != 1 || !strings.Contains(out, "oss://bucket/images/disk.img: not aborted: ") || !strings.Contains(out, "AccessDenied") {
		t.Errorf("exit status %d\n%s", code, out)
	}
	out, _ = w.ask("status")
	if !regexp.MustCompile(`^oss://bucket/images/disk\.img: abandoned but not aborted yet, \d+s ago\n$`).MatchString(out) {
		t.Errorf("status: %s", out)
	}
	allow()
	if out, code = w.ask("abort", "-older-than", "0s", "-yes"); code != 0 || len(w.server.OpenUploads(bucket)) != 0 {
		t.Errorf("exit status %d\n%s", code, out)
	}
	w.checkDirEmpty()
}

func TestUsage(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"-h"}, 0, []string{"Usage: terraform-provider-ossresumable [COMMAND]", "status   list unfinished uploads", "abort    abort abandoned uploads", "-version"}},
		{[]string{"help"}, 0, []string{"Usage: terraform-provider-ossresumable [COMMAND]", "abort    abort abandoned uploads"}},
		{[]string{"version"}, 0, []string{"terraform-provider-ossresumable 0.0.1"}},
		{[]string{"abort", "-older-than", "week"}, 2, []string{"-older-than", "7d"}},
		{[]string{"status", "/no/such/dir"}, 1, []string{"no checkpoint directory", "/no/such/dir"}},
		{[]string{"status", "-watch", "/no/such/dir"}, 1, []string{"no checkpoint directory", "/no/such/dir"}},
		{[]string{"abort", "-yes", "/no/such/dir"}, 1, []string{"no checkpoint directory", "/no/such/dir"}},
		{[]string{"status", "-h"}, 0, []string{"Usage: terraform-provider-ossresumable status [-watch] [DIR]", "OSSRESUMABLE_CHECKPOINT_DIR"}},
		{[]string{"abort", "-h"}, 0, []string{"Usage: terraform-provider-ossresumable abort [-older-than AGE] [-yes] [DIR]", "-older-than age", "(default 7d)"}},
		{[]string{"-version"}, 0, []string{"terraform-provider-ossresumable 0.0.1"}},
		{[]string{"stauts"}, 2, []string{"Commands"}},
		{[]string{"status", "-wacht"}, 2, []string{"flag provided but not defined: -wacht"}},
		{[]string{"status", w.dir, "-watch"}, 2, []string{"expected at most one directory, after the flags"}},
		{[]string{"status", w.source}, 1, []string{"checkpoint directory cannot be used", "is not a directory"}},
	} {
		out, code := w.ask(c.args...)
		if code != c.code {
			t.Errorf("%q: exit status %d\n%s", c.args, code, out)
		}
		w.check(out, c.says...)
	}
}
