// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

// Twenty resources upload one file under twenty keys, as with for_each. They
// share one budget of parts and do not affect each other.
func TestUploader_manyUploadsOfOneSource(t *testing.T) {
	const uploads, parts, budget = 20, 4, 5
	w := newWorld(t, parts*partSize-17)
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Fault: osstest.Throttle(4 << 20)})
	var mu sync.Mutex
	var inFlight, most int
	oss := &countingOSS{OSS: w.oss(), enter: func(d int) {
		mu.Lock()
		defer mu.Unlock()
		inFlight += d
		most = max(most, inFlight)
	}}
	u := resumable.New(resumable.Config{OSS: oss, Endpoint: "oss.example.com", Retry: quick, MaxParallelParts: budget})
	before := runtime.NumGoroutine()
	goroutines := 0
	var wg sync.WaitGroup
	for i := range uploads {
		wg.Go(func() {
			req := w.request()
			req.Key = fmt.Sprintf("key-%02d", i)
			req.Parallelism = 3
			if result, err := u.Upload(t.Context(), req); err != nil || result.Stats.BytesSent != parts*partSize-17 {
				t.Errorf("%s: %+v, %v", req.Key, result.Stats, err)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for ticker := time.NewTicker(5 * time.Millisecond); ; {
		goroutines = max(goroutines, runtime.NumGoroutine()-before)
		select {
		case <-ticker.C:
			continue
		case <-done:
			ticker.Stop()
		}
		break
	}
	want := randomBytes(1, parts*partSize-17)
	for i := range uploads {
		object, _ := w.server.Object(bucket, fmt.Sprintf("key-%02d", i))
		if got := read(t, object); !bytes.Equal(got, want) {
			t.Errorf("key-%02d has %d other bytes", i, len(got))
		}
	}
	// Of an upload: itself, its feeder, its waiter, three workers; of a
	// connection four, at both ends.
	if limit := uploads*8 + 4*(budget+uploads); most > budget || goroutines > limit {
		t.Errorf("%d parts at once, %d goroutines more than before", most, goroutines)
	}
	w.checkDisk()
	w.checkSentOnce()
	t.Logf("FAULT F78: %d uploads of one source: all right, %d parts in flight at most; %d parts sent again", uploads, most, len(sent(w.server))-uploads*parts)
}

func read(t *testing.T, object osstest.ObjectInfo) []byte {
	t.Helper()
	r, err := object.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Keys are arbitrary bytes. An object is stored, interrupted and resumed under
// exactly its key, and file names on disk do not contain it.
func TestUpload_keys(t *testing.T) {
	const parts = 3
	ours := regexp.MustCompile(`^v1-[0-9a-f]{40}\.(journal|lock|holder)$`)
	for name, key := range map[string]string{
		"parent": "../x", "inner parent": "a/../../etc/passwd", "dot": "./.", "double slash": "a//b", "trailing slash": "dir/",
		"backslash": `a\..\b`, "newline": "line\nfeed", "escape": "\x1b[31mred", "percent": "%2e%2e/%00", "plus": "a+b c", "query": "a?uploads&x=1#f",
		"emoji": "☃🎉", "NFC": "\u00e9", "NFD": "e\u0301", "quotes": `a'b"c`, "XML": "<a>&amp;]]>", "longest": strings.Repeat("k", 1023), "longest of UTF-8": strings.Repeat("é", 511),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, parts*partSize)
			req := w.request()
			req.Key = key
			w.interrupted(req, 2)
			entries, err := os.ReadDir(w.dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if !ours.MatchString(e.Name()) {
					t.Errorf("made %q", e.Name())
				}
			}
			w.server.ResetLog()
			result, err := w.upload(req)
			if err != nil || result.Stats.PartsKept != 2 {
				t.Fatalf("stats %+v, %v", result.Stats, err)
			}
			object, found := w.server.Object(bucket, key)
			if !found || !bytes.Equal(read(t, object), randomBytes(1, parts*partSize)) {
				t.Errorf("not stored as %q", key)
			}
			w.checkDisk()
			w.checkSentOnce()
		})
	}
	t.Log("FAULT F86: keys with .., \\, newline, ESC, %2e, +, space, emoji, NFC and NFD, 1023 bytes: stored byte for byte, file names are hex; 0 parts sent again")
}

// Another key is another destination. Discard aborts the upload to the old key,
// and nothing of it remains.
func TestDiscard_afterTheKeyChanged(t *testing.T) {
	const parts = 4
	w := newWorld(t, parts*partSize)
	old := w.request()
	old.Key = "old name"
	w.interrupted(old, 2)
	w.server.ResetLog()
	if err := w.uploader(w.oss()).Discard(t.Context(), old.Object, w.dir); err != nil {
		t.Fatal(err)
	}
	if open := w.server.OpenUploads(bucket); len(open) != 0 {
		t.Errorf("open: %+v", open)
	}
	w.mustUpload(w.request())
	t.Logf("FAULT F83: key changed while an upload of the old one was open: aborted, checkpoint gone; %d parts sent again", len(sent(w.server))-parts)
}

// Ten thousand parts of the smallest size: the cost of the journal, the time to
// resume after a kill, and that only the journal grows with the number of parts.
// With the race detector, checksums are ten times slower, so the test has a
// tenth of the parts.
func TestUpload_tenThousandParts(t *testing.T) {
	if testing.Short() {
		t.Skip("sends a gigabyte")
	}
	hugeParts := resumable.MaxParts
	if raceEnabled {
		hugeParts /= 10
	}
	w := newWorld(t, 0)
	w.server = osstest.Start(t, osstest.Config{Discard: true, Latency: 5 * time.Millisecond})
	w.server.CreateBucket(bucket)
	w.write([]byte("sparse"))
	req := w.request()
	req.Parallelism = 16
	if !raceEnabled { // one byte too many: refused before any request that writes
		if err := os.Truncate(w.source, resumable.MaxParts*partSize+1); err != nil {
			t.Fatal(err)
		}
		if _, err := w.upload(req); !errors.Is(err, partplan.ErrTooManyParts) || w.server.Count(osstest.InitiateMultipartUpload) != 0 {
			t.Errorf("%d parts: %v", resumable.MaxParts+1, err)
		}
		t.Log("FAULT F66: explicit part size for 10,001 parts: error before InitiateMultipartUpload")
	}
	size := int64(hugeParts) * partSize
	if err := os.Truncate(w.source, size); err != nil {
		t.Fatal(err)
	}

	// A process is killed in the middle. Its file is older than two seconds, so the
	// next process finds the hash in the cache.
	time.Sleep(2100 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := w.child()
	c.Request.Parallelism = 16
	var log bytes.Buffer
	cmd := w.command(ctx, c)
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	half := w.server.WaitFor(ctx, func(requests []osstest.Request) bool { return len(requests) >= hugeParts/2 })
	if err := errors.Join(half, cmd.Process.Kill()); err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	_ = cmd.Wait()
	w.settle()

	w.server.ResetLog()
	started := time.Now()
	before := runtime.NumGoroutine()
	goroutines, journal := 0, int64(0)
	var firstPart time.Duration
	var mu sync.Mutex
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		mu.Lock()
		defer mu.Unlock()
		if firstPart == 0 {
			firstPart = time.Since(started)
		}
		goroutines = max(goroutines, runtime.NumGoroutine()-before)
		return osstest.Fault{}
	})})
	w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		for _, path := range glob(t, w.dir, "*.journal") {
			if info, err := os.Stat(path); err == nil {
				journal = info.Size()
			}
		}
		return osstest.Fault{}
	})})
	u := resumable.New(resumable.Config{OSS: w.oss(), Endpoint: "oss.example.com", Retry: quick, Log: slog.New(slog.NewTextHandler(w.logged, nil))})
	result, err := u.Upload(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(started)
	w.checkDisk()
	w.checkSentOnce()
	object, _ := w.server.Object(bucket, key)
	if object.Size != size || fmt.Sprint(object.CRC64) != result.Fingerprint.CRC64 || result.Stats.PartsKept < hugeParts/2-100 {
		t.Errorf("size %d, stats %+v", object.Size, result.Stats)
	}
	if journal > 4<<20 || goroutines > 16*8 {
		t.Errorf("journal of %d bytes, %d goroutines", journal, goroutines)
	}
	if firstPart > 15*time.Second {
		t.Errorf("resumed after %v", firstPart)
	}
	alone := time.Hour // best of three, because another test may use the disk
	for range 3 {
		alone = min(alone, journalTime(t, hugeParts-result.Stats.PartsKept))
	}
	share := alone.Seconds() / took.Seconds()
	if share > 0.05 && !raceEnabled { // measured by make fault; the race detector and its neighbours distort it
		t.Errorf("the journal takes %.1f %% of the run", 100*share)
	}
	t.Logf("FAULT F89: %d parts, 5 ms latency, killed after %d, resumed after %v; journal %d KiB, %.1f %% of the time, %d goroutines; %d parts sent again",
		hugeParts, result.Stats.PartsKept, firstPart.Round(10*time.Millisecond), journal>>10, 100*share, goroutines, len(sent(w.server))-(hugeParts-result.Stats.PartsKept))
	t.Logf("FAULT F60: ListParts of %d parts in pages; none lost", result.Stats.PartsKept)
}

// journalTime is how long it takes to journal so many parts, one after the other.
func journalTime(t *testing.T, parts int) time.Duration {
	t.Helper()
	j, err := checkpoint.Open(t.Context(), filepath.Join(t.TempDir(), "dir"), checkpoint.Key{}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	if err := j.Replace(checkpoint.State{Begin: &checkpoint.Begin{}}); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	for n := range parts {
		part := checkpoint.Part{Number: n + 1, Size: partSize, ETag: strings.Repeat("E", 32), CRC64: "18446744073709551615"}
		if err := j.PartStored(part); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(started)
}
