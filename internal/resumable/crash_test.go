// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// A crash is a process that kills itself, so nothing is flushed, unlocked or
// tidied up. TestMain turns this test binary into that process.

const crashEnv = "RESUMABLE_TEST_CRASH" // "<point> <call> <url> <source> <checkpoint dir>"

func TestMain(m *testing.M) {
	if text := os.Getenv(crashEnv); text != "" {
		crash(text)
	}
	os.Exit(m.Run())
}

// crashingOSS kills the process at the nth call of an operation.
type crashingOSS struct {
	resumable.OSS
	op    string
	after bool // after OSS answered, or before it is asked
	nth   int
}

func (c *crashingOSS) call(op string, f func() error) error {
	if op != c.op {
		return f()
	}
	c.nth--
	if c.nth == 0 && !c.after {
		die()
	}
	err := f()
	if c.nth == 0 {
		die()
	}
	return err
}

func die() {
	self, _ := os.FindProcess(os.Getpid())
	_ = self.Kill()
	select {}
}

func (c *crashingOSS) HeadObject(ctx context.Context, obj resumable.Object) (info resumable.ObjectInfo, err error) {
	err = c.call("HeadObject", func() error { info, err = c.OSS.HeadObject(ctx, obj); return err })
	return info, err
}

func (c *crashingOSS) PutObject(ctx context.Context, dst resumable.Destination, body resumable.Body, md5 string) error {
	return c.call("PutObject", func() error { return c.OSS.PutObject(ctx, dst, body, md5) })
}

func (c *crashingOSS) InitiateMultipartUpload(ctx context.Context, dst resumable.Destination) (up resumable.Upload, err error) {
	err = c.call("InitiateMultipartUpload", func() error { up, err = c.OSS.InitiateMultipartUpload(ctx, dst); return err })
	return up, err
}

func (c *crashingOSS) UploadPart(ctx context.Context, up resumable.Upload, number int, body resumable.Body) (p resumable.StoredPart, err error) {
	err = c.call("UploadPart", func() error { p, err = c.OSS.UploadPart(ctx, up, number, body); return err })
	return p, err
}

func (c *crashingOSS) CompleteMultipartUpload(ctx context.Context, up resumable.Upload, parts []resumable.StoredPart) error {
	return c.call("CompleteMultipartUpload", func() error { return c.OSS.CompleteMultipartUpload(ctx, up, parts) })
}

// crash is the process that dies.
func crash(text string) {
	var c crashingOSS
	var when, url, source, dir string
	var threshold int64
	if _, err := fmt.Sscan(text, &c.op, &when, &c.nth, &threshold, &url, &source, &dir); err != nil {
		panic(err)
	}
	c.after = when == "after"
	c.OSS = newOSS(&fatalTB{}, url)
	w := &world{source: source, dir: dir}
	req := w.request()
	req.Parallelism, req.MultipartThreshold = 1, threshold
	_, err := newUploader(&c, io.Discard).Upload(context.Background(), req)
	fmt.Println("did not crash:", err)
	os.Exit(3)
}

type fatalTB struct{ testing.TB }

func (fatalTB) Helper()           {}
func (fatalTB) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func (w *world) crash(op, when string, nth int, threshold int64) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d %d %s %s %s", crashEnv, op, when, nth, threshold, w.server.URL(), w.source, w.dir))
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() == 3 || ctx.Err() != nil {
		w.t.Fatalf("no crash %s %s %d: %v\n%s", when, op, nth, err, out)
	}
}

// Each row is a row of the crash table in doc.go.
func TestUpload_crash(t *testing.T) {
	const parts = 5
	rows := []struct {
		name     string
		op, when string
		nth      int
		kept     int  // parts that need not be sent again
		there    bool // the object was published
	}{
		{"before the journal", "HeadObject", "before", 1, 0, false},
		{"journal begun", "InitiateMultipartUpload", "before", 1, 0, false},
		{"initiated, not journaled", "InitiateMultipartUpload", "after", 1, 0, false},
		{"initiated", "UploadPart", "before", 1, 0, false},
		{"part sent, not journaled", "UploadPart", "after", 1, 1, false},
		{"part journaled", "UploadPart", "before", 4, 3, false},
		{"last part sent, not journaled", "UploadPart", "after", parts, parts, false},
		{"all parts sent", "CompleteMultipartUpload", "before", 1, parts, false},
		{"completed, answer lost", "CompleteMultipartUpload", "after", 1, parts, true},
		{"completed", "HeadObject", "after", 2, parts, true},
	}
	for _, row := range rows {
		for _, checkpoint := range []string{"kept", "deleted"} {
			t.Run(row.name+", checkpoint "+checkpoint, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, parts*partSize-17)
				w.server.PutObject(bucket, key, []byte("old"), nil)
				w.crash(row.op, row.when, row.nth, 1)
				if got := string(w.objectBytes()); row.there == (got == "old") {
					t.Fatalf("after the crash the object has %d bytes", len(got))
				}
				if checkpoint == "deleted" {
					if err := os.RemoveAll(w.dir); err != nil {
						t.Fatal(err)
					}
				}
				initiated := w.server.Count(osstest.InitiateMultipartUpload)
				result := w.mustUpload(w.request())
				if got := len(sent(w.server)); got != parts {
					t.Errorf("%d parts were sent in all, want %d", got, parts)
				}
				if result.Stats.Adopted != row.there || !row.there && result.Stats.PartsKept != row.kept {
					t.Errorf("stats %+v", result.Stats)
				}
				if again := w.server.Count(osstest.InitiateMultipartUpload) - initiated; initiated+again != 1 {
					t.Errorf("initiated %d times, then %d times", initiated, again)
				}
				if again := w.mustUpload(w.request()); !again.Stats.Adopted {
					t.Errorf("a run after the last one: %+v", again.Stats)
				}
			})
		}
	}
}

func TestUpload_crashOfPutObject(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1000)
			w.crash("PutObject", when, 1, resumable.DefaultMultipartThreshold)
			req := w.request()
			req.MultipartThreshold = 0
			w.mustUpload(req)
			if got := w.server.Count(osstest.PutObject); got != 1 {
				t.Errorf("%d PutObject", got)
			}
		})
	}
}
