// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/chunks"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/record"
)

const cacheVersion = 1

// cacheRecord is the only line in the file of an entry.
type cacheRecord struct {
	Version      int    `json:"version"`
	Device       uint64 `json:"device"`
	Inode        uint64 `json:"inode"`
	Size         int64  `json:"size"`
	ModTimeNS    int64  `json:"mtime_ns"`
	ChangeTimeNS int64  `json:"ctime_ns"`
	HashedNS     int64  `json:"hashed_ns"` // when hashing began
	SHA256       string `json:"sha256"`
	CRC64        string `json:"crc64"`
	BlockSize    int64  `json:"block_size"`
	Blocks       []byte `json:"blocks"` // CRC-64 of each, 8 bytes, big-endian; base64 in the file

	// Absent in entries of versions before these fields, and for a small file.
	Chunks      []byte `json:"chunks,omitempty"`       // see package chunks
	ChunkBlocks []byte `json:"chunk_blocks,omitempty"` // CRC-64 of each chunk, like Blocks
}

var errCacheEntry = errors.New("not an entry of the fingerprint cache")

func encode(id Identity, fp Fingerprint, started time.Time) ([]byte, error) {
	return record.Append(nil, cacheRecord{
		Version:      cacheVersion,
		Device:       id.Device,
		Inode:        id.Inode,
		Size:         id.Size,
		ModTimeNS:    id.ModTimeNS,
		ChangeTimeNS: id.ChangeTimeNS,
		HashedNS:     started.UnixNano(),
		SHA256:       fp.SHA256,
		CRC64:        fp.CRC64,
		BlockSize:    fp.blockSize,
		Blocks:       packed(fp.blocks),
		Chunks:       fp.chunks.Encode(),
		ChunkBlocks:  packed(fp.chunks.CRC64s()),
	})
}

// packed returns the checksums as bytes.
func packed(crcs []uint64) (b []byte) {
	for _, crc := range crcs {
		b = binary.BigEndian.AppendUint64(b, crc)
	}
	return b
}

// unpacked is the inverse of packed. It ignores a rest of less than 8 bytes.
func unpacked(b []byte) []uint64 {
	crcs := make([]uint64, 0, len(b)/8)
	for ; len(b) >= 8; b = b[8:] {
		crcs = append(crcs, binary.BigEndian.Uint64(b))
	}
	return crcs
}

// decode accepts only what [encode] writes: the number of blocks must match the size,
// and their checksums must combine to that of the file. The same applies to chunks, if the
// entry has any.
func decode(data []byte) (id Identity, fp Fingerprint, started time.Time, err error) {
	var r cacheRecord
	rest, err := record.Next(data, &r)
	if err != nil {
		return id, fp, started, err
	}
	sha, err := hex.DecodeString(r.SHA256)
	sound := err == nil && len(rest) == 0 && r.Version == cacheVersion && r.Size >= 0 && len(sha) == 32 &&
		r.BlockSize == BlockSize(r.Size) && int64(len(r.Blocks)) == 8*ceilDiv(r.Size, r.BlockSize)
	if !sound {
		return id, fp, started, errCacheEntry
	}
	blocks := unpacked(r.Blocks)
	if crc64.Format(combine(blocks, r.BlockSize, r.Size)) != r.CRC64 {
		return id, fp, started, errCacheEntry
	}
	table, err := chunks.Decode(r.Chunks)
	if err == nil {
		table, err = table.WithCRC64s(unpacked(r.ChunkBlocks))
	}
	if size := table.Size(); err == nil && size > 0 {
		crc, _ := table.CRC64(0, size)
		sound = size == r.Size && crc64.Format(crc) == r.CRC64
	}
	if err != nil || !sound {
		return id, fp, started, errCacheEntry
	}

	id = Identity{Device: r.Device, Inode: r.Inode, Size: r.Size, ModTimeNS: r.ModTimeNS, ChangeTimeNS: r.ChangeTimeNS}
	fp = Fingerprint{Size: r.Size, SHA256: r.SHA256, CRC64: r.CRC64, blocks: blocks, blockSize: r.BlockSize, chunks: table}
	return id, fp, time.Unix(0, r.HashedNS), nil
}
