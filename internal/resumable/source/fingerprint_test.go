// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
)

func TestBlockSize(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	for size, want := range map[int64]int64{
		0:             mib,
		1:             mib,
		32*gib - 1:    mib,
		32 * gib:      mib,
		32*gib + 1:    2 * mib,
		64 * gib:      2 * mib,
		64*gib + 1:    4 * mib,
		50_000 * gib:  2 * gib,
		math.MaxInt64: 1 << 48,
	} {
		got := BlockSize(size)
		if got != want {
			t.Errorf("BlockSize(%d) = %d, want %d", size, got, want)
		}
		if got%bufferSize != 0 {
			t.Errorf("BlockSize(%d) = %d: a buffer would lie across two blocks", size, got)
		}
	}
}

func TestFingerprintAtEachBoundary(t *testing.T) {
	sizes := []int{0, 1}
	for _, boundary := range []int{bufferSize, maxBuffers * bufferSize, minBlockSize, 3 * minBlockSize} {
		sizes = append(sizes, boundary-1, boundary, boundary+1)
	}
	for _, size := range sizes {
		path, data := write(t, size)
		checkFingerprint(t, fingerprint(t, path, ""), data)
	}
}

func TestFingerprintOfAnEmptyFile(t *testing.T) {
	path, _ := write(t, 0)
	fp := fingerprint(t, path, "")
	const sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if fp.Size != 0 || fp.SHA256 != sha || fp.CRC64 != "0" {
		t.Errorf("got %+v", fp)
	}
	if crc, err := fp.PartCRC64(t.Context(), noReader{}, 0, 0); err != nil || crc != 0 {
		t.Errorf("PartCRC64: %d, %v", crc, err)
	}
}

func TestFingerprintConcurrently(t *testing.T) {
	ageFiles(t)
	path, data := write(t, 2*minBlockSize+1)
	f := open(t, path)
	cacheDir := t.TempDir()
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			fp, err := f.Fingerprint(t.Context(), cacheDir)
			if err != nil {
				t.Error(err)
				return
			}
			checkFingerprint(t, fp, data)
		})
	}
	callers.Wait()
}

func TestFingerprintOfAFileThatChanges(t *testing.T) {
	for name, change := range map[string]func(tb testing.TB, path string){
		"touched":     touch,
		"extended":    extend,
		"shortened":   shorten,
		"overwritten": overwrite,
		"replaced":    replace,
		"removed":     remove,
	} {
		t.Run(name+" before it is read", func(t *testing.T) {
			path, _ := write(t, minBlockSize)
			f := open(t, path)
			change(t, path)
			checkChanged(t, f)
		})
		t.Run(name+" while it is read", func(t *testing.T) {
			path, _ := write(t, minBlockSize)
			onHashed(t, func(path string) { change(t, path) })
			checkChanged(t, open(t, path))
		})
	}
	t.Log("FAULT F40: changed while it is hashed: error")
}

// checkChanged wants no fingerprint of f, and none in the cache.
func checkChanged(tb testing.TB, f *File) {
	tb.Helper()
	ageFiles(tb)
	cacheDir := tb.TempDir()
	_, err := f.Fingerprint(tb.Context(), cacheDir)
	if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), f.Path()) {
		tb.Errorf("got %v, want ErrChanged that names the file", err)
	}
	if files := entries(tb, cacheDir); len(files) > 0 {
		tb.Errorf("cached all the same: %v", files)
	}
}

func TestFingerprintStopsWithinABuffer(t *testing.T) {
	ageFiles(t)
	path, _ := write(t, 20*bufferSize)
	f := open(t, path)
	cacheDir := t.TempDir()
	for _, buffers := range []int{0, 1, maxBuffers + 3} {
		ctx := &cancelledAfter{Context: t.Context(), checks: buffers}
		_, err := f.Fingerprint(ctx, cacheDir)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), path) {
			t.Errorf("after %d buffers: %v", buffers, err)
		}
		if ctx.checks != -1 {
			t.Errorf("asked %d times more after the end", -1-ctx.checks)
		}
	}
	if files := entries(t, cacheDir); len(files) > 0 {
		t.Errorf("cached all the same: %v", files)
	}
}

