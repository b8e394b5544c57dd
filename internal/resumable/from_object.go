// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

// fromObject makes an object from another object, or changes the headers of an
// object by copying it onto itself. OSS copies the bytes; none are sent.
type fromObject struct {
	*job
	dst  Destination
	from original

	// replaced is the ETag of the object that the copy replaces, if that may look
	// like the copy, because OSS has no CRC-64 for some copies. An object with this
	// ETag is taken for the copy only after OSS has reported that it made one.
	replaced string
}

// look reports whether the copy already exists, and fails if it can no longer be
// made.
func (f *fromObject) look(ctx context.Context) (there bool, err error) {
	info, err := f.cfg.OSS.HeadObject(ctx, f.obj)
	if err == nil && f.differs(info, answer{}) == nil {
		f.info = info
		return true, nil
	}
	if f.from.Object != f.obj {
		info, err = f.cfg.OSS.HeadObjectVersion(ctx, f.from.Object, f.from.version)
	}
	if err != nil {
		return false, err
	}
	if !sameBytes(info, f.from.known) {
		return false, changedSince(f.from.Object, info)
	}
	f.from.known = info
	return false, nil
}

func (f *fromObject) describe(begin *checkpoint.Begin) {
	begin.Source, begin.Size, begin.CRC64, begin.CopyOf = f.from.String(), f.from.known.Size, f.from.known.CRC64, f.from.known.ETag
}

// copyPartSize is the preferred size of a copied part, in bytes. It needs few
// requests, and OSS answers each one long before the client would time out.
var copyPartSize int64 = partplan.MaxCopySize

func (f *fromObject) cut(partSize int64) (partPlan, error) {
	if partSize == 0 {
		partSize = partplan.AutoPartSize(f.from.known.Size, copyPartSize, 1<<20)
	}
	from := f.from.pinned()
	return equalParts(f.from.known.Size, partSize, func(partplan.Part) *CopySource { return &from })
}

// keep decides by the ETag of the copied object, which every part copy names.
// Parts of the right size are kept if the upload was begun for this object with
// these headers. In an upload that a run has found, only the parts that were
// copied since are kept.
//
// The parts of an upload that only OSS knows show nothing, because the checksums of
// the ranges of the object are not known.
func (f *fromObject) keep(_ context.Context, stored []StoredPart, begun *checkpoint.State) (partPlan, map[int]StoredPart, error) {
	kept := map[int]StoredPart{}
	switch {
	case begun == nil && len(stored) > 0:
		return partPlan{}, nil, nil
	case begun == nil:
		p, err := f.cut(0)
		return p, kept, err
	}
	found := begun.Begin.Headers == unknownHeaders
	p, err := f.cut(begun.Begin.PartSize)
	if err != nil || begun.Begin.CopyOf != f.from.known.ETag || !found && begun.Begin.Headers != f.dst.digest() {
		return partPlan{}, nil, nil //nolint:nilerr // an invalid part size is not from this object
	}
	for _, s := range stored {
		if p.has(s) && (!found || begun.Parts[s.Number].ETag == s.ETag) {
			kept[s.Number] = s
		}
	}
	return p, kept, nil
}

func (f *fromObject) make(ctx context.Context, m *multipart, p plannedPart) (StoredPart, error) {
	return m.copyPart(ctx, p)
}

// prove checks the parts as OSS lists them. For a range that OSS does not
// accept, UploadPartCopy copies the whole object, and its answer may have
// neither size nor CRC-64. Source: API page UploadPartCopy.
func (f *fromObject) prove(ctx context.Context, m *multipart, stored []StoredPart) ([]StoredPart, error) {
	parts, err := f.cfg.OSS.ListParts(ctx, m.upload)
	switch {
	case errors.Is(err, ErrAccessDenied):
		parts = stored
	case err != nil:
		return nil, fmt.Errorf("list copied parts: %w", err)
	case len(parts) != len(m.plan.parts) || slices.ContainsFunc(parts, func(s StoredPart) bool { return !m.plan.has(s) }):
		return nil, fmt.Errorf("%w: %d parts, want %d of %d bytes", ErrInvalidPart, len(parts), len(m.plan.parts), m.plan.partSize)
	}
	if f.from.known.CRC64 == "" || slices.ContainsFunc(parts, func(s StoredPart) bool { return s.CRC64 == "" }) {
		return parts, nil // OSS may report the CRC-64 of the complete copy
	}
	got, err := joined(parts)
	if err == nil && got != f.from.known.CRC64 {
		err = fmt.Errorf("%w: the copied parts have CRC-64 %s, but the object has %s", errCopyDiffers, got, f.from.known.CRC64)
	}
	if err != nil {
		return nil, errors.Join(err, f.startOver(ctx))
	}
	return parts, nil
}

// errCopyDiffers is a fault of OSS that the client cannot correct.
var errCopyDiffers = errors.New("OSS copied the wrong bytes")

// differs returns why an object is not the copy that dst describes, or nil.
func (f *fromObject) differs(info ObjectInfo, got answer) error {
	old := !got.done && f.replaced != "" && info.ETag == f.replaced
	if old || !sameBytes(info, f.from.known) || info.CRC64 == "" && got.etag != "" && info.ETag != got.etag {
		return otherWriter(f.obj, info)
	}
	return f.dst.headersDiffer(info)
}

// sameBytes compares size and CRC-64, as far as both are known. OSS has no
// CRC-64 for some copies. A symbolic link has no bytes of its own.
func sameBytes(a, b ObjectInfo) bool {
	return !a.Symlink && !b.Symlink && a.Size == b.Size && (a.CRC64 == b.CRC64 || a.CRC64 == "" || b.CRC64 == "")
}

// changed reports whether an object is no longer the known one. An object with secret
// content is known without checksums, by its time and version.
func changed(found, known ObjectInfo) bool {
	if known.ETag == "" {
		return !found.LastModified.Equal(known.LastModified) || found.VersionID != known.VersionID
	}
	return found.ETag != known.ETag || !sameBytes(found, known)
}

func changedSince(obj Object, info ObjectInfo) error {
	return fmt.Errorf("%w: %s has %s", ErrPreconditionFailed, obj, info.identity())
}
