// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var testKey = Key{Endpoint: "oss.example.com", Bucket: "bucket", Object: "dir/../key\x01 ☃"}

func open(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Open(context.Background(), dir, testKey, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func reopen(t *testing.T, j *Journal) *Journal {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, filepath.Dir(j.Path()))
}

func testBegin() *Begin {
	return &Begin{
		Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Endpoint: testKey.Endpoint, Bucket: testKey.Bucket, Object: testKey.Object,
		Source: "/data/image\n.qcow2", Size: 1000, SHA256: "ab", CRC64: "17", PartSize: 100, Headers: "cd",
	}
}

// fill writes a journal as an upload of three parts would leave it.
func fill(t *testing.T, j *Journal) State {
	t.Helper()
	steps := []func() error{
		func() error { return j.Replace(State{Begin: testBegin(), PendingAborts: []string{"OLD1", "OLD2"}}) },
		func() error { return j.Aborted("OLD1") },
		func() error { return j.Initiated("ID") },
		func() error { return j.PartStored(Part{1, 100, "E1", "11", false}) },
		func() error { return j.PartStored(Part{3, 100, "E3", "33", false}) },
		func() error { return j.PartStored(Part{3, 100, "E3b", "34", false}) },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	return State{
		Begin: testBegin(), UploadID: "ID", PendingAborts: []string{"OLD2"},
		Parts: map[int]Part{1: {1, 100, "E1", "11", false}, 3: {3, 100, "E3b", "34", false}},
	}
}

func TestJournal_survivesReopening(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "new", "dir"))
	if got := j.State(); got.Begin != nil || got.UploadID != "" {
		t.Fatalf("new journal says %+v", got)
	}
	want := fill(t, j)
	j = reopen(t, j)
	if got := j.State(); !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	if err := j.Replace(want); err != nil {
		t.Fatal(err)
	}
	j = reopen(t, j)
	if got := j.State(); !reflect.DeepEqual(got, want) {
		t.Fatalf("after Replace: got %+v, want %+v", got, want)
	}
}

func TestJournal_finishLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	fill(t, j)
	if err := j.Aborted("OLD2"); err != nil {
		t.Fatal(err)
	}
	if err := j.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestJournal_finishRemembersPendingAborts(t *testing.T) {
	j := open(t, t.TempDir())
	fill(t, j)
	if err := j.Finish(); err != nil {
		t.Fatal(err)
	}
	j = reopen(t, j)
	got := j.State()
	if got.UploadID != "" || len(got.Parts) != 0 || !reflect.DeepEqual(got.PendingAborts, []string{"OLD2"}) || !reflect.DeepEqual(got.Begin, testBegin()) {
		t.Fatalf("got %+v", got)
	}
}

// A crash may cut the file at any offset, and any bit may flip. The journal must be
// read as a state that it once had, and must be appendable.
func TestJournal_tornAtEveryOffset(t *testing.T) {
	t.Parallel()
	whole, states := history(t)
	for cut := range whole {
		if state, _, err := decode(whole[:cut]); err != nil || !once(states, state) {
			t.Fatalf("cut at %d: read %+v, which it never was, %v", cut, state, err)
		}
		if !nearLineEnd(whole, cut) {
			continue
		}
		dir := t.TempDir()
		plant(t, dir, whole[:cut])
		j := open(t, dir)
		if !once(states, j.State()) {
			t.Fatalf("cut at %d: read %+v, which it never was", cut, j.State())
		}
		appendable(t, j)
	}
	t.Logf("FAULT F16: journal cut at each of %d byte offsets; read as a state that it had, and appendable", len(whole))
}

// The disk may keep of what was not synced whatever it likes: for a file that
// only grows that is its end, or blocks of zeros in place of it.
func TestJournal_zerosInPlaceOfTheEnd(t *testing.T) {
	t.Parallel()
	whole, states := history(t)
	for from := range whole {
		text := append(bytes.Clone(whole[:from]), make([]byte, len(whole)-from)...)
		if state, _, err := decode(text); err != nil || !once(states, state) {
			t.Fatalf("zeros from %d on: read %+v, which it never was, %v", from, state, err)
		}
	}
	t.Log("FAULT F13: of what was not synced, every prefix is read as a state that the journal had; zeros in its place, too")
}

