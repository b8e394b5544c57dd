// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

const (
	mib        = 1 << 20
	updateSize = 8*mib - 333
)

// updateWorld has an uploaded object, and a file that has changed since.
type updateWorld struct {
	*world
	before resumable.Result
	after  []byte
}

func newUpdateWorld(t *testing.T, cfg osstest.Config, size int, edit func([]byte) []byte) *updateWorld {
	t.Helper()
	w := &updateWorld{world: newWorldOn(t, cfg, size)}
	w.before = w.mustUpload(w.update())
	w.after = edit(slices.Clone(firstContent(size)))
	w.write(w.after)
	w.server.ResetLog()
	return w
}

// update returns the request that replaces the first upload by the file.
func (w *updateWorld) update() resumable.Request {
	req := w.request()
	req.PartSize = mib
	req.Replaces = resumable.Replaced{ETag: w.before.ETag, SHA256: w.before.Fingerprint.SHA256}
	return req
}

// checkCost compares the parts that were sent and copied with the statistics of
// the run.
func (w *updateWorld) checkCost(stats resumable.Stats, parts []int, copied int, bytes int64) {
	w.t.Helper()
	got := sent(w.server)
	slices.Sort(got)
	if n := w.bytesSent(); !slices.Equal(got, parts) || n != bytes || stats.BytesSent != bytes {
		w.t.Errorf("parts %v were sent, want %v; %d bytes, want %d; %+v", got, parts, n, bytes, stats)
	}
	if n := w.server.Count(osstest.UploadPartCopy); n != copied || stats.PartsCopied != copied {
		w.t.Errorf("%d parts were copied, want %d; %+v", n, copied, stats)
	}
}

// bytesSent returns the number of bytes of the file that were sent.
func (w *updateWorld) bytesSent() (n int64) {
	for _, r := range w.server.Requests() {
		if r.Op == osstest.UploadPart || r.Op == osstest.PutObject {
			n += r.BodyBytes
		}
	}
	return n
}

func editAt(offs ...int) func([]byte) []byte {
	return func(b []byte) []byte {
		for _, off := range offs {
			b[off] ^= 1
		}
		return b
	}
}

// An update sends the parts that changed and has OSS copy the others.
func TestUpdate(t *testing.T) {
	to := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:n] } }
	grown := func(n int) func([]byte) []byte {
		return func(b []byte) []byte { return append(b, randomBytes(2, n)...) }
	}
	all := []int{1, 2, 3, 4, 5, 6, 7, 8}
	const rest = mib - 333 // the last part
	for _, row := range []struct {
		name   string
		size   int
		edit   func([]byte) []byte
		with   func(*resumable.Request)
		parts  []int // that are sent
		copied int
		bytes  int64
	}{
		{name: "one part edited", edit: editAt(3*mib + 5), parts: []int{4}, copied: 7, bytes: mib},
		{name: "first byte edited", edit: editAt(0), parts: []int{1}, copied: 7, bytes: mib},
		{name: "last byte edited", edit: editAt(updateSize - 1), parts: []int{8}, copied: 7, bytes: rest},
		{name: "two parts edited", edit: editAt(mib, 6*mib), parts: []int{2, 7}, copied: 6, bytes: 2 * mib},
		{name: "appended", edit: grown(2 * mib), parts: []int{8, 9, 10}, copied: 7, bytes: 2*mib + rest},
		{name: "appended to whole blocks", size: 8 * mib, edit: grown(1), parts: []int{9}, copied: 8, bytes: 1},
		{name: "truncated", edit: to(5*mib - 1), parts: []int{5}, copied: 4, bytes: mib - 1},
		{name: "truncated to whole blocks", edit: to(5 * mib), copied: 5},
		{name: "inserted at the front", edit: func(b []byte) []byte { return slices.Concat([]byte("x"), b) }, parts: all, bytes: updateSize + 1},
		{name: "same size, other bytes", edit: func(b []byte) []byte { return randomBytes(9, len(b)) }, parts: all, bytes: updateSize},
		{
			name: "part size is no multiple of a block", edit: editAt(3*mib + 5),
			with:  func(req *resumable.Request) { req.PartSize = 3 * mib / 2 },
			parts: []int{3}, copied: 5, bytes: 3 * mib / 2,
		},
		{
			name: "part size is smaller than a block", edit: editAt(mib + 5), // the block is what changed
			with:  func(req *resumable.Request) { req.PartSize = mib / 2 },
			parts: []int{3, 4}, copied: 14, bytes: mib,
		},
		{
			name: "part size has changed", edit: editAt(3*mib + 5),
			with:  func(req *resumable.Request) { req.PartSize = 2 * mib },
			parts: []int{2}, copied: 3, bytes: 2 * mib,
		},
		{
			name: "below the threshold", edit: to(3 * mib),
			with:  func(req *resumable.Request) { req.MultipartThreshold = 4 * mib },
			bytes: 3 * mib,
		},
		{
			name: "hash of the old object is not known", edit: editAt(0),
			with:  func(req *resumable.Request) { req.Replaces.SHA256 = "" },
			parts: all, bytes: updateSize,
		},
		{
			name: "hash of the old object is nonsense", edit: editAt(0),
			with:  func(req *resumable.Request) { req.Replaces.SHA256 = "../" + req.Replaces.SHA256 },
			parts: all, bytes: updateSize,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			size := row.size
			if size == 0 {
				size = updateSize
			}
			w := newUpdateWorld(t, osstest.Config{}, size, row.edit)
			req := w.update()
			if row.with != nil {
				row.with(&req)
			}
			stats := w.mustUpload(req).Stats
			w.checkCost(stats, row.parts, row.copied, row.bytes)
			if said := fmt.Sprintf("parts_copied=%d", row.copied); !strings.Contains(w.logged.String(), said) {
				t.Errorf("the log does not say %s:\n%s", said, w.logged)
			}
		})
	}
}

