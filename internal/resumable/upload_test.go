// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func TestUpload_sizes(t *testing.T) {
	for _, size := range []int{0, 1, partSize - 1, partSize, partSize + 1, 3*partSize - 1, 3 * partSize, 3*partSize + 1} {
		for _, threshold := range []int64{1, resumable.DefaultMultipartThreshold} {
			t.Run(fmt.Sprintf("%d bytes, threshold %d", size, threshold), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, size)
				req := w.request()
				req.MultipartThreshold = threshold
				result := w.mustUpload(req)
				if result.Stats.BytesSent != int64(size) || w.server.BodyBytes() < int64(size) {
					t.Errorf("stats %+v", result.Stats)
				}
			})
		}
	}
	t.Log("FAULT F44: sizes 0, 1, p-1, p, p+1, 3p-1, 3p, 3p+1, as PutObject and in parts")
}

func TestUpload_defaults(t *testing.T) {
	w := newWorld(t, 40<<20)
	req := w.request()
	req.Options = resumable.Options{CheckpointDir: w.dir}
	if got := w.mustUpload(req).Stats; got.Parts != 5 {
		t.Errorf("stats %+v", got)
	}
}

// The file is edited during and between runs. A mixture of old and new bytes is
// never published, and the next run publishes the new bytes.
func TestUpload_sourceChanges(t *testing.T) {
	const size = 5 * partSize
	edits := map[string]func(w *world){
		"rewritten": func(w *world) { w.write(randomBytes(2, size)) },
		"one byte, times kept": func(w *world) {
			info, _ := os.Stat(w.source)
			b := randomBytes(1, size)
			b[2*partSize+5] ^= 1
			w.write(b)
			_ = os.Chtimes(w.source, info.ModTime(), info.ModTime())
		},
		"truncated": func(w *world) { _ = os.Truncate(w.source, size/2) },
		"appended":  func(w *world) { w.write(randomBytes(1, size+partSize)) },
		"replaced by another file": func(w *world) {
			other := w.source + ".new"
			_ = os.WriteFile(other, randomBytes(3, size), 0o600)
			_ = os.Rename(other, w.source)
		},
	}
	for name, edit := range edits {
		for _, part := range []int{1, 3, 5} {
			t.Run(fmt.Sprintf("%s at part %d", name, part), func(t *testing.T) {
				t.Parallel()
				skipReplacing(t, name)
				w := newWorld(t, size)
				w.server.PutObject(bucket, key, []byte("old"), nil)
				var once sync.Once
				remove := w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, PartNumber: part, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
					once.Do(func() { edit(w) })
					return osstest.Fault{}
				})})
				_, err := w.upload(w.request())
				if !errors.Is(err, resumable.ErrSourceChanged) {
					t.Errorf("got %v", err)
				}
				if got := string(w.objectBytes()); got != "old" {
					t.Fatalf("published %d bytes", len(got))
				}
				remove()
				w.server.ResetLog()
				w.mustUpload(w.request())
			})
			t.Run(fmt.Sprintf("%s after part %d, between runs", name, part), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, size)
				w.interrupted(w.request(), part)
				edit(w)
				w.server.ResetLog()
				w.mustUpload(w.request())
			})
		}
	}
	t.Log("FAULT F39: appended and truncated between runs: the new bytes, parts that did not change are kept")
	t.Log("FAULT F40: rewritten while a part is sent: error, nothing published, old object intact")
	t.Log("FAULT F41: truncated while a part is sent: error, nothing published, old object intact")
	t.Log("FAULT F42: replaced by another file while a part is sent: error, nothing published, old object intact")
}

// skipReplacing skips edits that Windows prevents while the file is open.
func skipReplacing(t *testing.T, edit string) {
	t.Helper()
	if runtime.GOOS == "windows" && strings.HasPrefix(edit, "replaced") {
		t.Skip("Windows replaces no file that is open")
	}
}

