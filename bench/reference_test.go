// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestReferences checks the size of what is sent, up to the chunks or blocks at each edge.
func TestReferences(t *testing.T) {
	old := noise(1, 24*mib)
	block := int64(rsyncBlock(len(old)))
	for _, c := range []struct {
		name            string
		new             []byte
		parts           int64
		inserted, edges int64
	}{
		{name: "the same", new: old},
		{name: "inserted in front", new: slices.Concat(noise(2, kib), old), parts: 24*mib + kib, inserted: kib, edges: 1},
		{name: "inserted in the middle", new: slices.Concat(old[:12*mib], noise(2, kib), old[12*mib:]), parts: 16*mib + kib, inserted: kib, edges: 1},
		{name: "halves exchanged", new: slices.Concat(old[12*mib:], old[:12*mib]), parts: 24 * mib, edges: 2},
		{name: "cut off", new: old[:18*mib+1], edges: 1},
		{name: "appended", new: slices.Concat(old, noise(2, mib)), parts: mib, inserted: mib, edges: 1},
		{name: "other contents", new: noise(3, 24*mib), parts: 24 * mib, inserted: 24 * mib},
	} {
		edge := map[string]int64{"chunks of 256 KiB": 2 * mib, "chunks of 1 MiB": 8 * mib, "restic": 8 * mib, "rsync": 2 * block}
		for _, r := range references {
			least, most := c.inserted, min(c.inserted+c.edges*edge[r.name], int64(len(c.new)))
			if r.name == "equal parts" {
				least, most = c.parts, c.parts
			}
			if n, err := r.bytes(old, c.new); err != nil || n < least || n > most {
				t.Errorf("%s, %s: %d bytes, %v, want %d to %d", c.name, r.name, n, err, least, most)
			}
		}
	}
}

// TestRsyncLiterals has blocks of 700 bytes, and expects what rsync 3.5.0 reports.
func TestRsyncLiterals(t *testing.T) {
	old := noise(1, 7350) // ten blocks and a half
	for _, c := range []struct {
		name string
		new  []byte
		want int64
	}{
		{"the same", old, 0},
		{"one byte in front", append([]byte{0}, old...), 1},
		{"last block in front", slices.Concat(old[7000:], old[:7000]), 350},
		{"one byte removed", slices.Delete(bytes.Clone(old), 1000, 1001), 699},
		{"without the last byte", old[:7349], 349},
		{"shorter than a block", old[:500], 500},
		{"the last block alone", old[7000:], 0},
		{"shorter than the last block", old[:100], 100},
		{"block and half of the last one", slices.Concat(old[:700], old[7175:]), 175},
		{"block whose end is the last one", slices.Concat(old[:350], old[7000:], old[7000:7100]), 800},
		{"empty", nil, 0},
	} {
		if n := rsyncLiterals(old, c.new); n != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, n, c.want)
		}
	}
	// The last block of the old file is part of the block that matches.
	if n := rsyncLiterals(make([]byte, 7350), make([]byte, 800)); n != 100 {
		t.Errorf("zeros: %d bytes, want 100", n)
	}
	if n := rsyncLiterals(nil, old); n != 7350 {
		t.Errorf("without an old file: %d bytes, want 7350", n)
	}
}

func noise(seed byte, n int64) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(out) // never fails
	return out
}
