// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"

	"golang.org/x/sync/semaphore"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// Removed tells what [Uploader.Remove] left alone.
type Removed struct {
	Kept       *ObjectInfo // what lies at the key and is not the claimed object; nil: nothing
	Unfinished error       // why an interrupted update is still open; nil: none is
}

// Remove takes the claimed object away, by remove, and ends the interrupted
// update of its owner. A nil remove leaves the object. No other run of this
// machine writes the object in between. OSS has no DELETE on a condition, so a
// writer elsewhere can still come between the look and the DELETE.
//
// What is not the claimed object stays, and so do uploads that another instance
// began. That there is no object is success.
func (u *Uploader) Remove(ctx context.Context, claim Claim, checkpointDir string, remove func(context.Context) error) (Removed, error) {
	unlock, err := u.lock(ctx, claim.Object)
	if err != nil {
		return Removed{}, err
	}
	defer unlock()
	journal, err := u.journalIfAny(ctx, claim.Object, checkpointDir)
	if err != nil {
		return Removed{}, err
	}
	if journal != nil {
		defer func() { _ = journal.Close() }()
	}

	var left Removed
	if remove != nil {
		if left.Kept, err = u.removeClaimed(ctx, claim, remove); err != nil {
			return left, err
		}
	}
	left.Unfinished = u.endInterrupted(ctx, claim, journal)
	return left, nil
}

func (u *Uploader) removeClaimed(ctx context.Context, claim Claim, remove func(context.Context) error) (kept *ObjectInfo, err error) {
	info, err := u.cfg.OSS.HeadObject(ctx, claim.Object)
	switch {
	case errors.Is(err, ErrNoSuchKey), errors.Is(err, ErrNoSuchBucket):
		return nil, nil
	case err != nil:
		return nil, err
	case !claim.covers(info):
		return &info, nil
	}
	return nil, remove(ctx)
}

// endInterrupted gives up what the journal has of the claim's owner. An upload
// that a Create began is not the owner's, but uploads that were given up before
// are aborted in any case.
func (u *Uploader) endInterrupted(ctx context.Context, claim Claim, journal *checkpoint.Journal) error {
	if journal == nil || journal.State().Begin == nil {
		return nil
	}
	state := journal.State()
	own := claim.Owner != "" && state.Begin.Owner == claim.Owner
	if !own && (state.UploadID != "" || len(state.Doomed) == 0) {
		return nil
	}
	return u.giveUp(ctx, claim.Object, journal)
}

// lock makes the caller the only one of this Uploader that works on obj. It waits
// as long as ctx lives: an upload may take hours.
func (u *Uploader) lock(ctx context.Context, obj Object) (unlock func(), err error) {
	entry, _ := u.locks.LoadOrStore(obj, semaphore.NewWeighted(1))
	one := entry.(*semaphore.Weighted) //nolint:forcetypeassert // nothing else is stored
	if err := one.Acquire(ctx, 1); err != nil {
		return nil, context.Cause(ctx)
	}
	return func() { one.Release(1) }, nil
}

// journalIfAny opens the journal of obj, and so keeps other processes away, for a
// request that can do without. It returns nil when the checkpoint directory
// cannot be used: then no upload uses it either.
func (u *Uploader) journalIfAny(ctx context.Context, obj Object, dir string) (*checkpoint.Journal, error) {
	journal, err := checkpoint.Open(ctx, dir, u.key(obj), u.cfg.LockWait)
	if errors.Is(err, ErrCheckpointDir) || errors.Is(err, ErrCheckpointVersion) {
		u.cfg.Log.WarnContext(ctx, "the checkpoint cannot be opened", "object", obj.String(), "error", err.Error())
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, warning := range journal.Warnings {
		u.cfg.Log.WarnContext(ctx, warning, "object", obj.String())
	}
	return journal, nil
}
