// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// hostileName is a key of maximum length, full of control sequences.
var hostileName = strings.Repeat("\x1b[2J", 254) + "\n/end"

// For any text in a journal, a line has a limited width and no control characters. It
// contains the bucket and the end of the key.
func TestLines_longNames(t *testing.T) {
	dir := t.TempDir()
	leave(t, dir, begin(hostileName), 5, 3*time.Hour)
	got := lines(t, dir)
	if width := ansi.StringWidth(got); width > maxColumns+100 {
		t.Errorf("%d columns: %q", width, got)
	}
	if !strings.HasPrefix(got, "oss://b/…") || !strings.Contains(got, `\n/end: 47.6 % (`) || strings.Contains(got, "\x1b") {
		t.Errorf("got %q", got)
	}
}

// The question distinguishes two uploads whose cut names are equal.
func TestAbort_longNames(t *testing.T) {
	dir := t.TempDir()
	for _, first := range "ab" {
		leave(t, dir, begin(string(first)+hostileName), 5, 9*day)
	}
	uploads, err := look(dir, now)
	if err != nil || len(uploads) != 2 {
		t.Fatal(len(uploads), err)
	}
	var asked []string
	for _, u := range uploads {
		var out bytes.Buffer
		a := &abortCommand{Streams: Streams{Out: &out}, answers: bufio.NewReader(strings.NewReader("n\n"))}
		if got := a.ask(u); got != "no" {
			t.Errorf("answer %q", got)
		}
		asked = append(asked, out.String())
		if !strings.Contains(out.String(), "\n  checkpoint v1-") || !strings.Contains(out.String(), "(upload ID ID)\nAbort it?") || strings.Contains(out.String(), "\x1b") {
			t.Errorf("asked %q", out.String())
		}
		for line := range strings.Lines(out.String()) {
			if width := ansi.StringWidth(line); width > maxColumns+100 {
				t.Errorf("%d columns: %q", width, line)
			}
		}
	}
	if asked[0] == asked[1] {
		t.Errorf("both questions are %q", asked[0])
	}
	short := upload{name: escape.Sprint(resumable.Object{Bucket: "b", Key: "k"})}
	if got := short.identity(maxColumns); got != "" {
		t.Errorf("a whole name is followed by %q", got)
	}
}

// Errors in arguments are printed without control characters.
func TestArguments_escaped(t *testing.T) {
	var out bytes.Buffer
	code := Status(t.Context(), []string{"-\x1b[2J"}, Streams{Out: &out, Err: &out})
	if code != misused || strings.Contains(out.String(), "\x1b") || !strings.Contains(out.String(), `\x1b[2J`) {
		t.Errorf("exit status %d, %q", code, out.String())
	}
}
