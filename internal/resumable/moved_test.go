// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const movedSize = 6*mib + 777

// newMovedWorld is newUpdateWorld on another machine, which has only the chunk table of
// the object.
func newMovedWorld(t *testing.T, cfg osstest.Config, size int, edit func([]byte) []byte) *updateWorld {
	t.Helper()
	w := newUpdateWorld(t, cfg, size, edit)
	w.forget()
	return w
}

// forget removes everything that this machine knows.
func (w *world) forget() {
	w.t.Helper()
	if err := os.RemoveAll(w.dir); err != nil {
		w.t.Fatal(err)
	}
}

// moved returns the request of an update with the chunk table of the object.
func (w *updateWorld) moved() resumable.Request {
	req := w.update()
	req.Replaces.Chunks = w.before.Fingerprint.ChunkTable()
	return req
}

func inserted(at, n int) func([]byte) []byte {
	return func(b []byte) []byte { return slices.Insert(b, at, randomBytes(2, n)...) }
}

func TestMoved(t *testing.T) {
	for _, row := range []struct {
		name string
		edit func([]byte) []byte
		most int64 // bytes that are sent
	}{
		{"inserted at the front", inserted(0, 1), 1200 * kib},
		{"inserted in the middle", inserted(5*mib+99, kib), 1200 * kib},
		{"inserted at several places", func(b []byte) []byte { return inserted(mib, 3)(inserted(4*mib, 5)(b)) }, 2400 * kib},
		{"removed", func(b []byte) []byte { return slices.Delete(b, 3*mib, 4*mib) }, 1200 * kib},
		{"halves exchanged", func(b []byte) []byte { return slices.Concat(b[3*mib+9:], b[:3*mib+9]) }, 3 * mib},
		{"a member replaced by a larger one", func(b []byte) []byte {
			return slices.Concat(b[:2*mib], randomBytes(3, 2*mib), b[3*mib:])
		}, 4000 * kib},
		{"edited in place", editAt(2 * mib), 1200 * kib},
		{"appended", func(b []byte) []byte { return append(b, randomBytes(4, mib)...) }, 2200 * kib},
		{"truncated", func(b []byte) []byte { return b[:4*mib+5] }, 1200 * kib},
		{"too small for a table", func(b []byte) []byte { return b[:3*mib] }, 3 * mib},
		{"twice", func(b []byte) []byte { return append(b, b...) }, 1200 * kib},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newMovedWorld(t, osstest.Config{}, movedSize, row.edit)
			stats := w.mustUpload(w.moved()).Stats
			if n := w.bytesSent(); n != stats.BytesSent || n > row.most || stats.BytesSent+stats.BytesCopied != int64(len(w.after)) {
				t.Errorf("%d bytes were sent, want at most %d; %+v", n, row.most, stats)
			}
			if n := w.server.Count(osstest.UploadPartCopy); (n == 0) != (len(w.after) < 4*mib) || n != stats.PartsCopied {
				t.Errorf("%d parts were copied; %+v", n, stats)
			}
		})
	}
}

// On the machine that uploaded the object, the plan that sends less is taken.
func TestMoved_onTheSameMachine(t *testing.T) {
	for name, edit := range map[string]func([]byte) []byte{
		"edited in place": editAt(3*mib + 5), "inserted": inserted(3*mib, 1), "appended": func(b []byte) []byte { return append(b, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newUpdateWorld(t, osstest.Config{}, movedSize, edit)
			if stats := w.mustUpload(w.moved()).Stats; stats.BytesSent > 1200*kib {
				t.Errorf("%+v", stats)
			}
		})
	}
	t.Run("small parts", func(t *testing.T) {
		t.Parallel()
		w := newUpdateWorld(t, osstest.Config{}, 3*movedSize, editAt(13*mib+5))
		req := w.moved()
		req.PartSize = 256 * kib
		stats := w.mustUpload(req).Stats
		if stats.BytesSent > mib {
			t.Errorf("the plan with equal parts sends 1 MiB; %+v", stats)
		}
	})
}

