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

// copyPartSize is the preferred size of a copied part, in bytes: few requests,
// each of which OSS answers long before anybody takes it for dead.
var copyPartSize int64 = 256 << 20

// copyRun is a multipart upload whose parts are ranges of an object: another
// one, or the very one that it is going to replace. It sends no bytes, and
// survives what an upload does.
type copyRun struct {
	*run
	of       Object
	from     ObjectInfo // the object as it is, and stays until the copy is whole
	replaced string     // see [change.copy]
	plan     partplan.Plan
}

// copyInParts copies the object at from where one CopyObject cannot.
func (c change) copyInParts(ctx context.Context, from Object, known ObjectInfo, replaced string) (ObjectInfo, error) {
	ontoItself := from == c.dst.Object
	plan, err := partplan.New(known.Size, partplan.AutoPartSize(known.Size, copyPartSize, 1<<20))
	if err != nil {
		return known, err
	}
	if ontoItself && !c.replacesTags() { // a multipart upload does not take over those that are there
		if c.dst.Tags, err = c.cfg.OSS.GetObjectTagging(ctx, c.dst.Object); err != nil {
			return known, err
		}
	}
	if c.journal == nil {
		if c.journal, err = checkpoint.Open(ctx, c.opts.CheckpointDir, c.key(c.dst.Object), c.cfg.LockWait); err != nil {
			return known, err
		}
		defer func() { _ = c.journal.Close() }()
	}

	if ontoItself {
		c.dst.ForbidOverwrite = false // it is the object itself that is in the way
	}
	c.dst.Callback = Callback{} // it is not news
	r := &copyRun{
		run: &run{
			Uploader:    c.Uploader,
			req:         Request{Destination: c.dst, Options: c.opts}.withDefaults(),
			name:        from.String(),
			fingerprint: Fingerprint{Size: known.Size, CRC64: known.CRC64},
			journal:     c.journal,
			log:         c.cfg.Log.With("object", c.dst.String()),
		},
		of: from, from: known, replaced: replaced, plan: plan,
	}
	if err := r.do(ctx); err != nil {
		failed := r.failed(err)
		failed.Copy = true
		return known, failed
	}
	if err := c.journal.Finish(); err != nil {
		r.warn(ctx, fmt.Sprintf("The copy is complete, but its checkpoint could not be removed: %v", err))
	}
	r.log.InfoContext(ctx, "object is copied in parts", "from", from.String(), "parts", r.stats.Parts, "parts_kept", r.stats.PartsKept)
	return r.info, nil
}

// do is the life of a copy in parts: copy what is missing, publish. Like an
// upload's, it looks again when OSS does not hold what we believed, and then
// too when it has completed a found upload that turned out to have other headers.
func (r *copyRun) do(ctx context.Context) error {
	_ = r.abortDoomed(ctx, r.req.Object, r.journal) // the journal remembers; the next run tries again
	for pass := 1; ; pass++ {
		err := r.open(ctx, pass == 1)
		if err == nil {
			err = r.transfer(ctx, r.plan, r.copyPart)
		}
		if err == nil {
			err = r.complete(ctx)
		}
		again := lostSight(err) || r.found && errors.Is(err, ErrPublishedOther)
		if !again || pass == maxPasses || ctx.Err() != nil {
			return err
		}
		r.log.WarnContext(ctx, "OSS does not hold what was copied; looking again", "error", err.Error())
		if done, err := r.look(ctx); done || err != nil {
			return err
		}
	}
}

// look finds out whether the copy is there after all, or can still be made.
func (r *copyRun) look(ctx context.Context) (there bool, err error) {
	info, err := r.cfg.OSS.HeadObject(ctx, r.req.Object)
	if err == nil && r.req.notCopied(info, r.from, "") == nil && (r.replaced == "" || info.ETag != r.replaced) {
		r.info = info
		return true, nil
	}
	if r.of != r.req.Object {
		info, err = r.cfg.OSS.HeadObject(ctx, r.of)
	}
	if err != nil {
		return false, err
	}
	if !sameBytes(info, r.from) {
		return false, fmt.Errorf("%w: it has size %d, CRC-64 %s, ETag %s", ErrPreconditionFailed, info.Size, info.CRC64, info.ETag)
	}
	r.from = info
	return false, nil
}

// open leaves r.upload an upload for the copy, and r.stored the parts that
// need not be copied again.
func (r *copyRun) open(ctx context.Context, adopt bool) error {
	r.upload, r.stored = Upload{}, nil
	found, err := r.journaled(ctx)
	if err == nil && found == nil && adopt {
		found, err = r.unjournaled(ctx)
		r.found = found != nil
	}
	switch {
	case err != nil:
		return err
	case found != nil:
		return r.resume(ctx, found, r.begin())
	}
	r.found = false
	_, err = r.initiate(ctx, r.plan, r.begin(), r.unjournaled)
	return err
}

