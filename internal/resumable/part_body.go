// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"io"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// partBody is a part on its way to OSS, and the CRC-64 that OSS must find.
//
// The fingerprint knows that of a part of whole blocks. A part that is smaller
// than a block is summed as it leaves: reading it for that alone would be a
// tenth of what such a part costs. That its bytes are the planned ones shows when
// all parts are joined, as it would if they had been read before.
type partBody struct {
	*io.SectionReader
	summed bool
	crc    uint64 // of what was read, if summed
}

func (r *run) partBody(part partplan.Part) *partBody {
	return &partBody{
		SectionReader: r.src.Section(part.Offset, part.Size),
		summed:        part.Size < source.BlockSize(r.fingerprint.Size),
	}
}

func (b *partBody) Read(p []byte) (int, error) {
	n, err := b.SectionReader.Read(p)
	if b.summed {
		b.crc = crc64.Update(b.crc, p[:n])
	}
	return n, err
}

// Seek begins anew: whoever sends the body again sends it from its start.
func (b *partBody) Seek(offset int64, whence int) (int64, error) {
	b.crc = 0
	return b.SectionReader.Seek(offset, whence)
}

// wantCRC64 is what the part has, after it was sent.
func (r *run) wantCRC64(ctx context.Context, part partplan.Part, sent *partBody) (string, error) {
	if sent.summed {
		return crc64.Format(sent.crc), nil
	}
	return r.partCRC64(ctx, part)
}
