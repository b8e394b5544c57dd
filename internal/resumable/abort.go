// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// Abort gives up an upload that the caller names, whichever instance began it.
// It succeeds if OSS does not know the upload.
//
// It fails with [ErrCheckpointLocked] and leaves the upload alone while a
// process of this machine sends to obj with the same checkpoint directory. An
// upload that starts at this moment, or on another machine, loses what was
// stored and starts again. Journals keep what they say of the upload until their
// next run.
func (u *Uploader) Abort(ctx context.Context, obj Object, uploadID, checkpointDir string) error {
	if checkpoint.InUse(checkpointDir, u.key(obj)) {
		return fmt.Errorf("%w: %s", ErrCheckpointLocked, obj)
	}
	return u.abort(ctx, obj, uploadID)
}

// Discard gives up everything that the journal of obj has, of any instance, when
// a person asks for it. It aborts the uploads and removes the journal.
func (u *Uploader) Discard(ctx context.Context, obj Object, checkpointDir string) error {
	exists, err := checkpoint.Exists(checkpointDir, u.key(obj))
	if err != nil || !exists {
		return err
	}
	j, err := u.hold(ctx, obj, Options{CheckpointDir: checkpointDir})
	defer j.release()
	if err != nil {
		return err
	}
	return j.giveUp(ctx)
}

// giveUp ends all that the journal has.
func (j *job) giveUp(ctx context.Context) error {
	if err := j.markForAbort(); err != nil {
		return err
	}
	return errors.Join(j.abortPending(ctx), j.journal.Finish())
}

// giveUpNeedless is giveUp after the work is done another way.
func (j *job) giveUpNeedless(ctx context.Context) {
	if err := j.giveUp(ctx); err != nil {
		j.log.WarnContext(ctx, "cannot abort an upload that is no longer needed", "error", err.Error())
	}
}

// startOver gives up what the journal has: the bytes go another way, or are
// there already.
func (j *job) startOver(ctx context.Context) error {
	err := j.markForAbort()
	if err == nil {
		_ = j.abortPending(ctx) // the journal remembers; the next run tries again
	}
	return err
}

// markForAbort makes the open upload of the journal one that is to be aborted.
// That is durable before the abort, which may fail. The journal still says which
// object the upload belongs to.
func (j *job) markForAbort() error {
	state := j.journal.State()
	if state.Begin == nil {
		return nil
	}
	pending := state.PendingAborts
	if state.UploadID != "" {
		pending = append(pending, state.UploadID)
	}
	return j.journal.Replace(checkpoint.State{Begin: state.Begin, PendingAborts: pending})
}

// abortPending aborts the uploads that were given up. One that cannot be
// aborted now stays in the journal.
func (j *job) abortPending(ctx context.Context) (errs error) {
	for _, id := range j.journal.State().PendingAborts {
		err := j.abort(ctx, j.obj, id)
		if err == nil {
			err = j.journal.Aborted(id)
		}
		if err != nil {
			j.log.WarnContext(ctx, "cannot abort an abandoned upload", "upload_id", id, "error", err.Error())
			errs = errors.Join(errs, err)
		}
	}
	return errs
}

// maxAborts bounds how often one upload is aborted. Parts that arrive during
// an abort survive it, so it is repeated until OSS says that there is no such
// upload. Source: API page AbortMultipartUpload.
const maxAborts = 3

func (u *Uploader) abort(ctx context.Context, obj Object, uploadID string) error {
	for range maxAborts {
		err := u.cfg.OSS.AbortMultipartUpload(ctx, Upload{Destination: Destination{Object: obj}, UploadID: uploadID})
		if errors.Is(err, ErrNoSuchUpload) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("abort upload %s of %s: %w", uploadID, obj, err)
		}
	}
	return nil
}
