// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
)

// Hashing is a pipeline: the caller reads, one goroutine computes SHA-256,
// another the CRC-64 of each block. Its memory is 2 MiB whatever the size of
// the file. A buffer never lies across two blocks, because its size divides
// theirs.
const (
	bufferSize = 256 << 10
	maxBuffers = 8
)

// buffer goes from free to both hashes, and back when the later one is done.
type buffer struct {
	bytes   []byte
	readers atomic.Int32
	free    chan<- *buffer
}

func (b *buffer) release() {
	if b.readers.Add(-1) == 0 {
		b.free <- b
	}
}

// hash reads the file once.
func (f *File) hash(ctx context.Context) (Fingerprint, error) {
	size := f.identity.Size
	blockSize := BlockSize(size)
	blocks := make([]uint64, ceilDiv(size, blockSize))
	sha := sha256.New()

	toSHA := make(chan *buffer, maxBuffers)
	toCRC := make(chan *buffer, maxBuffers)
	var hashes sync.WaitGroup
	hashes.Go(func() { hashAll(sha, toSHA) })
	hashes.Go(func() { checksumBlocks(blocks, blockSize, toCRC) })
	err := f.feed(ctx, toSHA, toCRC)
	close(toSHA)
	close(toCRC)
	hashes.Wait()
	if err != nil {
		return Fingerprint{}, err
	}

	return Fingerprint{
		Size:      size,
		SHA256:    hex.EncodeToString(sha.Sum(nil)),
		CRC64:     crc64.Format(combine(blocks, blockSize, size)),
		blocks:    blocks,
		blockSize: blockSize,
	}, nil
}

// feed reads the file into buffers and hands each to both hashes. No send
// waits: every channel has room for all buffers.
func (f *File) feed(ctx context.Context, toSHA, toCRC chan<- *buffer) error {
	size := f.identity.Size
	free := make(chan *buffer, maxBuffers)
	for range min(maxBuffers, ceilDiv(size, bufferSize)) {
		free <- &buffer{bytes: make([]byte, min(bufferSize, size)), free: free}
	}
	section := f.Section(0, size)
	for off := int64(0); off < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := <-free // soon: both hashes release whatever happens
		n, err := io.ReadFull(section, b.bytes[:min(int64(len(b.bytes)), size-off)])
		if err != nil {
			return shortOr(err, off+int64(n))
		}
		off += int64(n)
		b.bytes = b.bytes[:n]
		b.readers.Store(2)
		toSHA <- b
		toCRC <- b
	}
	return nil
}

func hashAll(w io.Writer, buffers <-chan *buffer) {
	for b := range buffers {
		_, _ = w.Write(b.bytes) // a hash.Hash never fails
		b.release()
	}
}

func checksumBlocks(blocks []uint64, blockSize int64, buffers <-chan *buffer) {
	off := int64(0)
	for b := range buffers {
		i := off / blockSize
		blocks[i] = crc64.Update(blocks[i], b.bytes)
		off += int64(len(b.bytes))
		b.release()
	}
}

// combine is the CRC-64 of a whole file of that size, from its blocks'.
func combine(blocks []uint64, blockSize, size int64) (crc uint64) {
	for i, block := range blocks {
		crc = crc64.Combine(crc, block, min(blockSize, size-int64(i)*blockSize))
	}
	return crc
}

// shortOr turns an unexpected end at that offset into [ErrChanged].
func shortOr(err error, off int64) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends at byte %d", ErrChanged, off)
	}
	return err
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }
