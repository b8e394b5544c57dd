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
func (u *Uploader) Remove(ctx context.Context, claim Claim, checkpointDir string, remove func(context.Context) error) (left Removed, err error) {
	j, err := u.holdWithoutJournal(ctx, claim.Object, Options{CheckpointDir: checkpointDir})
	if err == nil && remove != nil {
		left.Kept, err = u.removeClaimed(ctx, claim, remove)
	}
	if err == nil {
		left.Unfinished = j.endInterrupted(ctx, claim)
	}
	j.release() // before another object is held
	if err == nil {
		left.Unfinished = errors.Join(left.Unfinished, u.endElsewhere(ctx, claim, checkpointDir))
	}
	return left, err
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
func (j *job) endInterrupted(ctx context.Context, claim Claim) error {
	state := j.journal.State()
	if claim.began(state) || state.UploadID == "" && len(state.PendingAborts) > 0 {
		return j.giveUp(ctx)
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
		there := Object{begin.Bucket, begin.Object}
		if there == claim.Object {
			continue
		}
		j, err := u.hold(ctx, there, Options{CheckpointDir: dir})
		if err == nil {
			err = j.endInterrupted(ctx, claim)
		}
		j.release()
		errs = errors.Join(errs, err)
	}
	return errs
}

// began reports whether the claim's owner began what a journal tells of.
func (c Claim) began(state checkpoint.State) bool {
	return state.Begin != nil && c.Owner != "" && state.Begin.Owner == c.Owner
}
