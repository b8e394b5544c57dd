// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

const mib = 1 << 20

// now is the time of the tests.
var now = time.Now().Truncate(time.Second)

// begin returns an upload of ten parts of 1 MiB and a smaller one.
func begin(key string) checkpoint.Begin {
	return checkpoint.Begin{
		Time: now.Add(-10 * time.Second), Endpoint: "oss.example.com", Bucket: "b", Object: key,
		Source: "/data/image", Size: 10*mib + mib/2, PartSize: mib,
	}
}

func open(t *testing.T, dir string, b checkpoint.Begin) *checkpoint.Journal {
	t.Helper()
	j, err := checkpoint.Open(t.Context(), dir, checkpoint.Key{Endpoint: b.Endpoint, Bucket: b.Bucket, Object: b.Object}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// write writes the journal of an upload with that many parts, last modified age ago.
func write(t *testing.T, dir string, b checkpoint.Begin, parts int, age time.Duration) *checkpoint.Journal {
	t.Helper()
	j := open(t, dir, b)
	if err := j.Replace(checkpoint.State{Begin: &b, UploadID: "ID"}); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= parts; n++ {
		part := checkpoint.Part{Number: n, Size: min(b.PartSize, b.Size-int64(n-1)*b.PartSize)}
		if err := j.PartStored(part); err != nil {
			t.Fatal(err)
		}
	}
	touch(t, j.Path(), age)
	return j
}

func touch(t *testing.T, path string, age time.Duration) {
	t.Helper()
	if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
		t.Fatal(err)
	}
}

func leave(t *testing.T, dir string, b checkpoint.Begin, parts int, age time.Duration) {
	t.Helper()
	j := write(t, dir, b, parts, age)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	touch(t, j.Path(), age)
}

func lines(t *testing.T, dir string) string {
	t.Helper()
	uploads, err := look(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	printLines(&b, dir, uploads)
	return b.String()
}

func TestLines(t *testing.T) {
	dir := t.TempDir()
	if got, want := lines(t, dir), "No unfinished uploads in "+dir+".\n"; got != want {
		t.Errorf("got %q", got)
	}
	leave(t, dir, begin("interrupted"), 5, 3*time.Hour)
	leave(t, dir, begin("stale"), 1, 9*day)
	leave(t, dir, begin("the clock was wrong"), 11, -day)
	leave(t, dir, begin("esc\x1b[2J\nape"), 0, 90*time.Second)

	found := begin("found")
	found.Found = true
	leave(t, dir, found, 5, 7*time.Hour)

	nonsense := begin("nonsense")
	nonsense.PartSize = 0
	leave(t, dir, nonsense, 0, 4*time.Hour)

	early := open(t, dir, begin("early"))
	b := begin("early")
	if err := early.Replace(checkpoint.State{Begin: &b}); err != nil {
		t.Fatal(err)
	}
	_ = early.Close()
	touch(t, early.Path(), 5*time.Hour)

	abandoned := open(t, dir, begin("abandoned"))
	b = begin("abandoned")
	if err := abandoned.Replace(checkpoint.State{Begin: &b, PendingAborts: []string{"OLD"}}); err != nil {
		t.Fatal(err)
	}
	_ = abandoned.Close()
	touch(t, abandoned.Path(), 6*time.Hour)

	aside := "v1-1.journal.damaged-\x1b7"
	if runtime.GOOS == "windows" {
		aside = "v1-1.journal.damaged-7" // Windows forbids control characters in names
	}
	for name, text := range map[string]string{"v1-0.journal": "garbage\n", aside: ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		touch(t, filepath.Join(dir, name), 30*day+time.Duration(len(text))*time.Hour)
	}

	want := `oss://b/the clock was wrong: 100.0 % (10.5 of 10.5 MiB, 11 of 11 parts, 10.5 MiB kept), interrupted 0s ago
oss://b/esc\x1b[2J\nape: 0.0 % (0.0 of 10.5 MiB, 0 of 11 parts), interrupted 1m ago
oss://b/interrupted: 47.6 % (5.0 of 10.5 MiB, 5 of 11 parts, 5.0 MiB kept), interrupted 3h ago
oss://b/nonsense: interrupted 4h ago
oss://b/early: 0.0 % (0.0 of 10.5 MiB, 0 of 11 parts), interrupted before it had an upload ID, 5h ago
oss://b/abandoned: abandoned but not aborted yet, 6h ago
oss://b/found: 47.6 % (5.0 of 10.5 MiB, 5 of 11 parts, 5.0 MiB kept), interrupted 7h ago; another process may have begun it
oss://b/stale: 9.5 % (1.0 of 10.5 MiB, 1 of 11 parts, 1.0 MiB kept), interrupted 9d ago, stale
` + strings.ReplaceAll(aside, "\x1b", `\x1b`) + `: checkpoint is damaged and was set aside, 30d ago
v1-0.journal: checkpoint is damaged from byte 0 on, 30d ago
`
	if got := lines(t, dir); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The line of a live upload has its speed and its process.
func TestLines_live(t *testing.T) {
	for _, c := range []struct {
		name  string
		kept  int
		parts int
		want  string
	}{
		{"first", 0, 5, "47.6 % (5.0 of 10.5 MiB, 5 of 11 parts, 512.0 KiB/s, 11s left), uploading"},
		{"resumed", 4, 5, "47.6 % (5.0 of 10.5 MiB, 5 of 11 parts, 4.0 MiB kept, 102.4 KiB/s, 55s left), uploading"},
		{"resumed and nothing sent", 4, 4, "38.1 % (4.0 of 10.5 MiB, 4 of 11 parts, 4.0 MiB kept), uploading"},
		{"last", 0, 11, "100.0 % (10.5 of 10.5 MiB, 11 of 11 parts, 1.0 MiB/s), finishing"},
		{"copy", 0, 5, "47.6 % (5.0 of 10.5 MiB, 5 of 11 parts, 512.0 KiB/s, 11s left), copying inside OSS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			b := begin("k")
			if c.name == "copy" {
				b.CopyOf = "ETAG"
			}
			b.PartsKept = c.kept
			write(t, dir, b, c.parts, 0)
			got := lines(t, dir)
			want := fmt.Sprintf("oss://b/k: %s, pid %d, for ", c.want, os.Getpid())
			if !strings.HasPrefix(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A lock without a holder file, and one of another machine on a shared disk.
func TestLines_holder(t *testing.T) {
	dir := t.TempDir()
	j := write(t, dir, begin("k"), 5, 0)
	holder := strings.TrimSuffix(j.Path(), ".journal") + ".holder"
	text := fmt.Sprintf(`{"pid":7,"host":"build\u001b7","since":%q}`, now.Add(-12*time.Minute).Format(time.RFC3339))
	if err := os.WriteFile(holder, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, dir); !strings.HasSuffix(got, `, uploading, pid 7 on build\x1b7, for 12m`+"\n") {
		t.Errorf("got %s", got)
	}
	if err := os.Remove(holder); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, dir); !strings.HasSuffix(got, ", uploading by an unknown process\n") {
		t.Errorf("got %s", got)
	}
}

func TestDraw(t *testing.T) {
	dir := t.TempDir()
	leave(t, dir, begin("interrupted"), 5, 3*time.Hour)
	leave(t, dir, begin("\u65e5\u672c\u8a9e/"+strings.Repeat("long", 20)), 11, 9*day)
	uploads, err := look(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		width, height int
		want          string
	}{
		{"wide", 120, 24, `
Unfinished uploads in DIR

oss://b/interrupted
  █████████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  47.6 %
  interrupted 3h ago · 5.0 of 10.5 MiB · 5 of 11 parts · 5.0 MiB kept

oss://b/日本語/longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong
  ████████████████████████████████████████████████████████████ 100.0 %
  interrupted 9d ago, stale · 10.5 of 10.5 MiB · 11 of 11 parts · 10.5 MiB kept

footer`},
		{"narrow", 40, 0, `
Unfinished uploads in DIR

oss://b/interrupted
  ██████████████░░░░░░░░░░░░░░░░  47.6 %
  interrupted 3h ago · 5.0 of 10.5 MiB
  5 of 11 parts · 5.0 MiB kept

oss://b/…onglonglonglonglonglonglonglong
  ██████████████████████████████ 100.0 %
  interrupted 9d ago, stale
  10.5 of 10.5 MiB · 11 of 11 parts
  10.5 MiB kept

footer`},
		{"low", 80, 9, `
Unfinished uploads in DIR

oss://b/interrupted
  █████████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  47.6 %
  interrupted 3h ago · 5.0 of 10.5 MiB · 5 of 11 parts · 5.0 MiB kept

… and 1 more
footer`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ansi.Strip(draw("DIR", uploads, "footer", c.width, c.height))
			if got != strings.TrimPrefix(c.want, "\n") {
				t.Errorf("got\n%s\nwant%s", got, c.want)
			}
		})
	}
	// Any terminal size works, and no line is wider than the terminal.
	for width := 1; width < 130; width++ {
		for line := range strings.Lines(draw("DIR", uploads, "footer", width, 24)) {
			if got := ansi.StringWidth(strings.TrimSuffix(line, "\n")); width > 12 && got > width {
				t.Errorf("%d columns: %d in %q", width, got, line)
			}
		}
	}
}

// The parts of an update have several sizes, and the number of them is in the journal. The
// speed is that of what this run has sent.
func TestLines_mixedParts(t *testing.T) {
	dir := t.TempDir()
	b := begin("mixed")
	b.Parts, b.PartsKept, b.BytesKept = 4, 1, 6*mib
	j := open(t, dir, b)
	if err := j.Replace(checkpoint.State{Begin: &b, UploadID: "ID", Parts: map[int]checkpoint.Part{1: {Number: 1, Size: 6 * mib}}}); err != nil {
		t.Fatal(err)
	}
	expect := func(want string) {
		t.Helper()
		touch(t, j.Path(), 0)
		if got := lines(t, dir); !strings.HasPrefix(got, "oss://b/mixed: "+want) {
			t.Errorf("got  %swant %s", got, want)
		}
	}
	expect("57.1 % (6.0 of 10.5 MiB, 1 of 4 parts, 6.0 MiB kept), uploading, pid ")
	stored := func(p checkpoint.Part) {
		t.Helper()
		if err := j.PartStored(p); err != nil {
			t.Fatal(err)
		}
	}
	stored(checkpoint.Part{Number: 2, Size: mib / 2})
	stored(checkpoint.Part{Number: 3, Size: 3 * mib, Copied: true})
	expect("90.5 % (9.5 of 10.5 MiB, 3 of 4 parts, 6.0 MiB kept, 3.0 MiB copied, 51.2 KiB/s, 20s left), uploading, pid ")
	stored(checkpoint.Part{Number: 4, Size: mib})
	expect("100.0 % (10.5 of 10.5 MiB, 4 of 4 parts, 6.0 MiB kept, 3.0 MiB copied, 153.6 KiB/s), finishing, pid ")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	expect("100.0 % (10.5 of 10.5 MiB, 4 of 4 parts, 10.5 MiB kept), interrupted ")
}

// A journal can have any number.
func TestLines_invalidParts(t *testing.T) {
	for _, parts := range []int{-1, 10_001, 1 << 40} {
		dir := t.TempDir()
		b := begin("k")
		b.Parts = parts
		leave(t, dir, b, 2, time.Hour)
		if got := lines(t, dir); got != "oss://b/k: interrupted 1h ago\n" {
			t.Errorf("%d parts: %s", parts, got)
		}
	}
}
