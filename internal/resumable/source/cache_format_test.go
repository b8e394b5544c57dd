// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/chunks"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/record"
)

func TestDecodeTakesOnlyWhatFits(t *testing.T) {
	sound := cacheRecord{
		Version:   cacheVersion,
		Size:      minBlockSize + 1,
		SHA256:    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		CRC64:     crc64.Format(crc64.Combine(1, 2, 1)),
		BlockSize: minBlockSize,
		Blocks:    []byte{0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2},
	}
	for name, change := range map[string]func(r *cacheRecord){
		"":                    func(*cacheRecord) {},
		"another version":     func(r *cacheRecord) { r.Version++ },
		"negative size":       func(r *cacheRecord) { r.Size = -1 },
		"largest size":        func(r *cacheRecord) { r.Size = 1<<63 - 1 },
		"a block too few":     func(r *cacheRecord) { r.Blocks = r.Blocks[:8] },
		"half a block":        func(r *cacheRecord) { r.Blocks = r.Blocks[:12] },
		"no blocks":           func(r *cacheRecord) { r.Blocks = nil },
		"another block size":  func(r *cacheRecord) { r.BlockSize *= 2 },
		"no block size":       func(r *cacheRecord) { r.BlockSize = 0 },
		"short digest":        func(r *cacheRecord) { r.SHA256 = r.SHA256[2:] },
		"no digest":           func(r *cacheRecord) { r.SHA256 = "?" + r.SHA256[1:] },
		"checksum of another": func(r *cacheRecord) { r.CRC64 = "1" },
	} {
		r := sound
		change(&r)
		data, err := record.Append(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := decode(data); (err == nil) != (name == "") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// The bound on what is read lets every entry pass, and not much more.
func TestMaxEntrySize(t *testing.T) {
	const most = math.MaxInt64
	fp := Fingerprint{Size: most, SHA256: strings.Repeat("f", 64), CRC64: "18446744073709551615", blockSize: BlockSize(most)}
	fp.blocks = make([]uint64, maxBlocks)
	id := Identity{Device: math.MaxUint64, Inode: math.MaxUint64, Size: most, ModTimeNS: math.MinInt64, ChangeTimeNS: math.MinInt64}
	fp.chunks = largestTable(t)
	data, err := encode(id, fp, time.Unix(0, math.MinInt64))
	if err != nil {
		t.Fatal(err)
	}
	if spare := maxEntrySize - len(data); spare < 0 || spare > 512 {
		t.Errorf("an entry takes up to %d bytes, and %d are read", len(data), maxEntrySize)
	}
}

// largestTable returns a table with the most chunks.
func largestTable(t *testing.T) chunks.Table {
	t.Helper()
	text := []byte{1, 0}
	for range chunks.MaxChunks {
		text = append(text, 0x80, 0x80, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0) // 64 KiB
	}
	table, err := chunks.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func FuzzDecode(f *testing.F) {
	for _, size := range []int{0, 1, minBlockSize + 1} {
		path, _ := write(f, size)
		file := open(f, path)
		data, err := encode(file.Identity(), fingerprint(f, path, ""), time.Now())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		id, fp, started, err := decode(data)
		if err != nil {
			return
		}
		again, err := encode(id, fp, started)
		if err != nil {
			t.Fatal(err)
		}
		id2, fp2, started2, err := decode(again)
		if err != nil || id2 != id || !started2.Equal(started) || !reflect.DeepEqual(fp2, fp) {
			t.Errorf("decoded %+v %+v %v, then %+v %+v %v, %v", id, fp, started, id2, fp2, started2, err)
		}
	})
}
