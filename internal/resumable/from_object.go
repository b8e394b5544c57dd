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

// fromObject is the bytes of an object as another one, or as the object itself
// with other headers. OSS copies them; none is sent.
type fromObject struct {
	*job
	dst   Destination
	from  Object
	known ObjectInfo // the object at from as it is, and stays until the copy is whole

	// replaced is the ETag of an object that was there before and is not known to
	// be the one that is wanted. OSS has no CRC-64 of some copies, so it may look
	// like the copy: only if OSS has said that it made one is it taken for it.
	replaced string
}

// look finds out whether the copy is there after all, or can still be made.
func (f *fromObject) look(ctx context.Context) (there bool, err error) {
	info, err := f.cfg.OSS.HeadObject(ctx, f.obj)
	if err == nil && f.differs(info, answer{}) == nil {
		f.info = info
		return true, nil
	}
	if f.from != f.obj {
		info, err = f.cfg.OSS.HeadObject(ctx, f.from)
	}
	if err != nil {
		return false, err
	}
	if !sameBytes(info, f.known) {
		return false, notAsKnown(f.from, info)
	}
	f.known = info
	return false, nil
}

func (f *fromObject) describe(begin *checkpoint.Begin) {
	begin.Source, begin.Size, begin.CRC64, begin.CopyOf = f.from.String(), f.known.Size, f.known.CRC64, f.known.ETag
}

// copyPartSize is the preferred size of a copied part, in bytes: few requests,
// each of which OSS answers long before it is taken for lost.
var copyPartSize int64 = 256 << 20

func (f *fromObject) cut(partSize int64) (partPlan, error) {
	if partSize == 0 {
		partSize = partplan.AutoPartSize(f.known.Size, copyPartSize, 1<<20)
	}
	return equalParts(f.known.Size, partSize, func(p partplan.Part) Range {
		return Range{Object: f.from, ETag: f.known.ETag, Offset: p.Offset, Size: p.Size}
	})
}

// keep judges parts by the ETag of the object that they were copied from, which
// every copy names: those of the right size are right, if the upload was begun for
// this very object with these headers. In an upload that a run has found, only
// the parts that were copied since are. An upload that only OSS knows may be used
// if its parts are cut as these; they are copied again, since nothing tells which
// object they are of.
func (f *fromObject) keep(_ context.Context, stored []StoredPart, begun *checkpoint.State) (partPlan, map[int]StoredPart, error) {
	kept := map[int]StoredPart{}
	if begun == nil {
		p, err := f.cut(0)
		if err != nil || slices.ContainsFunc(stored, func(s StoredPart) bool { return !p.has(s) }) {
			return partPlan{}, nil, err
		}
		return p, kept, nil
	}
	found := begun.Begin.Headers == unknownHeaders
	p, err := f.cut(begun.Begin.PartSize)
	if err != nil || begun.Begin.CopyOf != f.known.ETag || !found && begun.Begin.Headers != f.dst.digest() {
		return partPlan{}, nil, nil //nolint:nilerr // a size that cannot be cut so is not this object's
	}
	for _, s := range stored {
		if p.has(s) && (!found || begun.Parts[s.Number].ETag == s.ETag) {
			kept[s.Number] = s
		}
	}
	return p, kept, nil
}

func (f *fromObject) make(ctx context.Context, m *multipart, p plannedPart) (madePart, error) {
	stored, err := m.copyPart(ctx, p)
	return madePart{stored, true}, err
}

// prove looks at the parts as OSS lists them. An UploadPartCopy of a range that OSS
// does not take copies the whole object, and its answer need not tell the size
// nor the CRC-64. Source: API page UploadPartCopy.
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
	if f.known.CRC64 == "" || slices.ContainsFunc(parts, func(s StoredPart) bool { return s.CRC64 == "" }) {
		return parts, nil // what OSS does not tell of the parts it may tell of the copy
	}
	got, err := joined(parts)
	if err == nil && got != f.known.CRC64 {
		err = fmt.Errorf("%w: the copied parts have CRC-64 %s, but the object has %s", errCopyDiffers, got, f.known.CRC64)
	}
	if err != nil {
		return nil, errors.Join(err, f.startOver(ctx))
	}
	return parts, nil
}

// errCopyDiffers is a fault of OSS that nothing here can mend.
var errCopyDiffers = errors.New("OSS copied the wrong bytes")

// differs tells why an object is not the copy, as dst asks for it, or nil.
func (f *fromObject) differs(info ObjectInfo, got answer) error {
	old := !got.done && f.replaced != "" && info.ETag == f.replaced
	if old || !sameBytes(info, f.known) || info.CRC64 == "" && got.etag != "" && info.ETag != got.etag {
		return otherWriter(f.obj, info)
	}
	return f.dst.headersDiffer(info)
}

// sameBytes compares what is known of both. OSS has no CRC-64 of some copies.
// A symbolic link has no bytes of its own.
func sameBytes(a, b ObjectInfo) bool {
	return !a.Symlink && !b.Symlink && a.Size == b.Size && (a.CRC64 == b.CRC64 || a.CRC64 == "" || b.CRC64 == "")
}

func notAsKnown(obj Object, info ObjectInfo) error {
	return fmt.Errorf("%w: %s has %s", ErrPreconditionFailed, obj, info.identity())
}