// Without a valid table of this object, the whole file is sent. A table that is wrong costs
// time only.
func TestMoved_otherTables(t *testing.T) {
	other := newWorld(t, movedSize)
	other.write(randomBytes(8, movedSize))
	foreign := other.mustUpload(other.request()).Fingerprint.ChunkTable()
	for _, row := range []struct {
		name   string
		table  func(w *updateWorld) []byte
		copies bool // are tried
		log    string
	}{
		{"none", func(*updateWorld) []byte { return nil }, false, "is not known"},
		{"damaged", func(w *updateWorld) []byte { return w.before.Fingerprint.ChunkTable()[:49] }, false, "no valid chunk table"},
		{"newer", func(w *updateWorld) []byte { b := w.before.Fingerprint.ChunkTable(); b[0]++; return b }, false, "no valid chunk table"},
		{"of another content", func(*updateWorld) []byte { return foreign }, false, ""},
		{"of another size", func(w *updateWorld) []byte { return w.before.Fingerprint.ChunkTable()[:50] }, false, "no valid chunk table"},
		{"of the new content", func(w *updateWorld) []byte { return w.tableOf(w.after[:movedSize]) }, true, "cannot copy parts"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newMovedWorld(t, osstest.Config{}, movedSize, func(b []byte) []byte {
				return append(randomBytes(9, mib), b[:movedSize-mib]...)
			})
			req := w.moved()
			req.Replaces.Chunks = row.table(w)
			w.server.ResetLog()
			result := w.mustUpload(req)
			if result.Stats.BytesCopied != 0 || result.Stats.BytesSent < movedSize {
				t.Errorf("%+v", result.Stats)
			}
			if tried := w.server.Count(osstest.UploadPartCopy) > 0; tried != row.copies || !strings.Contains(w.logged.String(), row.log) {
				t.Errorf("copies were tried: %v\n%s", tried, w.logged)
			}
		})
	}
}

// tableOf returns the chunk table of a content.
func (w *world) tableOf(content []byte) []byte {
	w.t.Helper()
	fp, err := resumable.FingerprintContent(w.t.Context(), content)
	if err != nil {
		w.t.Fatal(err)
	}
	return fp.ChunkTable()
}

// The CRC-64 of these contents is the same. Nothing is copied, although the table has all
// chunks of the file.
func TestMoved_sameChecksums(t *testing.T) {
	w := newMovedWorld(t, osstest.Config{}, movedSize, func(b []byte) []byte {
		for i, x := range crc64Polynomial {
			b[3*mib+i] ^= x
		}
		return b
	})
	req := w.moved()
	req.Replaces.Chunks = w.tableOf(w.after)
	result := w.mustUpload(req)
	if result.CRC64 != w.before.CRC64 || result.Stats.PartsCopied != 0 || w.server.Count(osstest.UploadPartCopy) != 0 {
		t.Errorf("CRC-64 %s, then %s; %+v", w.before.CRC64, result.CRC64, result.Stats)
	}
}

// crc64Polynomial is the generator of the CRC-64 in the order of its bits in a file. Adding
// it to the bytes at any place changes no checksum.
var crc64Polynomial = []byte{0x85, 0x1e, 0x0e, 0xaf, 0x2b, 0xaf, 0xd8, 0x92, 0x01}

// Whatever was edited, the object has the bytes of the file, and no more than these were
// sent.
func TestMoved_anyEdits(t *testing.T) {
	w := &updateWorld{world: newWorld(t, movedSize)}
	w.before = w.mustUpload(w.update())
	content := randomBytes(1, movedSize)
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	pick := func(n ...int) int { return n[r.IntN(len(n))] }
	for i := range 12 {
		for range 1 + r.IntN(3) {
			at, n := r.IntN(len(content)), pick(1, 64*kib, mib, 3*mib)
			stop := min(at+n, len(content))
			switch r.IntN(5) {
			case 0:
				content = slices.Insert(content, at, randomBytes(byte(at), n)...)
			case 1:
				content = slices.Delete(content, at, stop)
			case 2:
				content = slices.Insert(content, 0, content[at:stop]...)
			case 3:
				content = slices.Concat(content[at:], content[:at])
			case 4:
				copy(content[at:], randomBytes(byte(n+i), n))
			}
		}
		content = append(content[:min(len(content), 9*mib)], byte(i)) // never the same content twice
		w.write(content)
		w.forget()
		w.server.ResetLog()
		req := w.moved()
		req.PartSize = int64(pick(partSize, 256*kib, mib))
		w.before = w.mustUpload(req)
		if n := w.bytesSent(); n > int64(len(content)) || n != w.before.Stats.BytesSent {
			t.Fatalf("seed %d: %d bytes were sent of %d; %+v", seed, n, len(content), w.before.Stats)
		}
	}
}

