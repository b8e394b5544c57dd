// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/chunks"
)

// fromFile makes an object from a local file. Parts that the replaced object has
// as well can be copied inside OSS.
type fromFile struct {
	*job
	req Request
	hashedFile
	resent bool // send the bytes although the object has them; see [run.resend]

	old         Fingerprint    // of the replaced object; zero: not known here
	pieces      []chunks.Piece // of the file, where the replaced object has them; empty: not known
	copyRefused atomic.Bool    // OSS refused to copy a part; the remaining parts are sent
}

// look reports whether the object already has the bytes of the file. An earlier
// run may have published it before it was killed, or another writer has.
func (f *fromFile) look(ctx context.Context) (there bool, err error) {
	f.info, err = f.cfg.OSS.HeadObject(ctx, f.obj)
	switch {
	case errors.Is(err, ErrNoSuchKey):
		return false, nil
	case err != nil:
		return false, err
	case f.holds(f.info) && (!f.resent || f.req.Headers.SatisfiedBy(f.info.Headers)):
		return true, nil
	case f.req.ForbidOverwrite:
		return false, fmt.Errorf("%w (%s)", ErrObjectExists, f.info.identity())
	}
	return false, nil
}

// holds reports whether an object has the bytes of the file. It compares size
// and CRC-64, which detect accidental differences. An object that is known to
// differ by its SHA-256 is excluded by its ETag. A symbolic link has the bytes
// of another object.
func (f *fromFile) holds(info ObjectInfo) bool {
	return info.Size == f.fingerprint.Size && info.CRC64 == f.fingerprint.CRC64 && !info.Symlink &&
		(f.req.Replaces.ETag == "" || info.ETag != f.req.Replaces.ETag)
}

// remember keeps the fingerprint for the upload that will replace this object.
// For an object smaller than a part it would be useless.
func (f *fromFile) remember() {
	if f.fingerprint.Size >= f.opts.partSize(f.fingerprint.Size) && !f.req.Secret {
		f.fingerprint.Keep(f.opts.CheckpointDir)
	}
}

func (f *fromFile) describe(begin *checkpoint.Begin) {
	begin.Source, begin.Size, begin.SHA256, begin.CRC64 = f.src.Path(), f.fingerprint.Size, f.fingerprint.SHA256, f.fingerprint.CRC64
}

// make copies a part as long as OSS does not refuse, and otherwise sends it. A
// copied part is checked like a sent one: OSS must report the planned checksum.
func (f *fromFile) make(ctx context.Context, m *multipart, p plannedPart) (StoredPart, error) {
	refused := f.copyRefused.Load()
	if p.isCopied() && refused && m.plan.mixed {
		return StoredPart{}, errCopiesRefused
	}
	if p.isCopied() && !refused {
		stored, err := m.copyPart(ctx, p)
		if err == nil {
			stored, err = f.judge(ctx, p, "", stored)
		}
		if err == nil || ctx.Err() != nil || errors.Is(err, ErrNoSuchUpload) || m.plan.mixed && !refusesPartCopy(err) {
			return stored, err
		}
		if !f.copyRefused.Swap(true) {
			f.log.WarnContext(ctx, "cannot copy parts of the old object; sending the file", "part", p.Number, "error", err.Error())
		}
		if m.plan.mixed {
			return StoredPart{}, fmt.Errorf("%w: %w", errCopiesRefused, err)
		}
	}
	return m.store(ctx, fmt.Sprintf("UploadPart %d", p.Number), func() (StoredPart, error) {
		body := f.body(p)
		stored, err := f.cfg.OSS.UploadPart(ctx, m.upload, p.Number, body)
		if err != nil {
			return StoredPart{}, err
		}
		return f.judge(ctx, p, body.crc64(), stored)
	})
}

// prove compares the combined CRC-64 of the parts with the fingerprint, and the
// fingerprint with the file as it is now.
func (f *fromFile) prove(ctx context.Context, m *multipart, stored []StoredPart) ([]StoredPart, error) {
	if len(m.stored) != len(m.plan.parts) {
		return nil, fmt.Errorf("resumable: internal error: %d of %d parts before completing", len(m.stored), len(m.plan.parts))
	}
	got, err := joined(stored)
	if err != nil {
		return nil, err
	}
	if got != f.fingerprint.CRC64 {
		return nil, fmt.Errorf("%w: %s had CRC-64 %s while it was sent, but %s when it was hashed", ErrSourceChanged, f.src.Path(), got, f.fingerprint.CRC64)
	}
	return stored, f.checkSource(ctx)
}

// checkSource checks, before publication, that the file still has the bytes that
// were hashed. A change of mode, a hard link or a rename over the path changes
// the file but not its bytes, so after any change the file is hashed again.
func (f *fromFile) checkSource(ctx context.Context) error {
	changed := f.src.CheckUnchanged()
	if !errors.Is(changed, ErrSourceChanged) {
		return changed
	}
	now, _, err := FingerprintSource(ctx, f.src.Path(), "")
	if err != nil || now.SHA256 != f.fingerprint.SHA256 {
		return changed
	}
	f.log.InfoContext(ctx, "the file changed, but its bytes did not", "difference", changed.Error())
	return nil
}

// differs returns why an object is not the one that was just sent, or nil. The
// CRC-64 proves its bytes. If OSS does not report one (a private cloud, a proxy
// that drops headers, some copies), the ETag in the answer and the size prove
// them. If the answer was lost, copied parts are proof, because each was
// compared and CompleteMultipartUpload named its ETag.
func (f *fromFile) differs(info ObjectInfo, got answer) error {
	if info.CRC64 == "" && !info.Symlink && info.Size == f.fingerprint.Size {
		copied := (f.old.Size > 0 || len(f.pieces) > 0) && info.ETag != f.req.Replaces.ETag && f.req.Headers.SatisfiedBy(info.Headers)
		switch {
		case got.etag != "" && info.ETag == got.etag, copied:
			return nil
		case got.etag == "":
			return fmt.Errorf("%s has no CRC-64, and the answer with its ETag was lost, so its bytes cannot be verified", f.obj)
		}
	}
	switch {
	case !f.holds(info):
		return otherWriter(f.obj, info)
	case f.resent && !f.found:
		return f.req.headersDiffer(info)
	}
	return nil
}
