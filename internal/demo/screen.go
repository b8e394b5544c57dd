// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// screen prints the output of the demo. On a terminal, the next line overwrites a progress
// bar. Otherwise, progress is printed as separate lines.
type screen struct {
	mu       sync.Mutex // Terraform's output comes from another goroutine
	out      *os.File
	terminal bool
	showing  bool // the cursor is at the end of a progress bar
	drawn    int  // stored parts in the last bar, if this is not a terminal

	failed int // number of failed checks
}

func newScreen(out *os.File) *screen {
	info, err := out.Stat()
	return &screen{out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (s *screen) printf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.showing {
		fmt.Fprint(s.out, "\r\x1b[K")
		s.showing = false
	}
	fmt.Fprintf(s.out, format, args...)
}

// say prints a line of a step.
func (s *screen) say(format string, args ...any) { s.printf("   "+format+"\n", args...) }

// claim prints the result of a check.
func (s *screen) claim(ok bool, format string, args ...any) {
	verdict := "ok "
	if !ok {
		verdict = "FAILED: "
		s.failed++
	}
	s.say(verdict+format, args...)
}

// progress shows on a terminal what the demo is waiting for.
func (s *screen) progress(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.terminal {
		fmt.Fprint(s.out, "\r\x1b[K   "+text+" ...")
		s.showing = true
	}
}

// bar shows how many parts the server has stored.
func (s *screen) bar(stored int, received int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := drawBar(stored, received)
	switch {
	case s.terminal:
		fmt.Fprint(s.out, "\r\x1b[K"+line)
		s.showing = true
	case stored*4/parts > s.drawn*4/parts && stored < parts: // a line for each quarter
		fmt.Fprintln(s.out, line)
		s.drawn = stored
	}
}

func drawBar(stored int, received int64) string {
	const width = 32
	full := stored * width / parts
	return fmt.Sprintf("   [%s%s] %2d of %d parts stored, %s received",
		strings.Repeat("#", full), strings.Repeat(".", width-full), stored, parts, mib(received))
}

// highlights prints the important lines of Terraform's output.
type highlights struct {
	screen *screen
	rest   []byte // an unfinished line
}

var important = []string{
	"Plan: ", "No changes.", ": Creating...", ": Creation complete", ": Import complete", ": Modifications complete",
	": Destruction complete", "Apply complete!", "Destroy complete!", "Error:", "Warning:",
}

func (h *highlights) Write(p []byte) (int, error) {
	h.rest = append(h.rest, p...)
	for {
		line, rest, whole := bytes.Cut(h.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		h.rest = rest
		for _, words := range important {
			if strings.Contains(string(line), words) {
				h.screen.printf("     | %s\n", line)
				break
			}
		}
	}
}

func (d *demo) summarize(took time.Duration) {
	d.printf("\nSummary, measured by the server\n")
	d.say("%-28s %s in %d parts", "file", mib(fileSize), parts)
	d.say("%-28s %s, with %d complete parts", "received before the kill", mib(d.killed.bytes), len(d.killed.stored))
	d.say("%-28s %s", "received after the kill", mib(d.total.bytes-d.killed.bytes))
	d.say("%-28s %s; without resuming, it would be %s", "sent twice", mib(d.resent()), mib(d.killed.bytes))
	d.say("%-28s %v", "duration of the demo", took.Round(time.Second))
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// list returns the end of the line for a failed check.
func list(items []string) string {
	if len(items) == 0 {
		return ""
	}
	return ": " + strings.Join(items, ", ")
}