// A small object grows. Once the file has several parts, the bytes that
// PutObject sent are copied, and so on with each update.
func TestUpdate_again(t *testing.T) {
	w := newUpdateWorld(t, osstest.Config{}, 2*mib, func(b []byte) []byte { return append(b, randomBytes(3, mib)...) })
	w.before = w.mustUpload(w.update())
	w.checkCost(w.before.Stats, []int{3}, 2, mib)
	w.write(editAt(5)(w.after))
	w.server.ResetLog()
	w.before = w.mustUpload(w.update())
	w.checkCost(w.before.Stats, []int{1}, 2, mib)

	// The same for content that is not in a file.
	req := w.update()
	req.Source, req.Content = "", editAt(5, 2*mib)(w.after)
	w.write(req.Content)
	w.server.ResetLog()
	w.checkCost(w.mustUpload(req).Stats, []int{1, 3}, 1, 2*mib)
}

// The fingerprint of an adopted object is kept like that of a sent one.
func TestUpdate_ofAdopted(t *testing.T) {
	w := &updateWorld{world: newWorld(t, 4*mib)}
	w.server.PutObject(bucket, key, randomBytes(1, 4*mib), nil)
	if w.before = w.mustUpload(w.update()); !w.before.Stats.Adopted {
		t.Fatal(w.before.Stats)
	}
	w.write(editAt(0)(randomBytes(1, 4*mib)))
	w.server.ResetLog()
	w.checkCost(w.mustUpload(w.update()).Stats, []int{1}, 3, mib)
}

// Parts that OSS refuses to copy are sent. After one refusal, nothing more is
// copied, and the log says so once.
func TestUpdate_refused(t *testing.T) {
	for name, fault := range map[string]osstest.Fault{
		"changed":       osstest.Refuse(412, "PreconditionFailed"),
		"gone":          osstest.Refuse(404, "NoSuchKey"),
		"archived":      osstest.Refuse(403, "InvalidObjectState"),
		"denied":        osstest.Refuse(403, "AccessDenied"),
		"too large":     osstest.Refuse(400, "EntityTooLarge"),
		"not supported": osstest.Refuse(409, "OperationNotSupported"),
		"not now":       osstest.Refuse(503, "ServiceUnavailable"),
		"lost":          osstest.LoseAnswer(),
	} {
		for _, after := range []int{0, 2} {
			t.Run(fmt.Sprintf("%s, after %d", name, after), func(t *testing.T) {
				t.Parallel()
				w := newUpdateWorld(t, osstest.Config{}, updateSize, editAt(7*mib))
				w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
					if w.server.Count(osstest.UploadPartCopy) <= after {
						return osstest.Fault{}
					}
					return fault
				})})
				req := w.update()
				req.Parallelism = 1
				stats := w.mustUpload(req).Stats
				if stats.PartsCopied != after || len(sent(w.server)) != 8-after {
					t.Errorf("sent %v, %+v", sent(w.server), stats)
				}
				if n := strings.Count(w.logged.String(), "cannot copy parts of the old object"); n != 1 {
					t.Errorf("logged %d times:\n%s", n, w.logged)
				}
			})
		}
	}
}

// Another writer replaces the object before the run, or while it copies. None of
// its parts are copied.
func TestUpdate_replacedByAnotherWriter(t *testing.T) {
	theirs := randomBytes(7, updateSize)
	for _, after := range []int{0, 3} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			w := newUpdateWorld(t, osstest.Config{}, updateSize, editAt(7*mib))
			replace := func() { w.server.PutObject(bucket, key, theirs, nil) }
			copies := 1 // tried
			if after == 0 {
				replace()
				copies = 0
			}
			w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, Nth: after + 1, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
				replace()
				return osstest.Fault{}
			})})
			req := w.update()
			req.Parallelism = 1
			stats := w.mustUpload(req).Stats
			if stats.PartsCopied != after || w.server.Count(osstest.UploadPartCopy) != after+min(copies, after+copies) {
				t.Errorf("%+v, %d copies were tried", stats, w.server.Count(osstest.UploadPartCopy))
			}
		})
	}
}