func TestJournal_flippedAtEveryOffset(t *testing.T) {
	t.Parallel()
	whole, states := history(t)
	for i := range whole {
		for bit := range 8 {
			flipped := bytes.Clone(whole)
			flipped[i] ^= 1 << bit
			if state, _, err := decode(flipped); err != nil || !once(states, state) {
				t.Fatalf("flip of bit %d at %d: read %+v, which it never was, %v", bit, i, state, err)
			}
		}
		if !nearLineEnd(whole, i) {
			continue
		}
		dir := t.TempDir()
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1 << (i % 8)
		plant(t, dir, flipped)
		j := open(t, dir)
		if !once(states, j.State()) {
			t.Fatalf("flip at %d: read %+v, which it never was", i, j.State())
		}
		lastLine := strings.LastIndexByte(strings.TrimSuffix(string(whole), "\n"), '\n') + 1
		if i < lastLine && len(j.Warnings) == 0 {
			t.Fatalf("flip at %d, before the last line: no warning", i)
		}
		appendable(t, j)
	}
	t.Logf("FAULT F18: each of %d bits flipped; never read as a state that it had not, and set aside", 8*len(whole))
}

// nearLineEnd reports whether an offset is in the middle of a line, or at most two
// bytes from its ends. What Open does with the file depends on the lines that decode
// accepts, so these offsets have every outcome.
func nearLineEnd(text []byte, offset int) bool {
	start := bytes.LastIndexByte(text[:offset], '\n') + 1
	length := bytes.IndexByte(text[start:], '\n')
	at := offset - start
	return at <= 2 || at >= length-2 || at == length/2
}

// history returns a whole journal and the states at the end of each line.
func history(t *testing.T) ([]byte, []State) {
	t.Helper()
	j := open(t, t.TempDir())
	fill(t, j)
	text, err := os.ReadFile(j.Path())
	if err != nil {
		t.Fatal(err)
	}
	states := []State{{}}
	for end := range text {
		if text[end] == '\n' {
			s, _, err := decode(text[:end+1])
			if err != nil {
				t.Fatal(err)
			}
			states = append(states, s)
		}
	}
	return text, states
}

func plant(t *testing.T, dir string, text []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, testKey.name()+".journal"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func once(states []State, s State) bool {
	for _, known := range states {
		if reflect.DeepEqual(known, s) {
			return true
		}
	}
	return false
}

func appendable(t *testing.T, j *Journal) {
	t.Helper()
	want := State{Begin: testBegin(), UploadID: "NEXT", Parts: map[int]Part{2: {2, 100, "E", "5", false}}}
	if err := j.Replace(State{Begin: testBegin()}); err != nil {
		t.Fatal(err)
	}
	if err := j.Initiated("NEXT"); err != nil {
		t.Fatal(err)
	}
	if err := j.PartStored(Part{2, 100, "E", "5", false}); err != nil {
		t.Fatal(err)
	}
	if j = reopen(t, j); !reflect.DeepEqual(j.State(), want) {
		t.Fatalf("after appending: %+v", j.State())
	}
}

func TestJournal_hostile(t *testing.T) {
	whole, _ := history(t)
	for name, text := range map[string]string{
		"empty":                   "",
		"BOM":                     "\ufeff" + string(whole),
		"CRLF":                    strings.ReplaceAll(string(whole), "\n", "\r\n"),
		"NULs":                    strings.Repeat("\x00", 4096),
		"html":                    "<html>502 Bad Gateway</html>\n",
		"too large":               strings.Repeat("x", maxSize+1),
		"JSON only":               `{"t":"journal","v":1}` + "\n",
		"no version":              string(whole[strings.IndexByte(string(whole), '\n')+1:]),
		"nested":                  strings.Repeat("[", 1<<20) + "\n",
		"nested, with a checksum": checksummed(`{"t":"journal","v":1,"x":` + strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20) + "}"),
		"another type":            checksummed(`{"t":"journal","v":"1"}`),
		"negative":                checksummed(`{"t":"begin","v":-1}`),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			plant(t, dir, []byte(text))
			j := open(t, dir)
			if j.State().Begin != nil || len(j.Warnings) != 1 {
				t.Fatalf("state %+v, warnings %q", j.State(), j.Warnings)
			}
			kept, _ := filepath.Glob(j.Path() + ".damaged-*")
			if len(kept) != 1 {
				t.Fatalf("set aside: %v", kept)
			}
			appendable(t, j)
		})
	}
	t.Log("FAULT F19: empty, BOM, CRLF, NULs, HTML, nested JSON, too large: set aside with a warning, and nothing of it is used")
}

