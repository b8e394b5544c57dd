// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"context"
	"fmt"
	"hash"
	"io"
	"sync"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
)

// Fingerprint says which bytes a file holds. Only one that [File.Fingerprint]
// returned can answer [Fingerprint.PartCRC64].
type Fingerprint struct {
	Size   int64
	SHA256 string // lower-case hex
	CRC64  string // decimal, as OSS reports it

	blocks    []uint64 // CRC-64 of each block
	blockSize int64    // of each but the last
}

const (
	minBlockSize = 1 << 20
	maxBlocks    = 1 << 15 // 256 KiB of checksums
)

// BlockSize is the size of a fingerprint's blocks, the last excepted: 1 MiB,
// doubled as long as a file of size bytes would have more than 32,768 of them.
// Parts of a multiple of it have their checksums without the file being read.
func BlockSize(size int64) int64 {
	blockSize := int64(minBlockSize)
	for (size-1)/blockSize >= maxBlocks {
		blockSize *= 2
	}
	return blockSize
}

// Fingerprint tells which bytes the file held when it was opened: from the
// cache in cacheDir when it can be trusted, by reading the file otherwise.
// An empty cacheDir is no cache, and trouble with the cache is no error. A
// file that changes while it is read is [ErrChanged].
//
// Reading stops soon after ctx is done, unless the file system itself hangs.
func (f *File) Fingerprint(ctx context.Context, cacheDir string) (Fingerprint, error) {
	fp, _, err := f.FingerprintCached(ctx, cacheDir)
	return fp, err
}

// FingerprintCached is [File.Fingerprint] that also tells why the file was read
// and will be read again: uncached is what keeps the cache from being used. It
// is nil when there is no cacheDir, and when the file is too small for the cache.
func (f *File) FingerprintCached(ctx context.Context, cacheDir string) (fp Fingerprint, uncached, err error) {
	if f.file == nil {
		cacheDir = ""
	}
	entry := cacheEntryOf(cacheDir, f.identity)
	if fp, ok := entry.load(); ok {
		return fp, nil, nil
	}
	started := now()
	fp, err = f.hash(ctx)
	if err != nil {
		return Fingerprint{}, nil, fmt.Errorf("hash %s: %w", f.path, err)
	}
	testHookHashed(f.path)
	if err := f.CheckUnchanged(); err != nil {
		return Fingerprint{}, nil, err
	}
	return fp, entry.store(fp, started), nil
}

var testHookHashed = func(string) {} // Overridden by tests.

// PartCRC64 is the CRC-64 of n bytes from off. Whole blocks have theirs in the
// fingerprint; what lies in a part of a block is read from r, as r holds it
// now. So when all parts of a file are combined and yield fp.CRC64, none of
// them was made of other bytes. Reading stops soon after ctx is done.
func (fp Fingerprint) PartCRC64(ctx context.Context, r io.ReaderAt, off, n int64) (uint64, error) {
	if off < 0 || n < 0 || off > fp.Size || n > fp.Size-off {
		return 0, fmt.Errorf("range of %d bytes at offset %d is outside a file of %d bytes", n, off, fp.Size)
	}
	if n > 0 && len(fp.blocks) == 0 {
		return 0, fmt.Errorf("the fingerprint of a file of %d bytes has no block checksums", fp.Size)
	}
	var crc uint64
	for end := off + n; off < end; {
		i := off / fp.blockSize
		start := i * fp.blockSize
		stop := min(start+fp.blockSize, fp.Size)
		if off == start && end >= stop {
			crc = crc64.Combine(crc, fp.blocks[i], stop-start)
		} else {
			stop = min(stop, end)
			err := readRange(ctx, r, off, stop-off, func(b []byte) { crc = crc64.Update(crc, b) })
			if err != nil {
				return 0, err
			}
		}
		off = stop
	}
	return crc, nil
}

// Sum gives n bytes from off to h, as the file holds them now. Reading stops
// soon after ctx is done.
func (f *File) Sum(ctx context.Context, h hash.Hash, off, n int64) error {
	return readRange(ctx, f.reader, off, n, func(b []byte) { _, _ = h.Write(b) }) // a hash.Hash never fails
}

// partBuffers are shared by all parts: one each would be most of what small
// parts leave to the garbage collector.
var partBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// readRange reads n bytes from off in pieces so small that a slow disk has read
// one in less than a second, and looks at ctx before each.
func readRange(ctx context.Context, r io.ReaderAt, off, n int64, use func([]byte)) error {
	section := io.NewSectionReader(r, off, n)
	shared := partBuffers.Get().(*[32 << 10]byte)
	defer partBuffers.Put(shared)
	buf := shared[:]
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		got, err := io.ReadFull(section, buf[:min(n, int64(len(buf)))])
		if err != nil {
			return shortOr(err, off+int64(got))
		}
		use(buf[:got])
		off += int64(got)
		n -= int64(got)
	}
	return nil
}
