// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// Prepare stores the parts of req.Source in OSS and publishes nothing. A later
// [Uploader.Upload] with the same destination keeps them and only completes the
// upload, without a copy. progress is called every few seconds and at the end.
//
// Prepare takes the same steps as Upload up to the last part. It stores nothing if
// the object has the bytes already (the result is then adopted), nor for a file
// that Upload sends in one request (the result then has no parts). The caller
// knows no state, so req has neither an owner nor an object to replace, and the
// result has no object.
func (u *Uploader) Prepare(ctx context.Context, req Request, progress func(Progress)) (Result, error) {
	r, end, err := u.start(ctx, req)
	defer end()
	if err != nil {
		return Result{}, err
	}
	r.parts.prepares, r.parts.progress = true, progress
	if err := r.prepare(ctx); err != nil {
		return Result{}, r.parts.failed(err)
	}
	return Result{Fingerprint: r.fingerprint, Stats: r.stats, Warnings: r.warnings}, nil
}

// prepare leaves the journal of an adopted object to Upload, which ends it.
func (r *run) prepare(ctx context.Context) (err error) {
	_ = r.abortPending(ctx) // the next run tries again
	r.stats.Adopted, err = r.look(ctx)
	if err != nil || r.stats.Adopted || r.fingerprint.Size < r.opts.MultipartThreshold {
		return err
	}
	r.req.prepareFor(r.info)
	if err := r.share(r.req.Owner); err != nil {
		return err
	}
	r.recallStored()
	return r.makeParts(ctx)
}

// recallStored is recallOld without a state that has the SHA-256 of the old
// object: size and CRC-64 find its fingerprint.
func (r *run) recallStored() {
	if r.info.Symlink || r.info.CRC64 == "" {
		return
	}
	if old, known := source.RecallObject(r.opts.CheckpointDir, r.info.Size, r.info.CRC64); known {
		r.old, r.req.Replaces = old, Replaced{ETag: r.info.ETag, SHA256: old.SHA256}
	}
}