// Objects that OSS cannot read, that have no CRC-64, or that KMS encrypts.
func TestUpdate_ofSpecialObjects(t *testing.T) {
	t.Run("archived", func(t *testing.T) {
		w := newUpdateWorld(t, osstest.Config{}, updateSize, editAt(0))
		w.server.SetHeader(bucket, key, "X-Oss-Storage-Class", "Archive")
		if got := w.mustUpload(w.update()).Stats; got.PartsCopied != 0 || got.BytesSent != updateSize {
			t.Errorf("%+v", got)
		}
	})
	t.Run("KMS", func(t *testing.T) {
		w := newUpdateWorld(t, osstest.Config{}, updateSize, editAt(0))
		req := w.update()
		req.Headers.Encryption.Algorithm = "KMS"
		w.checkCost(w.mustUpload(req).Stats, []int{1}, 7, mib)
	})
	t.Run("no CRC-64 of copies", func(t *testing.T) {
		w := newUpdateWorld(t, osstest.Config{CopyWithoutCRC64: true}, updateSize, editAt(0))
		for seed := range 2 { // and once more of what was copied
			result, err := w.upload(w.update())
			if err != nil {
				t.Fatalf("%v\n%s", err, w.logged)
			}
			w.checkCost(result.Stats, []int{1}, 7, mib)
			w.checkObject()
			w.checkDisk()
			if result.CRC64 != "" || result.Fingerprint.CRC64 == "" {
				t.Errorf("%+v", result)
			}
			w.before = result
			w.after[seed] ^= 1
			w.write(w.after)
			w.server.ResetLog()
		}
	})
	t.Run("no CRC-64 of copies, completed without an answer", func(t *testing.T) {
		w := newUpdateWorld(t, osstest.Config{CopyWithoutCRC64: true}, updateSize, editAt(0))
		w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Nth: 1, Fault: osstest.LoseAnswer()})
		if _, err := w.upload(w.update()); err != nil {
			t.Error(err)
		}
		w.checkObject()
	})
}

