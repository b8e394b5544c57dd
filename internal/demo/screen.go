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

// screen prints for a person. On a terminal the last line may be a progress
// that the next one overwrites; elsewhere progress is a line now and then.
type screen struct {
	mu       sync.Mutex // Terraform's output arrives on another goroutine
	out      *os.File
	terminal bool
	showing  bool // the cursor stands behind a progress
	drawn    int  // parts that the last bar showed, elsewhere than on a terminal

	broken int // claims that were not so
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

// say prints a line below the title of a step.
func (s *screen) say(format string, args ...any) { s.printf("   "+format+"\n", args...) }

// claim prints what has been checked, or that it is not so.
func (s *screen) claim(so bool, format string, args ...any) {
	verdict := "ok "
	if !so {
		verdict = "NOT SO: "
		s.broken++
	}
	s.say(verdict+format, args...)
}

// progress says on a terminal what is being waited for.
func (s *screen) progress(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.terminal {
		fmt.Fprint(s.out, "\r\x1b[K   "+text+" ...")
		s.showing = true
	}
}

// bar shows how much of the upload the server has stored.
func (s *screen) bar(stored int, received int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := drawBar(stored, received)
	switch {
	case s.terminal:
		fmt.Fprint(s.out, "\r\x1b[K"+line)
		s.showing = true
	case stored*4/parts > s.drawn*4/parts && stored < parts: // elsewhere a line every quarter will do
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

// highlights passes on the lines of Terraform's output that tell the story.
type highlights struct {
	screen *screen
	rest   []byte // an unfinished line
}

var telling = []string{
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
		for _, words := range telling {
			if strings.Contains(string(line), words) {
				h.screen.printf("     | %s\n", line)
				break
			}
		}
	}
}

func (d *demo) summarize(took time.Duration) {
	d.printf("\nSummary, as counted by the server\n")
	d.say("%-28s %s in %d parts", "file", mib(fileSize), parts)
	d.say("%-28s %s, of which %d parts were stored", "received until the kill", mib(d.killed.bytes), len(d.killed.stored))
	d.say("%-28s %s", "received after it", mib(d.total.bytes-d.killed.bytes))
	d.say("%-28s %s; without resuming it would be %s", "so sent twice", mib(d.resent()), mib(d.killed.bytes))
	d.say("%-28s %v", "the demo took", took.Round(time.Second))
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// list is what ends a claim that is not so.
func list(items []string) string {
	if len(items) == 0 {
		return ""
	}
	return ": " + strings.Join(items, ", ")
}
