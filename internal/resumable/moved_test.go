// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"math/rand/v2"
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
		{"none", func(*updateWorld) []byte { return nil }, false, "has no table of its chunks"},
		{"damaged", func(w *updateWorld) []byte { return w.before.Fingerprint.ChunkTable()[:49] }, false, "is not valid"},
		{"newer", func(w *updateWorld) []byte { b := w.before.Fingerprint.ChunkTable(); b[0]++; return b }, false, "is not valid"},
		{"of another content", func(*updateWorld) []byte { return foreign }, false, ""},
		{"of another size", func(w *updateWorld) []byte { return w.before.Fingerprint.ChunkTable()[:50] }, false, "is not valid"},
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
			if n := w.bytesSent(); result.Stats.BytesCopied != 0 || n != int64(len(w.after)) || result.Stats.BytesSent != n {
				t.Errorf("%d bytes were sent; %+v", n, result.Stats)
			}
			if tried := w.server.Count(osstest.UploadPartCopy) > 0; tried != row.copies || !strings.Contains(w.logged.String(), row.log) {
				t.Errorf("copies were tried: %v\n%s", tried, w.logged)
			}
		})
	}
}

// A table is wrong at one place. What was copied before is kept, and no byte is sent twice.
func TestMoved_partlyWrongTable(t *testing.T) {
	w := newMovedWorld(t, osstest.Config{}, movedSize, func(b []byte) []byte {
		return slices.Concat(randomBytes(9, mib), b[:3*mib], randomBytes(8, mib), b[3*mib:])
	})
	req := w.moved()
	req.Parallelism = 1
	req.Replaces.Chunks = w.tableOf(slices.Concat(firstContent(movedSize)[:4*mib], w.after[4*mib:5*mib], firstContent(movedSize)[5*mib:]))
	stats := w.mustUpload(req).Stats
	if n := w.bytesSent(); n != stats.BytesSent || n+stats.BytesCopied != int64(len(w.after)) || stats.BytesCopied < 2*mib {
		t.Errorf("%d bytes were sent; %+v", n, stats)
	}
	if n := w.server.Count(osstest.InitiateMultipartUpload); n != 1 || !strings.Contains(w.logged.String(), "cannot copy parts") {
		t.Errorf("initiated %d times\n%s", n, w.logged)
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
