// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"context"
	"fmt"
	"hash"
	"io"
	"sync"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/chunks"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
)

// Fingerprint identifies the bytes of a file. [Fingerprint.PartCRC64] works only for
// one that [File.Fingerprint] returned.
type Fingerprint struct {
	Size   int64
	SHA256 string // lower-case hex
	CRC64  string // decimal, as OSS reports it

	blocks    []uint64 // CRC-64 of each block
	blockSize int64    // of each but the last

	chunks chunks.Table // empty for a small file
}

// Chunks returns the chunks of the file; none for a small file.
func (fp Fingerprint) Chunks() chunks.Table { return fp.chunks }

// ChunkTable returns the encoded table of the chunks of the file, in at most 32 KiB and
// at most one byte for 16 KiB of the file. It is nil for a small file. See package
// chunks.
func (fp Fingerprint) ChunkTable() []byte { return fp.chunks.Encode() }

// hasChunks is false for a large file whose fingerprint an earlier version computed.
func (fp Fingerprint) hasChunks() bool {
	return len(fp.chunks.Chunks()) > 0 || !chunks.Describes(fp.Size)
}

const (
	minBlockSize = 1 << 20
	maxBlocks    = 1 << 15 // 256 KiB of checksums
)

// BlockSize returns the size of the blocks of a fingerprint, except for the last: 1 MiB,
// doubled until a file of size bytes has at most 32,768 blocks. The checksum of a part
// that consists of whole blocks is known without reading the file.
func BlockSize(size int64) int64 {
	blockSize := int64(minBlockSize)
	for (size-1)/blockSize >= maxBlocks {
		blockSize *= 2
	}
	return blockSize
}

// Fingerprint returns the fingerprint of the file when it was opened, from the cache in
// cacheDir if it can be trusted, or else by reading the file. With an empty cacheDir,
// there is no cache. A failure of the cache is not an error. If the file changes while
// it is read, Fingerprint fails with [ErrChanged].
//
// Reading stops soon after ctx is done, unless the file system hangs.
func (f *File) Fingerprint(ctx context.Context, cacheDir string) (Fingerprint, error) {
	fp, _, err := f.FingerprintCached(ctx, cacheDir)
	return fp, err
}

// FingerprintCached is like [File.Fingerprint], and also returns in uncached why the
// cache cannot be used, so that every call reads the file. uncached is nil without a
// cacheDir, and for a file that is too small for the cache.
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

// Knows reports whether [Fingerprint.PartCRC64] of this range reads nothing.
func (fp Fingerprint) Knows(off, n int64) bool {
	_, ok := fp.chunks.CRC64(off, n)
	return ok || off%fp.blockSize == 0 && (n%fp.blockSize == 0 || off+n == fp.Size)
}

// PartCRC64 returns the CRC-64 of n bytes at off. The checksums of whole blocks and of
// whole chunks are in the fingerprint; other bytes are read from r, as they are now. So
// if the combined checksum of all parts is fp.CRC64, r has the bytes of the fingerprint.
// Reading stops soon after ctx is done.
func (fp Fingerprint) PartCRC64(ctx context.Context, r io.ReaderAt, off, n int64) (uint64, error) {
	if off < 0 || n < 0 || off > fp.Size || n > fp.Size-off {
		return 0, fmt.Errorf("range of %d bytes at offset %d is outside a file of %d bytes", n, off, fp.Size)
	}
	if n > 0 && len(fp.blocks) == 0 {
		return 0, fmt.Errorf("the fingerprint of a file of %d bytes has no block checksums", fp.Size)
	}
	if crc, ok := fp.chunks.CRC64(off, n); ok {
		return crc, nil
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

// Sum writes the current n bytes at off to h. Reading stops soon after ctx is done.
func (f *File) Sum(ctx context.Context, h hash.Hash, off, n int64) error {
	return readRange(ctx, f.reader, off, n, func(b []byte) { _, _ = h.Write(b) }) // a hash.Hash never fails
}

// partBuffers are shared by all parts. Separate buffers would be most of the garbage
// that small parts create.
var partBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// readRange reads n bytes at off, in pieces that a slow disk reads in less than a
// second. It checks ctx before each piece.
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
