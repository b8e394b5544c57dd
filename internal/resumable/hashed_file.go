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

// hashedFile is a file, or a text, and what it held when it was hashed.
type hashedFile struct {
	src         *source.File
	fingerprint Fingerprint
}

// reconcile returns the stored parts that may stay: they are in the plan and
// hold the bytes that the file has at their place. The rest is made again
// under the same numbers.
func (f hashedFile) reconcile(ctx context.Context, p partPlan, stored []StoredPart) (map[int]StoredPart, error) {
	kept := map[int]StoredPart{}
	for _, s := range stored {
		if _, have := kept[s.Number]; have || !p.has(s) {
			continue
		}
		want, same, err := f.compare(ctx, p.parts[s.Number-1], "", s)
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

// judge returns an acknowledged part with the CRC-64 that it has. Other bytes than
// planned mean that the file changed, which ends the upload, or that they were
// damaged on the way, which another attempt may mend.
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

// compare holds what OSS says of a part against the file. want is the CRC-64 of
// the bytes: as sent says, or as the fingerprint does if sent is "". It decides.
// Where OSS has not told the part's, the ETag decides, as the part's MD5; it is
// something else under KMS encryption, and then the part is made again.
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

// joined is the CRC-64 of the parts, one after the other.
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

// partBody is a part on its way to OSS.
//
// The fingerprint knows the CRC-64 of a part of whole blocks. A part that is smaller
// than a block is summed as it leaves: reading it for that alone would be a
// tenth of what such a part costs. That its bytes are the planned ones shows when
// all parts are joined, as it would if they had been read before.
type partBody struct {
	*io.SectionReader
	summed bool
	crc    uint64 // of what was read, if summed
}

func (f hashedFile) body(p plannedPart) *partBody {
	return &partBody{
		SectionReader: f.src.Section(p.Offset, p.Size),
		summed:        p.Size < source.BlockSize(f.fingerprint.Size),
	}
}

func (b *partBody) Read(p []byte) (int, error) {
	n, err := b.SectionReader.Read(p)
	if b.summed {
		b.crc = crc64.Update(b.crc, p[:n])
	}
	return n, err
}

// Seek begins anew: a body that is sent again is sent from its start.
func (b *partBody) Seek(offset int64, whence int) (int64, error) {
	b.crc = 0
	return b.SectionReader.Seek(offset, whence)
}

// crc64 is the CRC-64 of what was sent; "": the fingerprint knows it.
func (b *partBody) crc64() string {
	if !b.summed {
		return ""
	}
	return crc64.Format(b.crc)
}