// A small file that changes between its hash and PutObject is detected.
func TestUpload_smallSourceChanges(t *testing.T) {
	const size = 1000
	for name, edit := range map[string]func(w *world){
		"rewritten": func(w *world) { w.write(randomBytes(2, size)) },
		"truncated": func(w *world) { _ = os.Truncate(w.source, size/2) },
		"appended":  func(w *world) { w.write(randomBytes(1, size+1)) },
		"one byte, times kept": func(w *world) {
			info, _ := os.Stat(w.source)
			w.write(append(randomBytes(1, size-1), 0))
			_ = os.Chtimes(w.source, info.ModTime(), info.ModTime())
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, size)
			w.server.PutObject(bucket, key, []byte("old"), nil)
			req := w.request()
			req.MultipartThreshold = 0
			remove := w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
				edit(w)
				return osstest.Fault{}
			})})
			if _, err := w.upload(req); !errors.Is(err, resumable.ErrSourceChanged) {
				t.Errorf("got %v", err)
			}
			if got := w.server.Count(osstest.PutObject); got != 0 {
				t.Errorf("%d PutObject", got)
			}
			remove()
			w.mustUpload(req)
		})
	}
	t.Log("FAULT F40: a small file changed between its hash and PutObject: error, nothing sent")
}

// A change that leaves the bytes equal does not fail the upload, for any size: a
// backup makes a hard link, or a build renames an equal file over the path.
func TestUpload_sourceChangesButNotItsBytes(t *testing.T) {
	for name, edit := range map[string]func(w *world) error{
		"mode":      func(w *world) error { return os.Chmod(w.source, 0o640) },
		"hard link": func(w *world) error { return os.Link(w.source, w.source+".backup") },
		"times":     func(w *world) error { return os.Chtimes(w.source, time.Unix(1, 0), time.Unix(1, 0)) },
		"replaced by another file with the same bytes": func(w *world) error {
			b, err := os.ReadFile(w.source)
			return errors.Join(err, os.WriteFile(w.source+".new", b, 0o600), os.Rename(w.source+".new", w.source))
		},
	} {
		for _, threshold := range []int64{1, 0} {
			t.Run(fmt.Sprintf("%s, threshold %d", name, threshold), func(t *testing.T) {
				t.Parallel()
				skipReplacing(t, name)
				w := newWorld(t, 3*partSize)
				var once sync.Once
				w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
					once.Do(func() {
						if err := edit(w); err != nil {
							t.Error(err)
						}
					})
					return osstest.Fault{}
				})})
				req := w.request()
				req.MultipartThreshold = threshold
				w.mustUpload(req)
			})
		}
	}
}

// The engine sends nothing for a plan, and writes only the hash cache.
func TestPlan(t *testing.T) {
	w := newWorld(t, 3*partSize)
	if err := resumable.CheckCheckpointDir(w.dir); err != nil {
		t.Error(err)
	}
	planned, _, err := resumable.FingerprintSource(t.Context(), w.source, w.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := resumable.FingerprintSource(t.Context(), w.source+".absent", w.dir); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
	w.checkDisk()
	if n := len(w.server.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	req := w.request()
	req.SHA256 = planned.SHA256
	w.mustUpload(req)
	t.Log("FAULT F84: what a plan asks of the engine: no request, no file but the hash cache")
}

func TestUpload_sourceDiffersFromPlan(t *testing.T) {
	w := newWorld(t, 1000)
	req := w.request()
	req.SHA256 = strings.Repeat("ab", 32)
	_, err := w.upload(req)
	if !errors.Is(err, resumable.ErrSourceNotPlanned) || !strings.Contains(err.Error(), req.SHA256) || !strings.Contains(err.Error(), w.source) {
		t.Errorf("got %v", err)
	}
	if len(w.server.Requests()) != 0 {
		t.Error("something was sent")
	}
	t.Log("FAULT F43: changed between plan and apply: error with both hashes, nothing sent")
}

// A touched file keeps all parts.
func TestUpload_touchedBetweenRuns(t *testing.T) {
	w := newWorld(t, 5*partSize)
	w.interrupted(w.request(), 3)
	now := time.Now().Add(time.Hour)
	if err := os.Chtimes(w.source, now, now); err != nil {
		t.Fatal(err)
	}
	w.server.ResetLog()
	if got := w.mustUpload(w.request()).Stats; got.PartsKept != 3 {
		t.Errorf("stats %+v", got)
	}
	t.Logf("FAULT F38: touched only; %d parts sent again", len(sent(w.server))-2)
}

func TestUpload_cancelled(t *testing.T) {
	w := newWorld(t, 20*partSize)
	ctx, cancel := context.WithCancel(t.Context())
	returned := make(chan struct{})
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: 6, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		cancel()
		<-returned // OSS does not answer
		return osstest.Fault{}
	})})
	started := time.Now()
	_, err := w.uploader(w.oss()).Upload(ctx, w.request())
	close(returned)
	w.settle()
	if !errors.Is(err, context.Canceled) || time.Since(started) > 20*time.Second {
		t.Fatalf("after %v: %v", time.Since(started), err)
	}
	got := asUploadError(t, err)
	if stored := len(w.server.OpenUploads(bucket)[0].Parts); got.Parts != 20 || got.PartsStored < 4 || got.PartsStored > stored {
		t.Errorf("%d parts stored, says %+v", stored, got)
	}
	w.server.ClearRules()
	w.mustUpload(w.request())
}

