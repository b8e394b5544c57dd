// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// Removed tells what [Uploader.Remove] left alone.
type Removed struct {
	Kept       *ObjectInfo // what lies at the key and is not the claimed object; nil: nothing
	Unfinished error       // why an interrupted update is still open; nil: none is
}

// Remove takes the claimed object away, by remove, and ends the interrupted
// updates of its owner, also those to other keys. A nil remove leaves the object.
// No other run of this machine that uses the checkpoint directory writes the
// object in between. OSS has no DELETE on a condition, so a writer elsewhere can
// still come between the look and the DELETE.
//
// What is not the claimed object stays, and so do uploads that another instance
// began. That there is no object is success.
func (u *Uploader) Remove(ctx context.Context, claim Claim, checkpointDir string, remove func(context.Context) error) (Removed, error) {
	left, err := u.removeHere(ctx, claim, checkpointDir, remove)
	if err == nil {
		left.Unfinished = errors.Join(left.Unfinished, u.endElsewhere(ctx, claim, checkpointDir))
	}
	return left, err
}

func (u *Uploader) removeHere(ctx context.Context, claim Claim, checkpointDir string, remove func(context.Context) error) (left Removed, err error) {
	journal, release, err := u.hold(ctx, claim.Object, checkpointDir)
	defer release()
	if err != nil && !u.journalUnused(ctx, claim.Object, err) {
		return left, err
	}
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
	state := journal.State()
	if claim.began(state) || state.UploadID == "" && len(state.Doomed) > 0 {
		return u.giveUp(ctx, claim.Object, journal)
	}
	return nil
}

// endElsewhere gives up what renames of the claim's owner to other keys have left:
// their state names the old key. Only an ID tells them; an instance without one
// has none.
func (u *Uploader) endElsewhere(ctx context.Context, claim Claim, dir string) (errs error) {
	if claim.Owner == "" || claim.Owner == Unmarked {
		return nil
	}
	entries, err := checkpoint.List(dir)
	if err != nil {
		return nil //nolint:nilerr // a directory that cannot be used has no journal of ours
	}
	for _, e := range entries {
		begin := e.State.Begin
		if e.Held || !claim.began(e.State) || begin.Endpoint != u.cfg.Endpoint {
			continue
		}
		there := claim
		there.Object = Object{begin.Bucket, begin.Object}
		if there.Object == claim.Object {
			continue
		}
		errs = errors.Join(errs, func() error {
			journal, release, err := u.hold(ctx, there.Object, dir)
			defer release()
			if err != nil {
				return err
			}
			return u.endInterrupted(ctx, there, journal)
		}())
	}
	return errs
}

// began reports whether the claim's owner began what a journal tells of.
func (c Claim) began(state checkpoint.State) bool {
	return state.Begin != nil && c.Owner != "" && state.Begin.Owner == c.Owner
}
