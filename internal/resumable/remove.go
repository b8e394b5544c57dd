// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// Removed describes what [Uploader.Remove] left in OSS.
type Removed struct {
	Kept       *ObjectInfo // the object at the key, if it is not the claimed one; else nil
	Unfinished error       // why an interrupted update is still open; nil: no such update
}

// Remove removes the claimed object by calling remove, and aborts interrupted
// updates of its owner, including those to other keys. If remove is nil, the
// object stays. No other run on this machine that uses the checkpoint directory
// writes the object meanwhile. OSS has no conditional DELETE, so a writer on
// another machine can still replace the object between the check and the DELETE.
// The uploads come first, because Terraform does not destroy an object that is gone.
//
// Another object than the claimed one stays, and so do uploads that another
// instance began. A missing object is not an error.
func (u *Uploader) Remove(ctx context.Context, claim Claim, checkpointDir string, remove func(context.Context) error) (left Removed, err error) {
	left.Unfinished = u.endElsewhere(ctx, claim, checkpointDir)
	j, err := u.holdWithoutJournal(ctx, claim.Object, Options{CheckpointDir: checkpointDir})
	defer j.release()
	if err == nil {
		left.Unfinished = errors.Join(left.Unfinished, j.endInterrupted(ctx, claim))
	}
	if err == nil && remove != nil {
		left.Kept, err = u.removeClaimed(ctx, claim, remove)
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

// endInterrupted aborts the upload in the journal if the owner of the claim
// began it. An upload that a Create began does not belong to the owner, and an upload
// that was found in OSS stays, with its journal. Uploads that are already
// marked for abort are aborted in any case.
func (j *job) endInterrupted(ctx context.Context, claim Claim) error {
	state := j.journal.State()
	switch {
	case claim.began(state) && j.holdsFound(ctx, state):
		return &foundError{j.obj, state.UploadID}
	case claim.began(state), state.UploadID == "" && len(state.PendingAborts) > 0:
		return j.abandon(ctx, false)
	}
	return nil
}

// endElsewhere aborts uploads to other keys that interrupted renames of the
// owner of the claim left, whose state names the old key. They are found by the
// ID, so for an instance without one there are no such uploads.
func (u *Uploader) endElsewhere(ctx context.Context, claim Claim, dir string) (errs error) {
	if claim.Owner == "" || claim.Owner == Unmarked {
		return nil
	}
	entries, err := checkpoint.List(dir)
	if err != nil {
		return nil //nolint:nilerr // an unusable directory has no journals
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

// began reports whether the owner of the claim began the upload in a journal. What
// an action has sent may be for another instance, which takes over the key in the
// same apply.
func (c Claim) began(state checkpoint.State) bool {
	return state.Begin != nil && c.Owner != "" && state.Begin.Owner == c.Owner && !state.Begin.Prepared
}