// checksummed makes a valid line of any text.
func checksummed(text string) string {
	return fmt.Sprintf("%08x %s\n", crc32.Checksum([]byte(text), crc32.MakeTable(crc32.Castagnoli)), text)
}

// Lines that are whole but that this package never writes end what is trusted,
// so no count or number in a file decides how much memory or time it takes.
func TestJournal_impossibleLines(t *testing.T) {
	begin := Begin{Endpoint: testKey.Endpoint, Bucket: testKey.Bucket, Object: testKey.Object}
	for name, e := range map[string]event{
		"part 0":            {Type: eventPart, Part: &Part{Number: 0}},
		"part -1":           {Type: eventPart, Part: &Part{Number: -1}},
		"part 10,001":       {Type: eventPart, Part: &Part{Number: maxPartNumber + 1}},
		"part of nothing":   {Type: eventPart},
		"begin without any": {Type: eventBegin},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var text []byte
			for _, e := range append(State{Begin: &begin, UploadID: "ID"}.events(), e, event{Type: eventPart, Part: &Part{Number: 7}}) {
				text = append(text, mustLine(t, e)...)
			}
			plant(t, dir, text)
			j := open(t, dir)
			if got := j.State(); got.UploadID != "ID" || len(got.Parts) != 0 || len(j.Warnings) != 1 {
				t.Errorf("state %+v, warnings %q", got, j.Warnings)
			}
		})
	}
	t.Run("a part before any upload", func(t *testing.T) {
		dir := t.TempDir()
		plant(t, dir, append(mustLine(t, State{}.events()[0]), mustLine(t, event{Type: eventPart, Part: &Part{Number: 1}})...))
		if j := open(t, dir); j.State().Parts != nil || len(j.Warnings) != 1 {
			t.Errorf("state %+v, warnings %q", j.State(), j.Warnings)
		}
	})
}

// Size alone makes nothing slow or large: what no journal of ours can be is not
// read at all, and what it can be is read into little.
func TestJournal_huge(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const memory = 64 << 20
	head := string(mustLine(t, State{}.events()[0]))
	begin := string(mustLine(t, event{Type: eventBegin, Begin: testBegin()}))
	repeat := func(e event) string {
		line := string(mustLine(t, e))
		return strings.Repeat(line, (maxSize-len(head)-len(begin))/len(line))
	}
	for name, text := range map[string]string{
		"the same part": head + begin + repeat(event{Type: eventPart, Part: &Part{Number: 1}}),
		"parts that cannot be": func() string {
			var b strings.Builder
			b.WriteString(head + begin)
			for n := 1; b.Len() < maxSize-100; n++ {
				b.Write(mustLine(t, event{Type: eventPart, Part: &Part{Number: n}}))
			}
			return b.String()
		}(),
		"doomed":  head + repeat(event{Type: eventPendingAbort, UploadID: "ID"}),
		"aborted": head + repeat(event{Type: eventPendingAbort, UploadID: "ID"})[:maxPendingAborts*40] + repeat(event{Type: eventAborted, UploadID: "X"})[:8<<20],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			plant(t, dir, []byte(text))
			started := time.Now()
			j := open(t, dir)
			if took := time.Since(started); took > 2*time.Minute { // quadratic time would be hours
				t.Errorf("took %v", took)
			}
			// Beside these there are, while it is read, only the 16 MiB of the file.
			if got := j.State(); len(got.Parts) > maxPartNumber || len(got.PendingAborts) > maxPendingAborts {
				t.Errorf("%d parts, %d to be aborted", len(got.Parts), len(got.PendingAborts))
			}
		})
	}
	t.Run("1 GiB", func(t *testing.T) {
		dir := t.TempDir()
		plant(t, dir, []byte(head))
		path := filepath.Join(dir, testKey.name()+".journal")
		if err := os.Truncate(path, 1<<30); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		j := open(t, dir)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > memory || len(j.Warnings) != 1 {
			t.Errorf("allocated %d bytes, warnings %q", used, j.Warnings)
		}
	})
	t.Log("FAULT F19: 1 GiB and 16 MiB of valid lines: memory below 64 MiB, and no time that grows with the square")
}

