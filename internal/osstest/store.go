// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
)

// store keeps bodies as files in one directory. It copies bodies through small
// buffers, so memory use does not depend on their size.
type store struct {
	dir     string
	discard bool
	crc64   func(crc uint64, p []byte) uint64 // if nil, hash/crc64 and MD5 are used
}

// blob is the body of one request: a part, an object or an append. It is
// immutable and may be shared by several objects. The last release removes the
// file.
type blob struct {
	path  string // empty if bodies are discarded
	size  int64
	md5   [md5.Size]byte
	crc64 uint64
	refs  atomic.Int32
}

// etag returns the MD5 in upper-case hex, without quotes. Source: API page
// PutObject.
func (b *blob) etag() string       { return strings.ToUpper(hex.EncodeToString(b.md5[:])) }
func (b *blob) contentMD5() string { return base64.StdEncoding.EncodeToString(b.md5[:]) }

func (b *blob) retain() { b.refs.Add(1) }
func (b *blob) release() {
	if b.refs.Add(-1) == 0 && b.path != "" {
		_ = os.Remove(b.path)
	}
}

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

// receive stores everything that r returns as a blob with one reference. It
// leaves no file behind on error.
func (st *store) receive(r io.Reader) (*blob, error) {
	sink := io.Discard
	b := new(blob)
	b.refs.Store(1)
	var file *os.File
	if !st.discard {
		var err error
		if file, err = os.CreateTemp(st.dir, "blob-*"); err != nil {
			return nil, err
		}
		b.path, sink = file.Name(), file
	}
	hashes := st.newHashes()
	buffer := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buffer)
	// The struct hides ReaderFrom and WriterTo, which would bypass the buffer.
	size, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(hashes, sink)}, struct{ io.Reader }{r}, *buffer)
	if file != nil {
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		b.release()
		return nil, err
	}
	b.size = size
	b.crc64, b.md5 = hashes.sums()
	return b, nil
}

// hashes computes the checksums of a body.
type hashes interface {
	io.Writer
	sums() (crc uint64, sum [md5.Size]byte)
}

func (st *store) newHashes() hashes {
	if st.crc64 != nil {
		return &crcOnly{update: st.crc64}
	}
	return &md5AndCRC{md5: md5.New()}
}

type md5AndCRC struct {
	md5 hash.Hash
	crc uint64
}

func (h *md5AndCRC) Write(p []byte) (int, error) {
	h.crc = updateCRC64(h.crc, p)
	return h.md5.Write(p)
}

func (h *md5AndCRC) sums() (crc uint64, sum [md5.Size]byte) {
	h.md5.Sum(sum[:0])
	return h.crc, sum
}

type crcOnly struct {
	crc    uint64
	update func(crc uint64, p []byte) uint64
}

func (h *crcOnly) Write(p []byte) (int, error) {
	h.crc = h.update(h.crc, p)
	return len(p), nil
}

func (h *crcOnly) sums() (crc uint64, sum [md5.Size]byte) {
	binary.BigEndian.PutUint64(sum[:], h.crc)
	return h.crc, sum
}

// content is the blobs of an object, in order.
type content []*blob

func (c content) size() (n int64) {
	for _, b := range c {
		n += b.size
	}
	return n
}

func (c content) crc64() (sum uint64) {
	for _, b := range c {
		sum = combineCRC64(sum, b.crc64, b.size)
	}
	return sum
}

func (c content) retain() content {
	for _, b := range c {
		b.retain()
	}
	return c
}

func (c content) release() {
	for _, b := range c {
		b.release()
	}
}

// cut returns n bytes of c from offset on as a blob. If the range is exactly
// one of c's blobs, it returns that blob without reading it.
func (st *store) cut(c content, offset, n int64) (*blob, error) {
	at := int64(0)
	for _, b := range c {
		if at == offset && b.size == n {
			b.retain()
			return b, nil
		}
		at += b.size
	}
	body := c.open(offset, n)
	defer body.Close()
	return st.receive(body)
}

// open returns a reader of n bytes from offset on. The reader retains the blobs
// until it is closed, so an object can be read to its end even if it is deleted
// in the meantime.
func (c content) open(offset, n int64) io.ReadCloser {
	return &contentReader{rest: c.retain(), held: c, skip: offset, left: n}
}

var errDiscarded = errors.New("osstest: bodies are discarded and cannot be read")

type contentReader struct {
	rest content // not yet opened
	held content
	file *os.File // the blob being read
	skip int64    // bytes to skip
	left int64
}

func (r *contentReader) Read(p []byte) (int, error) {
	for {
		if r.left == 0 {
			return 0, io.EOF
		}
		if r.file == nil {
			if err := r.next(); err != nil {
				return 0, err
			}
		}
		n, err := r.file.Read(p[:min(int64(len(p)), r.left)])
		r.left -= int64(n)
		if errors.Is(err, io.EOF) {
			err = r.file.Close()
			r.file = nil
			if n == 0 && err == nil {
				continue
			}
		}
		return n, err
	}
}

// next opens the blob that contains the next byte to return.
func (r *contentReader) next() error {
	for len(r.rest) > 0 && r.skip >= r.rest[0].size {
		r.skip -= r.rest[0].size
		r.rest = r.rest[1:]
	}
	if len(r.rest) == 0 {
		return io.ErrUnexpectedEOF
	}
	if r.rest[0].path == "" {
		return errDiscarded
	}
	file, err := os.Open(r.rest[0].path)
	if err != nil {
		return err
	}
	r.rest = r.rest[1:]
	r.file = file
	_, err = file.Seek(r.skip, io.SeekStart)
	r.skip = 0
	return err
}

func (r *contentReader) Close() error {
	held := r.held
	r.held, r.rest, r.left = nil, nil, 0
	held.release()
	if r.file == nil {
		return nil
	}
	file := r.file
	r.file = nil
	return file.Close()
}
