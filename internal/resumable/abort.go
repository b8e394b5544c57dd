// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// Abort aborts an upload that the caller names, whichever instance began it. It
// succeeds if OSS does not know the upload.
//
// It fails with [ErrCheckpointLocked] and does nothing while a process on this
// machine sends to obj with the same checkpoint directory. An upload that starts
// at this moment, or on another machine, loses its stored parts and starts
// again. Journals that name the upload are corrected by their next run.
func (u *Uploader) Abort(ctx context.Context, obj Object, uploadID, checkpointDir string) error {
	if checkpoint.InUse(checkpointDir, u.key(obj)) {
		return fmt.Errorf("%w: %s", ErrCheckpointLocked, obj)
	}
	return u.abort(ctx, obj, uploadID)
}

// Discard aborts all uploads in the journal of obj, of any instance, and removes
// the journal. It is for explicit requests of a user.
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
	return j.abandon(ctx, true)
}

// abandon aborts all uploads in the journal and removes it. See markForAbort for
// asked.
func (j *job) abandon(ctx context.Context, asked bool) error {
	if err := j.markForAbort(ctx, asked); err != nil {
		return err
	}
	return errors.Join(j.abortPending(ctx), j.journal.Finish())
}

// abandonUnneeded is abandon for an upload that is no longer needed. A failure
// is only logged.
func (j *job) abandonUnneeded(ctx context.Context) {
	if err := j.abandon(ctx, false); err != nil {
		j.log.WarnContext(ctx, "cannot abort an upload that is no longer needed", "error", err.Error())
	}
}

// startOver abandons the upload in the journal, because its parts cannot be used
// or are not needed.
func (j *job) startOver(ctx context.Context) error {
	err := j.markForAbort(ctx, false)
	if err == nil {
		_ = j.abortPending(ctx) // the journal keeps a failed one for the next run
	}
	return err
}

// markForAbort marks the open upload of the journal as pending abort. The mark
// is durable before the abort, which may fail. The journal still names the
// object of the upload.
//
// An upload that a run found in OSS may be that of another process. It is marked only
// if a user asked for the abort. Otherwise it leaves the journal, and stays open.
func (j *job) markForAbort(ctx context.Context, asked bool) error {
	state := j.journal.State()
	if state.Begin == nil {
		return nil
	}
	begin, pending := *state.Begin, state.PendingAborts
	begin.Others = nil // whatever InitiateMultipartUpload opened is not needed
	switch {
	case state.UploadID == "":
	case asked || !begin.Found:
		pending = append(pending, state.UploadID)
	case j.holdsFound(ctx, state):
		j.leaveOpen(ctx, state.UploadID)
	}
	return j.journal.Replace(checkpoint.State{Begin: &begin, PendingAborts: pending})
}

// holdsFound reports whether the upload in the journal was found in OSS and is still open.
func (j *job) holdsFound(ctx context.Context, state checkpoint.State) bool {
	if state.UploadID == "" || !state.Begin.Found {
		return false
	}
	_, err := j.cfg.OSS.ListParts(ctx, Upload{Destination: Destination{Object: j.obj}, UploadID: state.UploadID})
	return !errors.Is(err, ErrNoSuchUpload)
}

// foundError reports an upload that a removal leaves open, because another process may use it.
type foundError struct {
	obj      Object
	uploadID string
}

func (e *foundError) Error() string {
	return fmt.Sprintf("another process may have begun upload %s of %v", e.uploadID, e.obj)
}

// leaveOpen warns about an upload that stays open. The run does not use it again.
func (j *job) leaveOpen(ctx context.Context, uploadID string) {
	j.left = append(j.left, uploadID)
	j.warn(ctx, fmt.Sprintf("An unfinished upload of %v stays in OSS (upload ID %s). Another process may have begun it, so this apply neither "+
		"used nor aborted it. OSS bills its parts until it is completed or aborted, for example by a lifecycle rule of the bucket "+
		"(AbortMultipartUpload).", j.obj, uploadID))
}

// abortPending aborts the uploads that were marked for abort. An upload that
// cannot be aborted now stays in the journal.
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

// maxAborts limits how often one upload is aborted. Parts that arrive during an
// abort survive it, so the abort is repeated until OSS reports that the upload
// does not exist. Source: API page AbortMultipartUpload.
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