func TestFingerprintWaitsForItsTurn(t *testing.T) {
	before := hashing
	t.Cleanup(func() { hashing = before })
	synctest.Test(t, func(t *testing.T) {
		hashing = make(chan struct{}, 1)
		hashing <- struct{}{} // another file is being hashed
		content := FromBytes("content", []byte("content"))

		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		for _, ctx := range []context.Context{ctx, t.Context()} {
			go func() {
				_, err := content.Fingerprint(ctx, "")
				ended <- err
			}()
		}
		synctest.Wait()
		if len(ended) > 0 {
			t.Fatalf("did not wait: %v", <-ended)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		<-hashing // the other file is done
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if len(hashing) > 0 {
			t.Error("kept its turn")
		}
	})
}

func TestPartCRC64OfEveryRange(t *testing.T) {
	_, data := write(t, 35)
	for _, blockSize := range []int64{1, 7, 10, 34, 35, 36} {
		fp := Fingerprint{Size: int64(len(data)), blockSize: blockSize}
		for rest := data; len(rest) > 0; rest = rest[min(blockSize, int64(len(rest))):] {
			fp.blocks = append(fp.blocks, crc64.Update(0, rest[:min(blockSize, int64(len(rest)))]))
		}
		for off := range len(data) + 1 {
			for n := range len(data) - off + 1 {
				checkPart(t, fp, data, int64(off), int64(n))
			}
		}
	}
}

func TestPartCRC64OfRandomRanges(t *testing.T) {
	path, data := write(t, 3*minBlockSize+12345)
	fp := fingerprint(t, path, "")
	for range 50 {
		off := rand.Int64N(fp.Size + 1)
		checkPart(t, fp, data, off, rand.Int64N(fp.Size-off+1))
	}
}

func TestPartCRC64OfWholeBlocksReadsNothing(t *testing.T) {
	path, data := write(t, 3*minBlockSize+12345)
	fp := fingerprint(t, path, "")
	for _, part := range []struct{ off, n int64 }{
		{0, minBlockSize},
		{minBlockSize, 2 * minBlockSize},
		{3 * minBlockSize, 12345},
		{0, fp.Size},
		{5, 0},
		{fp.Size, 0},
	} {
		crc, err := fp.PartCRC64(t.Context(), noReader{}, part.off, part.n)
		if want := crc64.Update(0, data[part.off:part.off+part.n]); err != nil || crc != want {
			t.Errorf("%+v: %d, %v, want %d", part, crc, err, want)
		}
	}
}

func TestPartCRC64Refuses(t *testing.T) {
	path, data := write(t, 1000)
	fp := fingerprint(t, path, "")
	for _, part := range []struct{ off, n int64 }{
		{-1, 1}, {0, -1}, {0, 1001}, {1000, 1}, {1001, 0}, {1, math.MaxInt64}, {math.MaxInt64, math.MaxInt64},
	} {
		if crc, err := fp.PartCRC64(t.Context(), bytes.NewReader(data), part.off, part.n); err == nil {
			t.Errorf("%+v: %d, want an error", part, crc)
		}
	}
	if crc, err := (Fingerprint{Size: 1000}).PartCRC64(t.Context(), bytes.NewReader(data), 0, 1000); err == nil {
		t.Errorf("without blocks: %d, want an error", crc)
	}
	if _, err := fp.PartCRC64(t.Context(), noReader{}, 1, 2); !errors.Is(err, errNoReader) {
		t.Errorf("unreadable: %v", err)
	}
	_, err := fp.PartCRC64(t.Context(), bytes.NewReader(data[:500]), 400, 200)
	if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), "ends at byte 500") {
		t.Errorf("shorter than its fingerprint: %v", err)
	}
}

// A disk that takes its time is not read on when the run was stopped.
func TestPartCRC64StopsWhenCancelled(t *testing.T) {
	const size = 8 * minBlockSize
	blocks := make([]uint64, 4)
	fp := Fingerprint{Size: size, blocks: blocks, blockSize: 2 * minBlockSize}
	sums := map[string]func(ctx context.Context, disk *slowDisk) error{
		"CRC-64": func(ctx context.Context, disk *slowDisk) error {
			_, err := fp.PartCRC64(ctx, disk, 1, size-2) // pieces of two blocks
			return err
		},
		"MD5": func(ctx context.Context, disk *slowDisk) error {
			file := &File{reader: disk, identity: Identity{Size: size}}
			return file.Sum(ctx, md5.New(), 1, size-2)
		},
	}
	for name, sum := range sums {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				disk := &slowDisk{bytesPerSecond: 256 << 10, reading: make(chan struct{}, 1)}
				ended := make(chan error, 1)
				go func() { ended <- sum(ctx, disk) }()
				<-disk.reading
				began := time.Now()
				cancel()
				err := <-ended
				if took := time.Since(began); !errors.Is(err, context.Canceled) || took > time.Second {
					t.Errorf("stopped after %v: %v", took, err)
				}
				if disk.read > 2*minBlockSize {
					t.Errorf("read %d bytes", disk.read)
				}
			})
		})
	}

	// What needs no reading does not ask.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fp.PartCRC64(ctx, noReader{}, 0, size); err != nil {
		t.Error(err)
	}
}