// A run is killed while OSS holds some parts of a mixed plan. The next one makes only the
// others, from the journal, without it, and on another machine.
func TestMoved_crash(t *testing.T) {
	edit := func(b []byte) []byte { return inserted(mib, 5)(inserted(4*mib, 7)(b)) }
	probe := newMovedWorld(t, osstest.Config{}, movedSize, edit)
	all := probe.mustUpload(probe.moved()).Stats
	if all.PartsCopied < 3 || all.Parts-all.PartsCopied < 2 {
		t.Fatalf("the plan has too few parts: %+v", all)
	}
	for _, row := range []struct {
		op, when string
		nth      int
		kept     int
		there    bool
	}{
		{"InitiateMultipartUpload", "after", 1, 0, false},
		{"UploadPartCopy", "before", 1, 0, false},
		{"UploadPartCopy", "after", 1, 1, false},
		{"UploadPartCopy", "before", 2, 1, false},
		{"UploadPartCopy", "after", 2, 2, false},
		{"UploadPart", "before", 1, all.PartsCopied, false},
		{"UploadPart", "after", 1, all.PartsCopied + 1, false},
		{"CompleteMultipartUpload", "before", 1, all.Parts, false},
		{"CompleteMultipartUpload", "after", 1, all.Parts, true},
	} {
		for _, checkpoint := range []string{"kept", "deleted"} {
			t.Run(fmt.Sprintf("%s %s %d, checkpoint %s", row.when, row.op, row.nth, checkpoint), func(t *testing.T) {
				t.Parallel()
				w := newMovedWorld(t, osstest.Config{}, movedSize, edit)
				w.kill(w.moved(), row.op, row.when, row.nth)
				if checkpoint == "deleted" {
					w.forget()
				}
				stats := w.mustUpload(w.moved()).Stats
				if stats.Adopted != row.there || !row.there && stats.PartsKept != row.kept {
					t.Errorf("%+v", stats)
				}
				made := w.server.Count(osstest.UploadPart) + w.server.Count(osstest.UploadPartCopy)
				if n := w.server.Count(osstest.InitiateMultipartUpload); made > all.Parts+1 || n != 1 {
					t.Errorf("%d parts were sent or copied, want %d; initiated %d times", made, all.Parts, n)
				}
			})
		}
	}
}

// Each part of a mixed plan is refused, or its answer is lost. The object is always the old
// one or the new one. TestUpdate_failpoints has the other requests.
func TestMoved_failpoints(t *testing.T) {
	edit := inserted(3*mib, 5)
	probe := newMovedWorld(t, osstest.Config{}, movedSize, edit)
	all := probe.mustUpload(probe.moved()).Stats
	count := map[osstest.Op]int{}
	for _, r := range probe.server.Requests() {
		if r.Op != osstest.UploadPart && r.Op != osstest.UploadPartCopy {
			continue
		}
		count[r.Op]++
		nth := count[r.Op]
		for _, what := range failures[2:] { // TestMoved_crash kills
			t.Run(fmt.Sprintf("%s %d, %s", r.Op, nth, what), func(t *testing.T) {
				t.Parallel()
				w := newMovedWorld(t, osstest.Config{}, movedSize, edit)
				w.fail(w.moved(), r.Op, nth, what)
				w.mustUpload(w.moved())
				refused := r.Op == osstest.UploadPartCopy && what == "refused 403" // the whole file is sent
				if n := w.bytesSent(); n > all.BytesSent+mib && !refused {
					t.Errorf("%d bytes were sent, want about %d", n, all.BytesSent)
				}
			})
		}
	}
}

// If OSS refuses to copy, the upload continues with what was copied, and sends the rest once.
// A network that breaks is no reason to give up what was copied.
func TestMoved_refused(t *testing.T) {
	edit := func(b []byte) []byte { return inserted(0, mib)(inserted(3*mib, 5)(b)) } // begins with a part that is sent
	probe := newMovedWorld(t, osstest.Config{}, movedSize, edit)
	all := probe.mustUpload(probe.moved()).Stats
	for name, row := range map[string]struct {
		fault   osstest.Fault
		refused bool
	}{
		"changed":       {osstest.Refuse(412, "PreconditionFailed"), true},
		"denied":        {osstest.Refuse(403, "AccessDenied"), true},
		"not supported": {osstest.Refuse(409, "OperationNotSupported"), true},
		"not now":       {osstest.Refuse(503, "ServiceUnavailable"), false},
		"lost":          {osstest.LoseAnswer(), false},
		"expired":       {osstest.Refuse(403, "SecurityTokenExpired"), false},
	} {
		for _, after := range []int{0, 1} {
			if after == 0 && name != "denied" {
				continue // as in TestUpdate_refused
			}
			t.Run(fmt.Sprintf("%s, after %d", name, after), func(t *testing.T) {
				t.Parallel()
				w := newMovedWorld(t, osstest.Config{}, movedSize, edit)
				remove := w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, Nth: after + 1, Fault: row.fault})
				req := w.moved()
				req.Parallelism = 1
				if row.refused {
					stats := w.mustUpload(req).Stats
					if stats.PartsCopied != after || stats.BytesSent+stats.BytesCopied != int64(len(w.after)) || w.bytesSent() != stats.BytesSent {
						t.Errorf("%+v; %d bytes sent", stats, w.bytesSent())
					}
					if begun, ended := w.server.Count(osstest.InitiateMultipartUpload), w.server.Count(osstest.AbortMultipartUpload); begun != 1 || ended != 0 {
						t.Errorf("initiated %d times, aborted %d times", begun, ended)
					}
					return
				}
				_, err := w.upload(req)
				failed := asUploadError(t, err)
				if failed.PartsStored < after || w.server.Count(osstest.AbortMultipartUpload) != 0 {
					t.Errorf("%v; %d uploads aborted", err, w.server.Count(osstest.AbortMultipartUpload))
				}
				remove()
				if stats := w.mustUpload(req).Stats; stats.PartsKept < after || stats.PartsKept+stats.PartsCopied < all.PartsCopied {
					t.Errorf("the next run: %+v", stats)
				}
			})
		}
	}
}

