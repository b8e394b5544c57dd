// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package chunks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

func random(seed byte, size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// tableOf returns the table with at most limit bytes, from writes of some size.
func tableOf(content []byte, limit, write int) Table {
	b := NewBuilder(int64(len(content)))
	b.limit = limit
	for piece := range slices.Chunk(content, write) {
		b.Write(piece)
	}
	return b.Table()
}

// The tables are in the states of users. If this test fails, every file is sent once as a
// whole after an update of the provider.
func TestBuilder_golden(t *testing.T) {
	content := slices.Concat(random(1, 24*mib), make([]byte, 3*mib), random(2, 5*mib))
	table := tableOf(content, math.MaxInt, 128*kib)
	for level, want := range []string{
		"f8d8c2cc2c1deab6", "c6bca3ced6822bd6", "58f8be40ce848c85", "f1f5b800ac3ba590",
	} {
		sum := sha256.Sum256(table.Encode())
		if got := hex.EncodeToString(sum[:8]); got != want {
			t.Errorf("level %d: table of %d chunks is %s, want %s", level, len(table.chunks), got, want)
		}
		table = table.raised()
	}
}

// A chunk has the checksums of its bytes, and a size within the limits.
func TestBuilder_chunks(t *testing.T) {
	content := slices.Concat(random(3, 3*mib), make([]byte, 5*mib), random(4, mib+1))
	for _, write := range []int{len(content), 128 * kib, 4093} {
		rest := content
		table := tableOf(content, math.MaxInt, write)
		for i, c := range table.chunks {
			own := rest[:c.Size]
			rest = rest[c.Size:]
			if c.Sum != xxhash.Sum64(own) || c.CRC64 != crc64.Update(0, own) {
				t.Errorf("chunk %d has the checksums of other bytes", i)
			}
			if c.Size > maxSize || c.Size < minSize && len(rest) > 0 {
				t.Errorf("chunk %d has %d bytes", i, c.Size)
			}
		}
		if len(rest) > 0 {
			t.Errorf("%d bytes are in no chunk", len(rest))
		}
		if again := tableOf(content, math.MaxInt, len(content)); !reflect.DeepEqual(table, again) {
			t.Errorf("writes of %d bytes make another table", write)
		}
	}
}

// However the level rises, while the content is read or afterwards, the table is the same.
func TestBuilder_raises(t *testing.T) {
	content := random(5, 12*mib)
	whole := tableOf(content, math.MaxInt, mib)
	for limit := len(whole.Encode()); limit > 2*minEntry; limit = limit * 9 / 10 {
		want := whole
		for len(want.Encode()) > limit {
			want = want.raised()
		}
		got := tableOf(content, limit, mib)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("limit %d: %d chunks of level %d, want %d of level %d", limit, len(got.chunks), got.level, len(want.chunks), want.level)
		}
		size := got.Size()
		if crc, ok := got.CRC64(0, size); !ok || size != int64(len(content)) || crc != crc64.Update(0, content) {
			t.Errorf("limit %d: the chunks have %d bytes and other checksums than the content", limit, size)
		}
	}
}

// No content has a table above the limit.
func TestBuilder_limit(t *testing.T) {
	repeated := bytes.Repeat(shortChunk(), 100)
	for name, content := range map[string][]byte{
		"zeros":                make([]byte, 20*mib),
		"random":               random(6, 20*mib),
		"many short chunks":    repeated,
		"smaller than a table": random(7, 4*mib-1),
		"the smallest":         random(8, 4*mib),
	} {
		b := NewBuilder(int64(len(content)))
		b.Write(content)
		text := b.Table().Encode()
		if most := min(len(content)/(16*kib), 32*kib); len(text) > most {
			t.Errorf("%s: the table has %d bytes, and at most %d are allowed", name, len(text), most)
		}
		if got, want := len(text) > 0, Describes(int64(len(content))); got != want {
			t.Errorf("%s: has a table: %v, want %v", name, got, want)
		}
		if b.CRC64() != crc64.Update(0, content) {
			t.Errorf("%s: other CRC-64", name)
		}
	}
}

// shortChunk returns bytes that are a chunk of about the least size.
func shortChunk() []byte {
	for seed := byte(0); ; seed++ {
		content := random(seed, maxSize)
		if first := tableOf(content, math.MaxInt, len(content)).chunks[0]; first.Size < 80*kib {
			return content[:first.Size]
		}
	}
}

func TestRank(t *testing.T) {
	counts := map[uint8]int{}
	r := rand.New(rand.NewPCG(1, 2))
	for range 1 << 16 {
		counts[rank(r.Uint64())]++
	}
	for n := uint8(0); n < 64; n += 8 {
		var same int
		for i := range uint8(8) {
			same += counts[n+i]
		}
		if want := 1 << 16 >> (n/8 + 1); same < want*8/10 || same > want*12/10+20 {
			t.Errorf("ranks %d to %d: %d of 65536, want about %d", n, n+7, same, want)
		}
	}
}
