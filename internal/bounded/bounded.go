// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package bounded reads data from other programs and hosts, up to a limit.
package bounded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrTooLarge reports data that exceeds the limit.
var ErrTooLarge = errors.New("too large")

func tooLarge(limit int64) error { return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit) }

// ReadAll reads r to its end. If it has more than limit bytes, the error is
// [ErrTooLarge]; ReadAll has then read limit+1 bytes.
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

// ReadFile reads a file of at most limit bytes. The error of a larger one is
// [ErrTooLarge]. The limit also applies to devices and pipes, whose size is unknown.
func ReadFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return ReadAll(f, limit)
}

// Buffer stores written data, up to a limit. A Write that exceeds the limit calls
// Exceeded and returns [ErrTooLarge].
type Buffer struct {
	Limit    int64
	Exceeded func() // may be nil

	kept bytes.Buffer
	full bool
}

// Full reports whether a Write exceeded the limit.
func (b *Buffer) Full() bool { return b.full }

// Bytes returns the stored data.
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