func TestJournal_newerVersionIsRefusedAndKept(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	fill(t, j)
	text, _ := os.ReadFile(j.Path())
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	newer := State{}.events()
	newer[0].Version = Version + 1
	head := mustLine(t, newer[0])
	text = append(head, text[strings.IndexByte(string(text), '\n')+1:]...)
	plant(t, dir, text)
	if _, err := Open(context.Background(), dir, testKey, time.Second); !errors.Is(err, ErrVersion) {
		t.Fatalf("got %v", err)
	}
	after, _ := os.ReadFile(j.Path())
	if string(after) != string(text) {
		t.Fatal("the file was changed")
	}
	t.Log("FAULT F20: a journal of a newer version is refused and left as it is")
}

func TestJournal_ofAnotherObjectIsSetAside(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	fill(t, j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	other := Key{testKey.Endpoint, testKey.Bucket, "other"}
	if err := os.Rename(j.Path(), filepath.Join(dir, other.name()+".journal")); err != nil {
		t.Fatal(err)
	}
	o, err := Open(context.Background(), dir, other, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	if o.State().UploadID != "" || len(o.Warnings) != 1 {
		t.Fatalf("state %+v, warnings %q", o.State(), o.Warnings)
	}
	t.Log("FAULT F23: a journal that was copied onto another object's name is set aside, its upload ID not used")
}

// The journal is removed during the upload. Lines that are written to a file
// without a name are lost, so the next sync reports it.
func TestJournal_removedWhileInUse(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not remove an open file")
	}
	for name, remove := range map[string]func(j *Journal) error{
		"directory": func(j *Journal) error { return os.RemoveAll(filepath.Dir(j.Path())) },
		"journal":   func(j *Journal) error { return os.Remove(j.Path()) },
		"replaced": func(j *Journal) error {
			return errors.Join(os.Rename(j.Path(), j.Path()+".old"), os.WriteFile(j.Path(), nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			j := open(t, filepath.Join(t.TempDir(), "dir"))
			fill(t, j)
			if err := remove(j); err != nil {
				t.Fatal(err)
			}
			var err error
			n := 4
			for ; err == nil && n < 4+2*syncEvery; n++ {
				err = j.PartStored(Part{n, 100, "E", "5", false})
			}
			if err == nil || !strings.Contains(err.Error(), j.Path()+" was removed or replaced") || n > 4+syncEvery {
				t.Errorf("after %d parts: %v", n, err)
			}
		})
	}
	t.Log("FAULT F24: directory or journal removed in use: reported within 64 parts or a second")
}

// What could not be written or synced once is never tried again on that file:
// the kernel may say yes then, and mean nothing by it. Another file is another
// matter.
func TestJournal_failedFileIsLeftAlone(t *testing.T) {
	provoke := map[string]func(j *Journal) error{
		"write": func(j *Journal) error { return j.PartStored(Part{4, 100, "E", "5", false}) },
		"sync":  func(j *Journal) error { return j.Sync() },
	}
	for name, fail := range provoke {
		t.Run(name, func(t *testing.T) {
			j := open(t, t.TempDir())
			fill(t, j)
			healthy := j.file
			broken, err := os.Open(j.Path())
			if err != nil {
				t.Fatal(err)
			}
			_ = broken.Close()
			j.file = broken
			first := fail(j)
			j.file = healthy // it would work again
			if first == nil || !strings.Contains(first.Error(), j.Path()) {
				t.Fatalf("got %v", first)
			}
			size := func() int64 {
				info, err := os.Stat(j.Path())
				if err != nil {
					t.Fatal(err)
				}
				return info.Size()
			}
			before := size()
			for _, again := range provoke {
				if err := again(j); !errors.Is(err, first) {
					t.Errorf("got %v, want %v", err, first)
				}
			}
			if err := j.Aborted("OLD2"); !errors.Is(err, first) || size() != before {
				t.Errorf("got %v, %d bytes after %d", err, size(), before)
			}
			appendable(t, j)
		})
	}
	t.Log("FAULT F31: a file whose write or sync failed is not written to or synced again")
}

// A crash in Replace leaves a file beside the journal.
func TestOpen_removesWhatReplaceLeft(t *testing.T) {
	dir := t.TempDir()
	other := Key{testKey.Endpoint, testKey.Bucket, "other"}
	ours := filepath.Join(dir, testKey.name()+".journal.tmp-123")
	theirs := filepath.Join(dir, other.name()+".journal.tmp-123") // being written, for all we know
	for _, path := range []string{ours, theirs} {
		if err := os.WriteFile(path, []byte("to"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir)
	if _, err := os.Stat(ours); !os.IsNotExist(err) {
		t.Errorf("ours is still there: %v", err)
	}
	if _, err := os.Stat(theirs); err != nil {
		t.Errorf("another's was removed: %v", err)
	}
}

func TestOpen_excludesOthersAndNamesTheHolder(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	_, err := Open(context.Background(), dir, testKey, 50*time.Millisecond)
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d ", os.Getpid())) {
		t.Fatalf("got %v", err)
	}
	other, err := Open(context.Background(), dir, Key{testKey.Endpoint, testKey.Bucket, "other"}, time.Second)
	if err != nil {
		t.Fatalf("another destination: %v", err)
	}
	_ = other.Close()

	got := make(chan error, 1)
	go func() {
		second, err := Open(context.Background(), dir, testKey, 5*time.Second)
		if err == nil {
			err = second.Close()
		}
		got <- err
	}()
	time.Sleep(2 * lockPoll)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Fatalf("the waiting one: %v", err)
	}
	t.Log("FAULT F80: the second one waits, or ends with an error that names process, host and time of the first")
}

// Holders remove the lock file while others wait for it; still there is never
// more than one.
func TestOpen_oneAtATime(t *testing.T) {
	dir := t.TempDir()
	var inside atomic.Int32
	done := make(chan error)
	for range 8 {
		go func() {
			var err error
			for range 20 {
				var j *Journal
				if j, err = Open(context.Background(), dir, testKey, time.Minute); err != nil {
					break
				}
				if inside.Add(1) != 1 {
					err = errors.New("two holders")
				}
				inside.Add(-1)
				_ = j.Close()
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// A free lock is taken even if the time to wait for it is over before the first attempt.
func TestOpen_triesAtLeastOnce(t *testing.T) {
	j, err := Open(t.Context(), t.TempDir(), testKey, time.Nanosecond)
	if err != nil {
		t.Fatal(err)
	}
	_ = j.Close()
}

func TestOpen_cancelledWhileWaiting(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, dir, testKey, time.Hour); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrLocked) {
		t.Fatalf("got %v", err)
	}
}

func TestOpen_refusesDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(t.TempDir(), "public")
	if err := os.Mkdir(public, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(public, 0o777); err != nil {
		t.Fatal(err)
	}
	dirs := map[string]string{"unset": "", "a file": file, "below a file": filepath.Join(file, "sub")}
	if runtime.GOOS != "windows" {
		dirs["writable by all"] = public
	}
	for name, dir := range dirs {
		t.Run(name, func(t *testing.T) {
			if _, err := Open(context.Background(), dir, testKey, time.Second); !errors.Is(err, ErrDir) {
				t.Errorf("Open: %v", err)
			}
			if err := CheckDir(dir); !errors.Is(err, ErrDir) {
				t.Errorf("CheckDir: %v", err)
			}
		})
	}
	t.Log("FAULT F29: a directory that cannot hold a journal is an error at plan and at apply, before anything is sent")
}

func TestCheckDir_makesNothing(t *testing.T) {
	parent := t.TempDir()
	if err := CheckDir(filepath.Join(parent, "a", "b")); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(parent); len(left) != 0 {
		t.Fatalf("made %v", left)
	}
}

func TestOpen_filesArePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits; the directory's access control list is inherited")
	}
	dir := filepath.Join(t.TempDir(), "new")
	fill(t, open(t, dir))
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpen_doesNotFollowLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making symbolic links takes a privilege on Windows")
	}
	dir, target := t.TempDir(), filepath.Join(t.TempDir(), "target")
	if err := os.WriteFile(target, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{".journal", ".lock"} {
		link := filepath.Join(dir, testKey.name()+suffix)
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		if j, err := Open(context.Background(), dir, testKey, time.Second); err == nil {
			_ = j.Close()
			t.Errorf("%s: followed", suffix)
		}
		if text, _ := os.ReadFile(target); string(text) != "precious" {
			t.Errorf("%s: target was changed", suffix)
		}
		_ = os.Remove(link)
	}
}
