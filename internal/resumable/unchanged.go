// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// old is what is known of the bytes of the object that is replaced. Its zero
// value is nothing, and then no part is copied.
type old struct {
	fingerprint Fingerprint
	etag        string
	refused     atomic.Bool // a copy was; all that is left is sent
}

// recallOld finds out what the object that is replaced holds, without reading
// it. That was written down where it was uploaded from; elsewhere all is sent.
// Two contents that differ by their SHA-256 alone cannot be told apart by
// blocks either.
func (r *run) recallOld(ctx context.Context) {
	replaced := r.req.Replaces
	if replaced.SHA256 == "" || replaced.ETag == "" || replaced.ETag != r.info.ETag || replaced.SHA256 == r.fingerprint.SHA256 {
		return
	}
	fingerprint, known := source.Recall(r.req.CheckpointDir, replaced.SHA256)
	switch {
	case !known:
		r.log.InfoContext(ctx, "nothing here tells what the old object holds; sending all of the new one")
	case fingerprint.Size == r.info.Size && !(fingerprint.Size == r.fingerprint.Size && fingerprint.CRC64 == r.fingerprint.CRC64):
		r.old.fingerprint, r.old.etag = fingerprint, replaced.ETag
	}
}

// sendOrCopy stores one part: by a copy of the old object's where that has the
// same bytes, else from the source.
func (r *run) sendOrCopy(ctx context.Context, window *window, part partplan.Part) (ack, error) {
	if !r.old.refused.Load() && r.fingerprint.SameBytes(r.old.fingerprint, part.Offset, part.Size) {
		stored, err := r.copyUnchanged(ctx, window, part)
		if err == nil {
			return ack{stored, true}, nil
		}
		if ctx.Err() != nil || errors.Is(err, ErrNoSuchUpload) {
			return ack{}, err
		}
		if !r.old.refused.Swap(true) {
			r.log.WarnContext(ctx, "the old object's parts cannot be copied; sending what is left", "part", part.Number, "error", err.Error())
		}
	}
	stored, err := r.uploadPart(ctx, window, part)
	return ack{stored, false}, err
}

// copyUnchanged copies one part of the old object, as long as nobody else has
// replaced it. It is held to the same as a part that was sent: OSS must say
// that it has the planned bytes.
func (r *run) copyUnchanged(ctx context.Context, window *window, part partplan.Part) (StoredPart, error) {
	want, err := r.partCRC64(ctx, part)
	if err != nil {
		return StoredPart{}, err
	}
	stored, err := r.copyPart(ctx, window, part, Range{Object: r.req.Object, ETag: r.old.etag})
	if err == nil {
		err = r.checkPart(ctx, part, want, stored)
	}
	stored.CRC64 = want
	return stored, err
}

// copiedInPart accepts what complete has made of copied parts although its answer
// was lost and OSS has no CRC-64 of it: each part was compared, and
// CompleteMultipartUpload named its ETag.
func (r *run) copiedInPart(info ObjectInfo) bool {
	return r.old.etag != "" && info.ETag != r.old.etag && r.req.Headers.SatisfiedBy(info.Headers)
}

// remember writes down what the object holds, for the upload that will replace
// it. Of one that is smaller than a part, none could be copied.
func (r *run) remember() {
	if r.fingerprint.Size >= r.req.partSize(r.fingerprint.Size) {
		r.fingerprint.Keep(r.req.CheckpointDir)
	}
}
