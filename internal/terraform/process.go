// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package terraform

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Output is the result of a finished command.
type Output struct {
	Text     string // combined standard output and standard error
	ExitCode int    // -1 if a signal killed it
	Elapsed  time.Duration
	CPU      time.Duration // of Terraform and of the providers it waited for
}

// Process is a running command. It is the leader of a process group that includes its
// providers, as if a shell had started it.
type Process struct {
	cmd     *exec.Cmd
	started time.Time
	text    lockedBuffer
	done    chan struct{} // closed after Terraform has exited and its output was read
}

// Run runs a command until it exits. If ctx is done, it kills the process group.
func (w *Workspace) Run(ctx context.Context, args ...string) Output {
	p, err := w.Start(nil, args...)
	if err != nil {
		return Output{Text: err.Error(), ExitCode: -1}
	}
	stop := context.AfterFunc(ctx, func() { p.SignalGroup(syscall.SIGKILL) })
	defer stop()
	return p.Wait()
}

// Start starts a command. It copies the output to tee, which may be nil.
func (w *Workspace) Start(tee io.Writer, args ...string) (*Process, error) {
	argv := slices.Concat(w.Via, []string{w.cli}, args)
	p := &Process{cmd: exec.Command(argv[0], argv[1:]...), started: time.Now(), done: make(chan struct{})}
	p.cmd.Dir = w.Dir
	p.cmd.Env = w.Environ()
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.text.tee = tee
	p.cmd.Stdout, p.cmd.Stderr = &p.text, &p.text
	// An orphaned provider may keep the pipe open. Do not wait for it.
	p.cmd.WaitDelay = 500 * time.Millisecond
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait()
	}()
	return p, nil
}

// Wait waits until Terraform exits. Its providers may still be running.
func (p *Process) Wait() Output {
	<-p.done
	out := Output{Text: p.text.String(), ExitCode: p.cmd.ProcessState.ExitCode(), Elapsed: time.Since(p.started)}
	if usage, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		out.CPU = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	return out
}

// Done returns a channel that is closed when Terraform has exited.
func (p *Process) Done() <-chan struct{} { return p.done }

// PID returns the ID of the process group, which is also the process ID of Terraform or
// of the program in Via.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Text returns the output so far.
func (p *Process) Text() string { return p.text.String() }

// Signal sends a signal to Terraform, but not to its providers.
func (p *Process) Signal(sig syscall.Signal) { _ = p.cmd.Process.Signal(sig) }

// SignalGroup sends a signal to Terraform and its providers. A terminal does this for
// Ctrl-C, and a CI runner for a canceled job.
func (p *Process) SignalGroup(sig syscall.Signal) { _ = syscall.Kill(-p.PID(), sig) }

// Kill kills Terraform and its providers, and waits until none of them holds a lock or a
// connection any more.
func (p *Process) Kill() Output {
	p.SignalGroup(syscall.SIGKILL)
	out := p.Wait()
	// Without a process that reaps orphans, as in some containers, the group never becomes empty.
	for ended := time.Now().Add(time.Second); time.Now().Before(ended) && syscall.Kill(-p.PID(), 0) == nil; {
		time.Sleep(time.Millisecond)
	}
	return out
}

type lockedBuffer struct {
	mu  sync.Mutex
	b   bytes.Buffer
	tee io.Writer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tee != nil {
		_, _ = l.tee.Write(p)
	}
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
