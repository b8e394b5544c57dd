// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

// unjournaled looks among the uploads that OSS has open for one that a lost
// checkpoint named, or whose InitiateMultipartUpload was not answered: every
// part of it must hold the bytes that the source has at that place. Of
// several, the one that holds most; of equals, the newest.
//
// An upload without parts fits any source. Taking it means that an upload
// which was killed before its first part does not stay open for ever. Should
// it belong to somebody else, that one is told NoSuchUpload after we complete
// it; a mixture cannot come of it, since CompleteMultipartUpload names every ETag.
func (r *run) unjournaled(ctx context.Context) (*candidate, error) {
	return r.findOpen(ctx, r.fits)
}

// findOpen looks among the uploads that OSS has open for the one that fits best.
func (r *run) findOpen(ctx context.Context, fits func(context.Context, Upload, []StoredPart) (*candidate, error)) (*candidate, error) {
	uploads, err := r.cfg.OSS.ListMultipartUploads(ctx, r.req.Object)
	switch {
	case errors.Is(err, ErrAccessDenied):
		r.log.WarnContext(ctx, "not allowed to list multipart uploads (oss:ListMultipartUploads); an upload whose checkpoint was lost cannot be found")
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look for an upload to resume: %w", err)
	}
	slices.SortStableFunc(uploads, func(a, b OpenUpload) int { return b.Initiated.Compare(a.Initiated) })

	var best *candidate
	for _, open := range uploads {
		if slices.Contains(r.journal.State().Doomed, open.UploadID) {
			continue
		}
		upload := Upload{Destination: r.req.Destination, UploadID: open.UploadID}
		stored, err := r.cfg.OSS.ListParts(ctx, upload)
		if errors.Is(err, ErrNoSuchUpload) || errors.Is(err, ErrAccessDenied) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look at upload %s: %w", open.UploadID, err)
		}
		found, err := fits(ctx, upload, stored)
		if err != nil {
			return nil, err
		}
		if found != nil && (best == nil || bytesOf(found.kept) > bytesOf(best.kept)) {
			best = found
		}
	}
	return best, nil
}

// fits returns the upload as a candidate if all its parts are the source's.
func (r *run) fits(ctx context.Context, upload Upload, stored []StoredPart) (*candidate, error) {
	plan, ok := planOf(stored, r.fingerprint.Size, r.req.partSize(r.fingerprint.Size))
	if !ok {
		return nil, nil
	}
	kept, err := r.reconcile(ctx, plan, stored)
	if err != nil || len(kept) < len(stored) {
		return nil, err
	}
	return &candidate{upload, plan, kept}, nil
}

// planOf is the plan whose parts have the numbers and sizes of the stored
// ones. The wanted part size is preferred; else the largest stored part tells.
func planOf(stored []StoredPart, size, wanted int64) (partplan.Plan, bool) {
	partSizes := []int64{wanted}
	if len(stored) > 0 {
		largest := slices.MaxFunc(stored, func(a, b StoredPart) int { return int(min(1, max(-1, a.Size-b.Size))) })
		partSizes = append(partSizes, largest.Size)
	}
	for _, partSize := range partSizes {
		plan, err := partplan.New(size, partSize)
		if err == nil && !slices.ContainsFunc(stored, func(p StoredPart) bool { return !inPlan(plan, p) }) {
			return plan, true
		}
	}
	return partplan.Plan{}, false
}

func inPlan(plan partplan.Plan, p StoredPart) bool {
	return p.Number >= 1 && p.Number <= plan.Len() && plan.Part(p.Number).Size == p.Size
}

func bytesOf(parts []StoredPart) (sum int64) {
	for _, p := range parts {
		sum += p.Size
	}
	return sum
}
