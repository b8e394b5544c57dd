// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package bounded reads what other programs and hosts have written, and never
// more of it than its caller allows.
package bounded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrTooLarge reports more bytes than the limit.
var ErrTooLarge = errors.New("too large")

func tooLarge(limit int64) error { return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit) }

// ReadAll reads r to its end. With more than limit bytes it returns
// [ErrTooLarge], and has read one byte more than the limit.
func ReadAll(r io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, tooLarge(limit)
	}
	return text, nil
}

// ReadFile reads a file of at most limit bytes; a larger one is [ErrTooLarge].
// The size is that of what is read, so a device without an end is one, too.
func ReadFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return ReadAll(f, limit)
}

// Buffer keeps what is written to it, up to a limit. What exceeds the limit
// fails with [ErrTooLarge], and calls Exceeded.
type Buffer struct {
	Limit    int64
	Exceeded func() // nil: nothing is called

	kept bytes.Buffer
	full bool
}

// Full reports whether more than Limit bytes were written.
func (b *Buffer) Full() bool { return b.full }

// Bytes is what has been kept.
func (b *Buffer) Bytes() []byte { return b.kept.Bytes() }

func (b *Buffer) Write(p []byte) (int, error) {
	if int64(b.kept.Len()+len(p)) > b.Limit {
		b.full = true
		if b.Exceeded != nil {
			b.Exceeded()
		}
		return 0, tooLarge(b.Limit)
	}
	return b.kept.Write(p)
}
