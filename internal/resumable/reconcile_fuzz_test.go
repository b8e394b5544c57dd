// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// FuzzReconcile lists parts with arbitrary numbers, sizes, ETags and checksums. Each
// kept part has the checksum of the source at that place, and is kept once.
func FuzzReconcile(f *testing.F) {
	const partSize, size = MinPartSize, 3*MinPartSize + 17
	text := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(text)
	path := filepath.Join(f.TempDir(), "source")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		f.Fatal(err)
	}
	src, err := source.Open(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = src.Close() })
	fingerprint, err := src.Fingerprint(f.Context(), "")
	if err != nil {
		f.Fatal(err)
	}
	plan, err := partplan.New(size, partSize)
	if err != nil {
		f.Fatal(err)
	}
	bytesAt := func(part partplan.Part) []byte { return text[part.Offset : part.Offset+part.Size] }
	crcOf := func(b []byte) string { return crc64.Format(crc64.Update(0, b)) }
	etagOf := func(b []byte) string {
		sum := md5.Sum(b)
		return hex.EncodeToString(sum[:])
	}

	// A part is six bytes: its number, and what of size, CRC-64 and ETag is right.
	f.Add([]byte{1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0}, int64(partSize)) // all
	f.Add([]byte{1, 0, 0, 1, 0, 0, 4, 0, 0, 1, 0, 0}, int64(partSize))                                     // no CRC-64
	f.Add([]byte{1, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0}, int64(partSize))                   // one twice, once wrong
	f.Add([]byte{0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0}, int64(2*partSize))             // not in the plan
	f.Add([]byte{4, 0, 1, 0, 0, 0, 3, 0, 2, 0, 0, 0, 2, 0, 3, 0, 0, 0}, int64(0))                          // wrong sizes
	f.Add([]byte{2, 0, 0, 1, 1, 0, 3, 0, 0, 3, 0, 0}, int64(-1))
	f.Fuzz(func(t *testing.T, spec []byte, wanted int64) {
		if len(spec) > 6*20 {
			return
		}
		var stored []StoredPart
		for ; len(spec) >= 6; spec = spec[6:] {
			p := StoredPart{Number: int(int16(binary.LittleEndian.Uint16(spec)))}
			var b []byte
			if p.Number >= 1 && p.Number <= plan.Len() {
				b = bytesAt(plan.Part(p.Number))
			}
			p.Size = []int64{int64(len(b)), int64(len(b)) + 1, -1, 1 << 62}[spec[2]%4]
			p.CRC64 = []string{crcOf(b), "", "1", "no number", "-1", "0" + crcOf(b)}[spec[3]%6]
			p.ETag = []string{etagOf(b), "", "E", etagOf(b) + "-1"}[spec[4]%4]
			stored = append(stored, p)
		}
		file := &fromFile{job: &job{Uploader: New(Config{}), opts: Options{PartSize: wanted}}, hashedFile: hashedFile{src, fingerprint}}

		if found := file.planOf(stored); len(found.parts) > 0 {
			for _, p := range stored {
				if !found.has(p) {
					t.Fatalf("part %+v is not in the plan of %d parts of %d bytes", p, len(found.parts), found.partSize)
				}
			}
		}
		cut, err := file.cut(partSize)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := file.reconcile(t.Context(), cut, stored)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]bool{}
		for _, p := range kept {
			if seen[p.Number] {
				t.Fatalf("part %d is kept twice", p.Number)
			}
			seen[p.Number] = true
			want := bytesAt(plan.Part(p.Number)) // panics when it is not in the plan
			if p.Size != int64(len(want)) || p.CRC64 != crcOf(want) {
				t.Fatalf("kept %+v", p)
			}
		}
		var rest []byte
		todo := slices.Collect(cut.missing(kept))
		for part := range plan.Parts() {
			if !seen[part.Number] {
				rest = append(rest, bytesAt(part)...)
			}
		}
		var toSend []byte
		for _, part := range todo {
			toSend = append(toSend, bytesAt(part.Part)...)
		}
		if !bytes.Equal(rest, toSend) || len(todo)+len(kept) != plan.Len() {
			t.Fatalf("%d parts are kept and %d are to be sent, of %d", len(kept), len(todo), plan.Len())
		}
	})
}