func TestSum(t *testing.T) {
	path, data := write(t, 3*minBlockSize+12345)
	f := open(t, path)
	for _, part := range []struct{ off, n int64 }{{0, f.Size()}, {1, 100_000}, {minBlockSize, minBlockSize}, {f.Size(), 0}} {
		h := sha256.New()
		want := sha256.Sum256(data[part.off : part.off+part.n])
		if err := f.Sum(t.Context(), h, part.off, part.n); err != nil || !bytes.Equal(h.Sum(nil), want[:]) {
			t.Errorf("%+v: %x, %v, want %x", part, h.Sum(nil), err, want)
		}
	}
	if err := f.Sum(t.Context(), sha256.New(), f.Size()-1, 2); !errors.Is(err, ErrChanged) {
		t.Errorf("past the end: %v", err)
	}
}

func BenchmarkFingerprint(b *testing.B) {
	ageFiles(b)
	path, data := write(b, 64*minBlockSize)
	for name, cacheDir := range map[string]string{"hash": "", "cache": b.TempDir()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			fingerprint(b, path, cacheDir)
			for b.Loop() {
				fingerprint(b, path, cacheDir)
			}
		})
	}
}

// checkFingerprint compares fp with what the bytes say themselves.
func checkFingerprint(tb testing.TB, fp Fingerprint, data []byte) {
	tb.Helper()
	sha := sha256.Sum256(data)
	if fp.Size != int64(len(data)) || fp.SHA256 != hex.EncodeToString(sha[:]) || fp.CRC64 != crc64.Format(crc64.Update(0, data)) {
		tb.Errorf("%d bytes: fingerprint of others: %d bytes, SHA-256 %s, CRC-64 %s", len(data), fp.Size, fp.SHA256, fp.CRC64)
	}
	blocks := (len(data) + minBlockSize - 1) / minBlockSize
	if len(fp.blocks) != blocks {
		tb.Fatalf("%d bytes: %d blocks, want %d", len(data), len(fp.blocks), blocks)
	}
	for i, crc := range fp.blocks {
		block := data[i*minBlockSize : min((i+1)*minBlockSize, len(data))]
		if want := crc64.Update(0, block); crc != want {
			tb.Errorf("%d bytes: block %d has CRC-64 %d, want %d", len(data), i, crc, want)
		}
	}
}

func checkPart(tb testing.TB, fp Fingerprint, data []byte, off, n int64) {
	tb.Helper()
	crc, err := fp.PartCRC64(tb.Context(), bytes.NewReader(data), off, n)
	if want := crc64.Update(0, data[off:off+n]); err != nil || crc != want {
		tb.Fatalf("%d bytes from %d, blocks of %d: %d, %v, want %d", n, off, fp.blockSize, crc, err, want)
	}
}

// cancelledAfter is a context that is done after so many looks at it.
type cancelledAfter struct {
	context.Context
	checks int
}

func (c *cancelledAfter) Err() error {
	c.checks--
	if c.checks < 0 {
		return context.Canceled
	}
	return nil
}

// slowDisk has zeros and takes its time to read them.
type slowDisk struct {
	bytesPerSecond int
	reading        chan struct{} // told about each read, if there is room
	read           int
}

func (d *slowDisk) ReadAt(p []byte, _ int64) (int, error) {
	select {
	case d.reading <- struct{}{}:
	default:
	}
	time.Sleep(time.Second * time.Duration(len(p)) / time.Duration(d.bytesPerSecond))
	d.read += len(p)
	clear(p)
	return len(p), nil
}

var errNoReader = errors.New("read what the fingerprint knows")

type noReader struct{}

var _ io.ReaderAt = noReader{}

func (noReader) ReadAt([]byte, int64) (int, error) { return 0, errNoReader }
