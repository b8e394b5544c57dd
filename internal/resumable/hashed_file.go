// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"crypto/md5" //nolint:gosec // OSS's ETag of a part is an MD5; it guards against accidents only
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// hashedFile is a file or content, with the fingerprint of its bytes.
type hashedFile struct {
	src         *source.File
	fingerprint Fingerprint
}

// reconcile returns the stored parts to keep: those that are in the plan and
// have the bytes of the file at that place. The other parts are made again under
// the same numbers.
func (f hashedFile) reconcile(ctx context.Context, p partPlan, stored []StoredPart) (map[int]StoredPart, error) {
	kept := map[int]StoredPart{}
	for _, s := range stored {
		if _, have := kept[s.Number]; have || !p.has(s) {
			continue
		}
		part, _ := p.part(s.Number)
		want, same, err := f.compare(ctx, part, "", s)
		if err != nil {
			return nil, err
		}
		if same {
			s.CRC64 = want
			kept[s.Number] = s
		}
	}
	return kept, nil
}

// judge returns an acknowledged part with its CRC-64. If OSS stored other bytes
// than planned, either the file changed, which ends the upload, or the bytes
// were damaged in transit, and another attempt may succeed.
func (f hashedFile) judge(ctx context.Context, p plannedPart, sent string, stored StoredPart) (StoredPart, error) {
	want, same, err := f.compare(ctx, p, sent, stored)
	if err == nil && !same {
		if err = f.src.CheckUnchanged(); err == nil {
			err = fmt.Errorf("%w: CRC-64 %q, ETag %q", ErrChecksumMismatch, stored.CRC64, stored.ETag)
		}
	}
	stored.CRC64 = want
	return stored, err
}

// compare compares a stored part with the file. want is the CRC-64 of the bytes:
// sent, or that of the fingerprint if sent is "". The CRC-64 decides. If OSS did
// not report one, the ETag decides, which is the MD5 of the part. With KMS
// encryption it is not, and then the part is made again.
func (f hashedFile) compare(ctx context.Context, p plannedPart, sent string, stored StoredPart) (want string, same bool, err error) {
	want, h := sent, md5.New() //nolint:gosec // see the import
	if sent == "" {
		var crc uint64
		crc, err = f.fingerprint.PartCRC64(ctx, f.src, p.Offset, p.Size)
		want = crc64.Format(crc)
	}
	if err == nil && stored.CRC64 == "" {
		err = f.src.Sum(ctx, h, p.Offset, p.Size)
	}
	if err != nil {
		return "", false, fmt.Errorf("read part %d of %s: %w", p.Number, f.src.Path(), err)
	}
	return want, stored.CRC64 == want || stored.CRC64 == "" && strings.EqualFold(stored.ETag, hex.EncodeToString(h.Sum(nil))), nil
}

// joined returns the combined CRC-64 of the parts.
func joined(parts []StoredPart) (string, error) {
	var whole uint64
	for _, p := range parts {
		crc, err := crc64.Parse(p.CRC64)
		if err != nil {
			return "", fmt.Errorf("part %d: %w", p.Number, err)
		}
		whole = crc64.Combine(whole, crc, p.Size)
	}
	return crc64.Format(whole), nil
}

// partBody is the body of a request that sends a part.
//
// The fingerprint has the CRC-64 of a part that consists of whole blocks or chunks.
// The CRC-64 of another part is computed while the part is sent, because reading it
// before would add a tenth to the cost of a small part. The combined CRC-64 of all
// parts then shows whether the bytes are the planned ones.
type partBody struct {
	*io.SectionReader
	summed bool
	crc    uint64 // of the bytes read, if summed
}

func (f hashedFile) body(p plannedPart) *partBody {
	return &partBody{
		SectionReader: f.src.Section(p.Offset, p.Size),
		summed:        !f.fingerprint.Knows(p.Offset, p.Size),
	}
}

func (b *partBody) Read(p []byte) (int, error) {
	n, err := b.SectionReader.Read(p)
	if b.summed {
		b.crc = crc64.Update(b.crc, p[:n])
	}
	return n, err
}

// Seek also resets the CRC-64, because a body is always sent from its start.
func (b *partBody) Seek(offset int64, whence int) (int64, error) {
	b.crc = 0
	return b.SectionReader.Seek(offset, whence)
}

// crc64 returns the CRC-64 of the sent bytes, or "" if the fingerprint has it.
func (b *partBody) crc64() string {
	if !b.summed {
		return ""
	}
	return crc64.Format(b.crc)
}