// An upload whose copies were refused is killed. The next run, which knows nothing of the
// refusal, continues with the parts that were sent.
func TestMoved_killedAfterRefusal(t *testing.T) {
	for _, checkpoint := range []string{"kept", "deleted"} {
		t.Run(checkpoint, func(t *testing.T) {
			t.Parallel()
			w := newMovedWorld(t, osstest.Config{}, movedSize, inserted(3*mib, 5))
			defer w.server.AddRule(osstest.Rule{Op: osstest.UploadPartCopy, Fault: osstest.Refuse(403, "AccessDenied")})()
			w.kill(w.moved(), "UploadPart", "after", 4)
			if checkpoint == "deleted" {
				w.forget()
			}
			stats := w.mustUpload(w.moved()).Stats
			if stats.PartsKept != 4 || w.server.Count(osstest.InitiateMultipartUpload) != 1 {
				t.Errorf("%+v, initiated %d times", stats, w.server.Count(osstest.InitiateMultipartUpload))
			}
		})
	}
}

// While an update with copies is interrupted, another program replaces or removes the old
// object, or the state loses its table. The journal has the offsets of the parts, so the next
// run keeps them and sends the rest.
func TestMoved_nothingToCopyAnyMore(t *testing.T) {
	edit := func(b []byte) []byte { return inserted(mib, 5)(inserted(4*mib, 7)(b)) }
	for name, change := range map[string]func(w *updateWorld, req *resumable.Request){
		"replaced": func(w *updateWorld, _ *resumable.Request) {
			w.server.PutObject(bucket, key, []byte("of another program"), nil)
		},
		"removed":   func(w *updateWorld, _ *resumable.Request) { w.server.DeleteObject(bucket, key) },
		"no table":  func(_ *updateWorld, req *resumable.Request) { req.Replaces.Chunks = nil },
		"no object": func(_ *updateWorld, req *resumable.Request) { req.Replaces = resumable.Replaced{} },
	} {
		for _, nth := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s after %d", name, nth), func(t *testing.T) {
				t.Parallel()
				w := newMovedWorld(t, osstest.Config{}, movedSize, edit)
				w.kill(w.moved(), "UploadPart", "after", nth)
				before := w.bytesSent()
				req := w.moved()
				change(w, &req)
				w.server.ResetLog()
				stats := w.mustUpload(req).Stats
				if n := w.bytesSent(); n != int64(len(w.after))-stats.BytesKept || stats.BytesKept < 3*mib || stats.PartsKept < 3+nth {
					t.Errorf("%d bytes were sent after %d; %+v", n, before, stats)
				}
				if n := w.server.Count(osstest.InitiateMultipartUpload) + w.server.Count(osstest.AbortMultipartUpload); n != 0 {
					t.Errorf("%d uploads were initiated or aborted", n)
				}
			})
		}
	}
}

// Small objects have no table, and large ones at most a byte for 16 KiB.
func TestChunkTable_size(t *testing.T) {
	w := newWorld(t, 0)
	for _, size := range []int{0, 1, 4*mib - 1, 4 * mib, movedSize} {
		table := w.tableOf(randomBytes(5, size))
		if has := len(table) > 0; has != (size >= 4*mib) || len(table) > size/(16*kib) {
			t.Errorf("%d bytes have a table of %d", size, len(table))
		}
	}
}