// Uploads to one destination take turns. All but the first find the object.
func TestUpload_oneSenderPerDestination(t *testing.T) {
	w := newWorld(t, 5*partSize)
	var wg sync.WaitGroup
	var adopted, sentAll int
	var mu sync.Mutex
	for range 4 {
		wg.Go(func() {
			result, err := newUploader(w.oss(), &bytes.Buffer{}).Upload(t.Context(), w.request())
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				t.Error(err)
			case result.Stats.Adopted:
				adopted++
			default:
				sentAll++
			}
		})
	}
	wg.Wait()
	if adopted != 3 || sentAll != 1 || len(sent(w.server)) != 5 {
		t.Errorf("%d adopted, %d sent, %d parts", adopted, sentAll, len(sent(w.server)))
	}
	t.Logf("FAULT F80: four uploads of one key in one process: one sends; %d parts sent again", len(sent(w.server))-5)
}

func TestUpload_badSource(t *testing.T) {
	w := newWorld(t, 10)
	dangling := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("nowhere", dangling); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	for name, path := range map[string]string{"missing": filepath.Join(t.TempDir(), "none"), "directory": t.TempDir(), "dangling link": dangling, "device": os.DevNull} {
		t.Run(name, func(t *testing.T) {
			req := w.request()
			req.Source = path
			_, err := w.upload(req)
			if err == nil || !strings.Contains(err.Error(), path) || len(w.server.Requests()) != 0 {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Log("FAULT F46: absent, directory, dangling link, device: error with the path, nothing sent")
}

func TestUpload_badCheckpointDir(t *testing.T) {
	w := newWorld(t, 10)
	req := w.request()
	req.CheckpointDir, req.MultipartThreshold = filepath.Join(w.source, "sub"), 10
	if _, err := w.upload(req); !errors.Is(err, resumable.ErrCheckpointDir) {
		t.Errorf("got %v", err)
	}
	if len(w.server.Requests()) != 0 {
		t.Error("something was sent")
	}
	t.Log("FAULT F29: directory that cannot be made: error before anything is sent")

	req.MultipartThreshold = 11 // one request, which needs no checkpoint
	w.mustUpload(req)
}

// Parts of several uploads share one budget.
func TestUploader_maxParallelParts(t *testing.T) {
	w := newWorld(t, 8*partSize)
	var mu sync.Mutex
	var inFlight, most int
	oss := &countingOSS{OSS: w.oss(), enter: func(d int) {
		mu.Lock()
		defer mu.Unlock()
		inFlight += d
		most = max(most, inFlight)
	}}
	u := resumable.New(resumable.Config{OSS: oss, Endpoint: "oss.example.com", Retry: quick, MaxParallelParts: 3})
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			req := w.request()
			req.Key = fmt.Sprintf("key-%d", i)
			if _, err := u.Upload(t.Context(), req); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most > 3 || most < 2 {
		t.Errorf("%d parts at once", most)
	}
	t.Logf("FAULT F78: three uploads with a budget of 3 parts: %d at once at most", most)
}

type countingOSS struct {
	resumable.OSS
	enter func(delta int)
}

func (c *countingOSS) UploadPart(ctx context.Context, up resumable.Upload, number int, body resumable.Body) (resumable.StoredPart, error) {
	c.enter(1)
	defer c.enter(-1)
	time.Sleep(5 * time.Millisecond)
	return c.OSS.UploadPart(ctx, up, number, body)
}
