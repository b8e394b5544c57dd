// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"

	chunkers "github.com/PlakarKorp/go-cdc-chunkers"
	_ "github.com/PlakarKorp/go-cdc-chunkers/chunkers/fastcdc" // registers the algorithm
	"github.com/restic/chunker"
)

// reference is a way to find what is new in a file. It returns the number of bytes that
// would be sent.
type reference struct {
	name  string
	bytes func(old, next []byte) (int64, error)
}

// references are what the engine is compared with.
var references = []reference{
	{"equal parts", func(old, next []byte) (int64, error) { return equalParts(old, next), nil }},
	{"chunks of 256 KiB", func(old, next []byte) (int64, error) { return newChunks(old, next, fastCDC(256*kib)) }},
	{"chunks of 1 MiB", func(old, next []byte) (int64, error) { return newChunks(old, next, fastCDC(mib)) }},
	{"restic", func(old, next []byte) (int64, error) { return newChunks(old, next, restic) }},
	{"rsync", func(old, next []byte) (int64, error) { return rsyncLiterals(old, next), nil }},
}

// equalParts are parts of 8 MiB that are copied if the old file has the same bytes at the
// same offset.
func equalParts(old, next []byte) (sent int64) {
	for offset := int64(0); offset < int64(len(next)); offset += 8 * mib {
		part := next[offset:min(offset+8*mib, int64(len(next)))]
		end := offset + int64(len(part))
		if end > int64(len(old)) || !bytes.Equal(part, old[offset:end]) {
			sent += int64(len(part))
		}
	}
	return sent
}

// split calls yield for each chunk of a file.
type split func(file []byte, yield func(chunk []byte)) error

// newChunks are the chunks of the new file that the old one does not have. Unlike a copy in
// OSS, a chunk may have any size, and there may be any number of them.
func newChunks(old, next []byte, split split) (sent int64, err error) {
	known := map[[sha256.Size]byte]bool{}
	if err := split(old, func(chunk []byte) { known[sha256.Sum256(chunk)] = true }); err != nil {
		return 0, err
	}
	err = split(next, func(chunk []byte) {
		if sum := sha256.Sum256(chunk); !known[sum] {
			known[sum] = true
			sent += int64(len(chunk))
		}
	})
	return sent, err
}

// fastCDC cuts chunks of the given size on average, at least a quarter and at most four
// times as much.
func fastCDC(average int64) split {
	return func(file []byte, yield func([]byte)) error {
		c, err := chunkers.NewChunker("fastcdc-v1.0.0", bytes.NewReader(file), &chunkers.ChunkerOpts{
			MinSize: int(average / 4), NormalSize: int(average), MaxSize: int(average * 4),
		})
		if err != nil {
			return err
		}
		return c.Split(func(_, _ uint, chunk []byte) error {
			yield(chunk)
			return nil
		})
	}
}

// restic cuts chunks as restic does: of 1 MiB on average, at least 512 KiB and at most
// 8 MiB. Each restic repository has its own polynomial; this is one of them.
func restic(file []byte, yield func([]byte)) error {
	c := chunker.New(bytes.NewReader(file), chunker.Pol(0x3DA3358B4DC173))
	buffer := make([]byte, chunker.MaxSize)
	for {
		chunk, err := c.Next(buffer)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		yield(chunk.Data)
	}
}
