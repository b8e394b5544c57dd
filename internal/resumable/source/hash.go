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
	"runtime"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/chunks"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
)

// Hashing has two stages: the caller reads the file, cuts it into chunks and computes
// the CRC-64 of each block, and another goroutine computes the SHA-256, which takes most
// of the time. So a file is hashed at the speed of SHA-256, in 1 MiB of memory for any
// size. A buffer never spans two blocks, because its size divides theirs.
const (
	bufferSize = 128 << 10
	maxBuffers = 8
)

// hashing limits the number of files that are hashed concurrently to the number of
// CPUs. Terraform starts ten at once by default; more would not be faster.
var hashing = make(chan struct{}, runtime.GOMAXPROCS(0))

// hash reads the file once. It waits until fewer files are being hashed.
func (f *File) hash(ctx context.Context) (Fingerprint, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return Fingerprint{}, ctx.Err()
	}

	size := f.identity.Size
	blockSize := BlockSize(size)
	blocks := make([]uint64, ceilDiv(size, blockSize))
	sha := sha256.New()

	free := make(chan []byte, maxBuffers)
	for range min(maxBuffers, ceilDiv(size, bufferSize)) {
		free <- make([]byte, min(bufferSize, size))
	}
	filled := make(chan []byte, maxBuffers)
	hashed := make(chan struct{})
	go func() {
		defer close(hashed)
		for buf := range filled {
			_, _ = sha.Write(buf) // a hash.Hash never fails
			free <- buf
		}
	}()
	builder := chunks.NewBuilder(size)
	err := f.read(ctx, builder, blocks, blockSize, free, filled)
	close(filled)
	<-hashed
	if err != nil {
		return Fingerprint{}, err
	}

	return Fingerprint{
		Size:      size,
		SHA256:    hex.EncodeToString(sha.Sum(nil)),
		CRC64:     crc64.Format(builder.CRC64()),
		blocks:    blocks,
		blockSize: blockSize,
		chunks:    builder.Table(),
	}, nil
}

// read reads the file into free buffers, passes them to filled, and computes chunks and
// blocks while the bytes are in the cache of the CPU.
func (f *File) read(ctx context.Context, builder *chunks.Builder, blocks []uint64, blockSize int64, free <-chan []byte, filled chan<- []byte) error {
	size := f.identity.Size
	section := f.Section(0, size)
	before := builder.CRC64() // of the blocks before the current one
	for off := int64(0); off < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		buf := <-free // does not wait long: the hashing goroutine always returns buffers
		buf = buf[:min(int64(cap(buf)), size-off)]
		n, err := io.ReadFull(section, buf)
		if err != nil {
			err = shortOr(err, off+int64(n))
			if errors.Is(err, ErrChanged) && f.generated() {
				err = errGenerated
			}
			return err
		}
		builder.Write(buf)
		i := off / blockSize
		off += int64(n)
		if off%blockSize == 0 || off == size {
			blocks[i] = crc64.Last(before, builder.CRC64(), off-i*blockSize)
			before = builder.CRC64()
		}
		filled <- buf // never waits: filled has room for all buffers
	}
	if n, _ := f.ReadAt(make([]byte, 1), size); n > 0 && f.generated() {
		return errGenerated
	}
	return nil
}

// generated reports whether a file that does not end at its size still has that size.
// Otherwise, another process is writing it.
func (f *File) generated() bool {
	if f.file == nil {
		return false
	}
	now, err := identityOf(f.file)
	return err == nil && now.Size == f.identity.Size
}

// errGenerated is the error for a file that is generated when it is read, such as one
// in /proc.
var errGenerated = fmt.Errorf("%w: the system generates its content when it is read", ErrNotRegular)

// combine returns the CRC-64 of a file of that size, from the checksums of its blocks.
func combine(blocks []uint64, blockSize, size int64) (crc uint64) {
	for i, block := range blocks {
		crc = crc64.Combine(crc, block, min(blockSize, size-int64(i)*blockSize))
	}
	return crc
}

// shortOr returns [ErrChanged] for an unexpected end of file at that offset.
func shortOr(err error, off int64) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends at byte %d", ErrChanged, off)
	}
	return err
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }
