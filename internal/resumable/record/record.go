// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package record encodes a JSON value as one line of text with a checksum. People can
// read a file of such lines, programs can append to it, and a line that a crash has
// cut is detected.
//
// A line is
//
//	<CRC-32C of the JSON, 8 hex digits> <JSON>\n
//
// JSON never contains a raw line feed, so the first line feed ends the line.
package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrDamaged reports a line with a wrong frame or checksum, such as an incomplete
// one.
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

// Next decodes the first line of b into v and returns the rest of b. If the line is
// damaged, it returns b and [ErrDamaged], and does not change v.
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
