// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"hash/crc64"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestCRC64(t *testing.T) {
	// The check value of CRC-64/XZ in the catalogue of CRC algorithms.
	if sum := updateCRC64(updateCRC64(0, []byte("12345")), []byte("6789")); sum != 0x995DC9BBDF1939FA {
		t.Errorf("check value is %X", sum)
	}
	// x-oss-hash-crc64ecma is decimal.
	if got := formatCRC64(0x995DC9BBDF1939FA); got != "11051210869376104954" {
		t.Errorf("formatted as %s", got)
	}
}

func TestCombineCRC64(t *testing.T) {
	whole := make([]byte, 10_000)
	for i := range whole {
		whole[i] = byte(rand.Uint32())
	}
	want := crc64.Checksum(whole, crcTable)
	for _, n := range []int{0, 1, 2, 4095, 4096, 9_999, 10_000} {
		a, b := whole[:n], whole[n:]
		got := combineCRC64(crc64.Checksum(a, crcTable), crc64.Checksum(b, crcTable), int64(len(b)))
		if got != want {
			t.Errorf("split at %d: got %X, want %X", n, got, want)
		}
	}
}

// TestMultipartETag uses the parts "a" and "b". Their MD5s are well known (RFC
// 1321 lists that of "a"); md5sum computed the MD5 of their concatenated hex
// text.
func TestMultipartETag(t *testing.T) {
	st := &store{dir: t.TempDir()}
	var parts content
	for _, text := range []string{"a", "b"} {
		b, err := st.receive(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, b)
	}
	if got, want := multipartETag(parts), "6A57590691A4345F35997DC1B3C6FFD6-2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
