// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

var (
	// ErrChanged reports a file that is no longer the one that was opened.
	ErrChanged = errors.New("file has changed since it was opened")

	// ErrNotRegular reports a directory, a device, or another special file, such as
	// one in /proc.
	ErrNotRegular = errors.New("not a regular file")
)

// File is an open regular file, or bytes in memory. Its methods are safe for
// concurrent use.
type File struct {
	path     string
	reader   io.ReaderAt
	file     *os.File // nil: bytes in memory, which cannot change
	identity Identity // at Open
}

var _ io.ReaderAt = (*File)(nil)

// Open opens the regular file at path, after [Resolve], and follows symbolic links. It
// fails with [ErrNotRegular] for anything else.
func Open(path string) (*File, error) {
	path, err := Resolve(path)
	if err != nil {
		return nil, err
	}
	// Check before opening: a socket cannot be opened, and opening a device may
	// rewind a tape.
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nameOther(path, err)
	}
	if err != nil {
		return nil, err
	}
	if err := checkRegular(path, info); err != nil {
		return nil, err
	}
	file, err := openNonblock(path)
	if err != nil {
		return nil, err
	}
	f, err := newFile(path, file)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return f, nil
}

// newFile checks the open file again, because the path may name another file since.
func newFile(path string, file *os.File) (*File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if err := checkRegular(path, info); err != nil {
		return nil, err
	}
	if err := setBlocking(file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	identity, err := identityOf(file)
	if err != nil {
		return nil, err
	}
	return &File{path: path, reader: file, file: file, identity: identity}, nil
}

// FromBytes returns a File of content, which must not change. Errors use name as its
// path.
func FromBytes(name string, content []byte) *File {
	return &File{path: name, reader: bytes.NewReader(content), identity: Identity{Size: int64(len(content))}}
}

func checkRegular(path string, info fs.FileInfo) error {
	var kind string
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		kind = "a directory"
	case mode&fs.ModeNamedPipe != 0:
		kind = "a named pipe"
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	case mode&fs.ModeDevice != 0:
		kind = "a device"
	default:
		kind = "a special file"
	}
	return fmt.Errorf("%s is %s, %w", path, kind, ErrNotRegular)
}

// Path returns the resolved path of the file.
func (f *File) Path() string { return f.path }

// Size returns the size of the file when it was opened.
func (f *File) Size() int64 { return f.identity.Size }

// Identity returns the identity of the file when it was opened.
func (f *File) Identity() Identity { return f.identity }

// ReadAt reads the current bytes of the file.
func (f *File) ReadAt(p []byte, off int64) (int, error) { return f.reader.ReadAt(p, off) }

// Section returns a reader of n bytes at off. Each section has its own position.
func (f *File) Section(off, n int64) *io.SectionReader { return io.NewSectionReader(f.reader, off, n) }

// Close closes the file and its sections.
func (f *File) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// CheckUnchanged checks that the open file and the file at its path still have the
// identity of the file that was opened. If not, the error is [ErrChanged] and says
// what differs. A change of mode or links counts as well, because it cannot be
// distinguished from an edit that restored the modification time.
func (f *File) CheckUnchanged() error {
	if f.file == nil {
		return nil
	}
	// The path first, because its error is more specific: removing the name also
	// changes the open file.
	named, err := identityAt(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w: it was moved or removed: %w", f.path, ErrChanged, err)
	}
	if err != nil {
		return err
	}
	open, err := identityOf(f.file)
	if err != nil {
		return err
	}
	for _, id := range []Identity{named, open} {
		if id != f.identity {
			return fmt.Errorf("%s: %w: %s", f.path, ErrChanged, id.differences(f.identity))
		}
	}
	return nil
}
