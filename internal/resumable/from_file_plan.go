// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/chunks"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// A new upload of a file has one of two plans. The sizes of their parts follow from the file,
// the options and the state of the resource alone, so that another machine can continue it.
//
//   - In the equal plan, all parts have the same size. A part is copied if the replaced
//     object has the same bytes at the same place, which is known only on the machine
//     that uploaded it.
//   - In the mixed plan, parts that are copied alternate with parts that are sent. It
//     needs the chunk table of the replaced object, and finds bytes that have moved.
//
// If the replaced object can no longer be copied, an upload that began with a mixed plan
// continues with a third plan, around the parts that OSS has. So the parts of a mixed plan
// leave room between their numbers, and the journal has their layout.

// errCopiesRefused ends a plan whose parts were to be copied. The upload gets another one.
var errCopiesRefused = errors.New("OSS does not copy parts of the old object")

// refusesPartCopy reports an error that a copy causes, and an upload does not.
func refusesPartCopy(err error) bool {
	for _, other := range []error{ErrCredentials, ErrCredentialsExpired, ErrNoSuchBucket} {
		if errors.Is(err, other) {
			return false
		}
	}
	return errors.Is(err, ErrChecksumMismatch) || refusedByOSS(err)
}

// recallOld finds out what the file and the replaced object have in common, without
// reading the object. Contents that only their SHA-256 can tell apart have nothing in
// common.
func (f *fromFile) recallOld(ctx context.Context) {
	replaced := f.req.Replaces
	nothing := func(why string) { f.log.InfoContext(ctx, "nothing can be copied from the old object: "+why) }
	switch {
	case f.info.ETag == "": // no object
		return
	case replaced.ETag != "" && replaced.ETag != f.info.ETag:
		nothing("another program has written it")
		return
	case replaced.SHA256 == "" || replaced.ETag == "":
		nothing("the state does not describe its content")
		return
	case replaced.SHA256 == f.fingerprint.SHA256 || f.info.Size == f.fingerprint.Size && f.info.CRC64 == f.fingerprint.CRC64:
		return
	}
	if old, known := source.Recall(f.opts.CheckpointDir, replaced.SHA256); known && old.Size == f.info.Size && old.CRC64 != f.fingerprint.CRC64 {
		f.old = old
	}
	table, err := chunks.Decode(replaced.Chunks)
	switch {
	case len(replaced.Chunks) > 0 && err == nil && table.Size() == f.info.Size:
		f.pieces = chunks.Match(f.fingerprint.Chunks(), table)
		if f.old.Size == 0 && !slices.ContainsFunc(f.pieces, func(p chunks.Piece) bool { return p.From != chunks.NotFound }) {
			nothing("the file has none of its chunks")
		}
	case f.old.Size > 0: // equal blocks can be copied
	case len(replaced.Chunks) > 0:
		nothing("the table of its chunks in the state is not valid")
	default:
		nothing("the state has no table of its chunks")
	}
}

// cut returns the plan that sends less.
func (f *fromFile) cut(partSize int64) (partPlan, error) { return f.closest(nil, partSize) }

// plans returns the equal plan, and the mixed plan if it copies parts.
func (f *fromFile) plans(partSize int64) ([]partPlan, error) {
	if partSize == 0 {
		partSize = f.opts.partSize(f.fingerprint.Size)
	}
	replaced := &CopySource{Object: f.obj, ETag: f.req.Replaces.ETag}
	equal, err := equalParts(f.fingerprint.Size, partSize, func(p partplan.Part) *CopySource {
		if f.copyRefused.Load() || !f.fingerprint.SameBytes(f.old, p.Offset, p.Size) {
			return nil
		}
		return replaced
	})
	if err != nil || len(f.pieces) == 0 || f.copyRefused.Load() {
		return []partPlan{equal}, err
	}
	mixed := partPlan{size: f.fingerprint.Size, partSize: partSize, mixed: true}
	for _, p := range partplan.Mixed(f.pieces, partSize) {
		part := plannedPart{Part: p.Part}
		if p.From != chunks.NotFound {
			part.copyOf, part.from = replaced, p.From
		}
		mixed.parts = append(mixed.parts, part)
	}
	if mixed.sent() == mixed.size {
		return []partPlan{equal}, nil
	}
	return []partPlan{equal, mixed}, nil
}