// journaled returns the upload that the journal names, if it was begun for a
// copy of this very object with these headers and OSS still has it. Anything
// else is abandoned. Who copies names the ETag, so what is there of the right
// size is right; in an upload that an earlier run has found, only the parts
// that it has copied itself.
func (r *copyRun) journaled(ctx context.Context) (*candidate, error) {
	state := r.journal.State()
	begin := state.Begin
	if begin == nil {
		return nil, nil
	}
	r.found = begin.Headers == unknownHeaders
	if begin.CopyOf != r.from.ETag || begin.Size != r.from.Size || begin.PartSize != r.plan.PartSize() || !r.found && begin.Headers != r.headersDigest() {
		return nil, r.startOver(ctx)
	}
	if state.UploadID == "" {
		return nil, nil
	}
	upload, stored, err := r.storedParts(ctx, state)
	if err != nil || upload == nil {
		return nil, err
	}
	kept := slices.DeleteFunc(stored, func(p StoredPart) bool {
		return !inPlan(r.plan, p) || r.found && state.Parts[p.Number].ETag != p.ETag
	})
	return &candidate{*upload, r.plan, kept}, nil
}

// unjournaled looks among the uploads that OSS has open for one whose
// InitiateMultipartUpload was not answered, or whose checkpoint was lost: it
// has no parts, or some that are cut as ours are. They are copied again, since
// nobody knows of which object they are.
func (r *copyRun) unjournaled(ctx context.Context) (*candidate, error) {
	return r.findOpen(ctx, func(_ context.Context, upload Upload, stored []StoredPart) (*candidate, error) {
		if slices.ContainsFunc(stored, func(p StoredPart) bool { return !inPlan(r.plan, p) }) {
			return nil, nil
		}
		return &candidate{upload, r.plan, nil}, nil
	})
}

func (r *copyRun) begin() checkpoint.Begin {
	begin := r.run.begin(r.plan.PartSize())
	begin.CopyOf = r.from.ETag
	return begin
}

// copyPart copies one part of the object.
func (r *copyRun) copyPart(ctx context.Context, window *window, part partplan.Part) (ack, error) {
	stored, err := r.run.copyPart(ctx, window, part, Range{Object: r.of, ETag: r.from.ETag})
	return ack{stored, true}, err
}

// copyPart copies one part, from its place in the object that from names, until
// OSS has acknowledged it.
func (r *run) copyPart(ctx context.Context, window *window, part partplan.Part, from Range) (stored StoredPart, err error) {
	from.Offset, from.Size = part.Offset, part.Size
	err = r.retryPart(ctx, window, fmt.Sprintf("UploadPartCopy %d", part.Number), func(ctx context.Context, _ int) error {
		stored, err = r.inFlight(ctx, window, func() (StoredPart, error) {
			return r.cfg.OSS.UploadPartCopy(ctx, r.upload, part.Number, from)
		})
		return err
	})
	return stored, err
}

// complete makes the copied parts the object, ACL included.
func (r *copyRun) complete(ctx context.Context) error {
	parts, err := r.copied(ctx)
	if err != nil {
		return err
	}
	if err := r.checkWhole(parts); err != nil {
		return errors.Join(err, r.startOver(ctx))
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	info, err := r.publishCopy(ctx, r.req.Object, r.replaced,
		func(ctx context.Context) (string, error) {
			return r.cfg.OSS.CompleteMultipartUpload(ctx, r.upload, parts)
		},
		func(info ObjectInfo, etag string) error { return r.req.notCopied(info, r.from, etag) })
	if err != nil {
		return err
	}
	r.info = info
	return nil
}

// copied are the parts as OSS lists them. An UploadPartCopy of a range that OSS
// does not like copies the whole object, and its answer need not tell the size
// nor the CRC-64. Source: API page UploadPartCopy.
func (r *copyRun) copied(ctx context.Context) ([]StoredPart, error) {
	parts, err := r.cfg.OSS.ListParts(ctx, r.upload)
	switch {
	case errors.Is(err, ErrAccessDenied):
		return slices.SortedFunc(slices.Values(r.stored), func(a, b StoredPart) int { return a.Number - b.Number }), nil
	case err != nil:
		return nil, fmt.Errorf("list what was copied: %w", err)
	}
	if len(parts) != r.plan.Len() || slices.ContainsFunc(parts, func(p StoredPart) bool { return !inPlan(r.plan, p) }) {
		return nil, fmt.Errorf("%w: %d parts, want %d of %d bytes", ErrInvalidPart, len(parts), r.plan.Len(), r.plan.PartSize())
	}
	return parts, nil
}

// checkWhole compares the parts, joined, with the object, as far as OSS tells
// their CRC-64. What it does not tell of them it may tell of the copy.
func (r *copyRun) checkWhole(parts []StoredPart) error {
	if r.from.CRC64 == "" || slices.ContainsFunc(parts, func(p StoredPart) bool { return p.CRC64 == "" }) {
		return nil
	}
	got, err := joined(parts)
	if err != nil {
		return err
	}
	if got != r.from.CRC64 {
		return fmt.Errorf("%w: the copied parts have CRC-64 %s together, the object %s", errCopyDiffers, got, r.from.CRC64)
	}
	return nil
}

// errCopyDiffers is a fault of OSS that nothing here can mend.
var errCopyDiffers = errors.New("OSS copied other bytes than it holds")