// The fingerprint of the old object is lost, damaged, or wrong. It is never
// trusted without OSS.
func TestUpdate_record(t *testing.T) {
	for name, row := range map[string]struct {
		spoil  func(t *testing.T, w *updateWorld)
		copied int
	}{
		"lost": {func(_ *testing.T, w *updateWorld) {
			w.forget()
		}, 0},
		"damaged": {func(t *testing.T, w *updateWorld) {
			name := w.dir + "/fingerprints/v1-" + w.before.Fingerprint.SHA256 + ".fingerprint"
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text[len(text)/2] ^= 1
			if err := os.WriteFile(name, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}, 0},
		"wrong": {func(t *testing.T, w *updateWorld) {
			w.forget()
			other := randomBytes(1, updateSize)
			copy(other[2*mib:4*mib], w.after[2*mib:]) // as if these had been there before
			other[7*mib] ^= 1
			fp, err := source.FromBytes("", other).Fingerprint(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			fp.SHA256 = w.before.Fingerprint.SHA256
			fp.Keep(w.dir)
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newUpdateWorld(t, osstest.Config{}, updateSize, editAt(2*mib, 3*mib))
			row.spoil(t, w)
			req := w.update()
			req.Parallelism = 1
			if got := w.mustUpload(req).Stats; got.PartsCopied != row.copied {
				t.Errorf("%+v", got)
			}
		})
	}
}

// Each row is a row of the second crash table in doc.go. Of four parts, the
// second and the fourth are sent and the others copied.
func TestUpdate_crash(t *testing.T) {
	for _, row := range []struct {
		name     string
		op, when string
		nth      int
		kept     int
		there    bool
	}{
		{"initiated", "UploadPartCopy", "before", 1, 0, false},
		{"part copied, not journaled", "UploadPartCopy", "after", 1, 1, false},
		{"some copied", "UploadPartCopy", "before", 2, 1, false},
		{"all copied, some sent", "UploadPart", "after", 1, 3, false},
		{"all parts there", "CompleteMultipartUpload", "before", 1, 4, false},
		{"completed, answer lost", "CompleteMultipartUpload", "after", 1, 4, true},
	} {
		for _, checkpoint := range []string{"kept", "deleted"} {
			t.Run(row.name+", checkpoint "+checkpoint, func(t *testing.T) {
				t.Parallel()
				w := newUpdateWorld(t, osstest.Config{}, 4*mib-17, editAt(mib, 3*mib))
				old := w.objectSum()
				w.kill(w.update(), row.op, row.when, row.nth)
				if (w.objectSum() == old) == row.there {
					t.Fatalf("the object is the old one: %v", !row.there)
				}
				want := 2 // parts that are ever sent
				if checkpoint == "deleted" {
					w.forget()
					want = len(sent(w.server)) // and then all that OSS does not hold
					if !row.there {
						want += 4 - row.kept
					}
				}
				result := w.mustUpload(w.update())
				if got := len(sent(w.server)); got != want {
					t.Errorf("parts %v were sent, want %d", sent(w.server), want)
				}
				if result.Stats.Adopted != row.there || !row.there && result.Stats.PartsKept != row.kept {
					t.Errorf("stats %+v", result.Stats)
				}
				if got := w.server.Count(osstest.InitiateMultipartUpload); got != 1+len(w.others) {
					t.Errorf("initiated %d times", got)
				}
			})
		}
	}
}

func (w *updateWorld) kill(req resumable.Request, op, when string, nth int) {
	w.t.Helper()
	c := w.child()
	c.Request = req
	c.Request.Parallelism = 1
	c.Op, c.When, c.Nth = op, when, nth
	w.crashed(c)
}

// Each call of an update that copies is a crash point, before and after OSS has
// acted; is refused; or loses its answer. The object is always the old one or
// the new one.
func TestUpdate_failpoints(t *testing.T) {
	const size = 4*mib - 17
	edit := editAt(mib, 3*mib)
	probe := newUpdateWorld(t, osstest.Config{}, size, edit)
	probe.mustUpload(probe.update())
	count := map[osstest.Op]int{}
	for _, r := range probe.server.Requests() {
		count[r.Op]++
		nth := count[r.Op]
		for _, what := range failures {
			t.Run(fmt.Sprintf("%s %d, %s", r.Op, nth, what), func(t *testing.T) {
				t.Parallel()
				w := newUpdateWorld(t, osstest.Config{}, size, edit)
				w.fail(w.update(), r.Op, nth, what)
				w.mustUpload(w.update())
				// What was in flight is lost; what may not be copied is sent.
				if got := len(sent(w.server)); got > 3 && !(r.Op == osstest.UploadPartCopy && what == "refused 403") {
					t.Errorf("parts %v were sent", sent(w.server))
				}
			})
		}
	}
}

// fail runs an update in which one of the [failures] happens to the nth request of an
// operation. The object is then the old one or the new one.
func (w *updateWorld) fail(req resumable.Request, op osstest.Op, nth int, what string) {
	w.t.Helper()
	old := w.objectSum()
	req.Parallelism = 1
	if when, killed := strings.CutPrefix(what, "killed "); killed {
		w.kill(req, string(op), when, nth)
	} else {
		remove := w.server.AddRule(osstest.Rule{Op: op, Nth: nth, Times: 1, Fault: faultOf(what)})
		if _, err := w.upload(req); err != nil && (what != "refused 403" || op == osstest.UploadPartCopy) {
			w.t.Errorf("the run did not survive: %v\n%s", err, w.logged)
		}
		remove()
	}
	if w.objectSum() != old && !w.objectIs(w.after) {
		w.t.Fatal("a mixture was published")
	}
}

// One part of 8 MiB changes in a file of 1 GiB.
func TestUpdate_ofLargeFile(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a sparse file of 1 GiB twice")
	}
	const large, size, parts = resumable.DefaultPartSize, 1 << 30, 128
	w := &updateWorld{world: newWorld(t, 0)}
	if err := os.Truncate(w.source, size); err != nil {
		t.Fatal(err)
	}
	w.server.PutLargeObject(bucket, key, make([]byte, large), parts, http.Header{"Content-Type": {w.request().Headers.ContentType}})
	upload := func() resumable.Result {
		req := w.update()
		req.PartSize, req.MultipartThreshold, req.Parallelism = 0, 0, 4
		result, err := w.uploader(w.oss()).Upload(context.Background(), req)
		if err != nil {
			t.Fatalf("%v\n%s", err, w.logged)
		}
		return result
	}
	if w.before = upload(); !w.before.Stats.Adopted {
		t.Fatal(w.before.Stats)
	}
	file, err := os.OpenFile(w.source, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte("edited"), 3<<28+12345); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	w.server.ResetLog()
	result := upload()
	w.checkCost(result.Stats, []int{3<<28/large + 1}, parts-1, large)
	if object, _ := w.server.Object(bucket, key); fmt.Sprint(object.CRC64) != result.Fingerprint.CRC64 || object.Size != size {
		t.Errorf("OSS holds %+v", object)
	}
	t.Logf("%d bytes sent of %d", w.bytesSent(), int64(size))
}