// keep decides by the bytes. For an upload in the journal, parts with the bytes
// of the file are kept even if part size or headers have changed, because
// run.applyDestination sets the headers later. If no copy could set them, the
// upload is not usable. Neither is a copy in parts, whose part size was never
// requested. In an upload that only OSS knows, every part must have the bytes of
// the file.
func (f *fromFile) keep(ctx context.Context, stored []StoredPart, begun *checkpoint.State) (partPlan, map[int]StoredPart, error) {
	if begun == nil {
		p := f.planOf(stored)
		if len(p.parts) == 0 { // perhaps a single part, of any size
			var err error
			if p, err = f.around(ctx, stored, nil, f.opts.partSize(f.fingerprint.Size)); err != nil {
				return partPlan{}, nil, err
			}
		}
		kept, err := f.reconcile(ctx, p, stored)
		if len(kept) < len(stored) {
			return partPlan{}, nil, err
		}
		return p, kept, err
	}
	partSize := begun.Begin.PartSize
	if len(stored) == 0 {
		partSize = 0
	}
	plans, err := f.plans(partSize)
	if err != nil || begun.Begin.CopyOf != "" || !f.canSetHeaders(begun.Begin) {
		return partPlan{}, nil, nil //nolint:nilerr // an invalid part size is not from this file
	}
	p, kept, err := f.cheapest(ctx, plans, stored)
	if err != nil || len(kept) == len(stored) {
		return p, kept, err
	}
	around, err := f.around(ctx, stored, begun.Begin.Layout, plans[0].partSize)
	if err != nil {
		return partPlan{}, nil, err
	}
	return f.cheapest(ctx, append(plans, around), stored)
}

// around returns a plan that has the stored parts whose offsets are known, if they have the
// bytes of the file there. It sends the rest.
func (f *fromFile) around(ctx context.Context, stored []StoredPart, layout [][3]int64, partSize int64) (partPlan, error) {
	if len(layout) == 0 {
		layout = [][3]int64{{1, 0, largest(stored)}} // only the offset of the first part is known
	}
	known := map[int64]StoredPart{}
	for _, s := range stored {
		known[int64(s.Number)] = s
	}
	var parts []partplan.Part
	for _, at := range layout {
		part, s := partplan.Part{Number: int(at[0]), Offset: at[1], Size: at[2]}, known[at[0]]
		if s.Size != part.Size || part.Size <= 0 || part.Offset < 0 || part.Size > f.fingerprint.Size-part.Offset {
			continue
		}
		_, same, err := f.compare(ctx, plannedPart{Part: part}, "", s)
		if err != nil {
			return partPlan{}, err
		}
		if same {
			parts = append(parts, part)
		}
	}
	p := partPlan{size: f.fingerprint.Size, partSize: partSize, mixed: true}
	for _, part := range partplan.Around(parts, p.size, partSize) {
		p.parts = append(p.parts, plannedPart{Part: part})
	}
	return p, nil
}

// cheapest returns the plan that leaves the fewest bytes to send, with the stored parts that
// it keeps. Of equal plans, it is the first one.
func (f *fromFile) cheapest(ctx context.Context, plans []partPlan, stored []StoredPart) (best partPlan, kept map[int]StoredPart, err error) {
	least := f.fingerprint.Size + 1
	for _, p := range plans {
		k, err := f.reconcile(ctx, p, stored)
		if err != nil {
			return partPlan{}, nil, err
		}
		if toSend, _ := p.left(k); len(p.parts) > 0 && toSend < least {
			best, kept, least = p, k, toSend
		}
	}
	return best, kept, nil
}

// planOf returns a plan that has all stored parts, or a plan without parts. It
// tries the part size of a new upload, then the size of the largest stored part. The
// size of a single part proves nothing, because it may have been copied.
func (f *fromFile) planOf(stored []StoredPart) partPlan {
	sizes := []int64{0, largest(stored)}
	if len(stored) == 1 {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		p, err := f.closest(stored, size)
		if err == nil && p.holds(stored) == len(stored) {
			return p
		}
	}
	return partPlan{}
}

// closest returns the plan that has the most stored parts, by number and size. If both
// have as many, it is the one that sends less.
func (f *fromFile) closest(stored []StoredPart, partSize int64) (partPlan, error) {
	plans, err := f.plans(partSize)
	if err != nil {
		return partPlan{}, err
	}
	return slices.MinFunc(plans, func(a, b partPlan) int {
		return cmp.Or(cmp.Compare(b.holds(stored), a.holds(stored)), cmp.Compare(a.sent(), b.sent()))
	}), nil
}

// largest returns the size of the largest part, which is the part size of an upload with
// equal parts; 0 without parts.
func largest(stored []StoredPart) (size int64) {
	for _, s := range stored {
		size = max(size, s.Size)
	}
	return size
}

// canSetHeaders reports whether a copy can later set the requested headers on
// the object of an upload. An archived object cannot be copied, and an object
// must not be published with another encryption than requested.
func (f *fromFile) canSetHeaders(begin *checkpoint.Begin) bool {
	return begin.Headers == unknownHeaders || begin.Headers == f.req.digest() ||
		begin.Encryption == f.req.Headers.Encryption.String() && !Archived(begin.StorageClass)
}
