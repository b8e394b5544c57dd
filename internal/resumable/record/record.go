// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package record frames one JSON value as one line of text with a checksum,
// so that a file of lines can be read by a person, appended to without being
// rewritten, and cut anywhere by a crash without being misread.
//
// A line is
//
//	<CRC-32C of the JSON, 8 hex digits> <JSON>\n
//
// JSON never contains a raw line feed, so a line ends where it seems to end.
package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrDamaged reports a line whose frame or checksum is wrong. A line that a
// crash has cut short is one of them.
var ErrDamaged = errors.New("damaged record")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const frameLen = 9 // 8 hex digits and a space

// Append appends v as one line to b.
func Append(b []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return b, err
	}
	b = append(b, frame(text)...)
	b = append(b, text...)
	return append(b, '\n'), nil
}

// Next reads the first line of b into v and returns what follows it. At a
// line that is not whole it returns b and [ErrDamaged], and v is untouched.
func Next(b []byte, v any) (rest []byte, err error) {
	end := bytes.IndexByte(b, '\n')
	if end < frameLen {
		return b, ErrDamaged
	}
	text := b[frameLen:end]
	if string(b[:frameLen]) != frame(text) {
		return b, ErrDamaged
	}
	if err := json.Unmarshal(text, v); err != nil {
		return b, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return b[end+1:], nil
}

func frame(text []byte) string {
	return fmt.Sprintf("%08x ", crc32.Checksum(text, castagnoli))
}
