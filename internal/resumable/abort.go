// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"fmt"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// Abort gives up an upload that the caller names, whoever has begun it. That
// OSS does not know it is success.
//
// It fails with [ErrCheckpointLocked] and leaves the upload alone while a
// process of this machine sends to obj with the same checkpoint directory. One
// that begins in this very moment, or elsewhere, loses what was stored and
// starts again. What journals say of the upload is left to their next run.
func (u *Uploader) Abort(ctx context.Context, obj Object, uploadID, checkpointDir string) error {
	if checkpoint.InUse(checkpointDir, u.key(obj)) {
		return fmt.Errorf("%w to %s", ErrCheckpointLocked, obj)
	}
	return u.abort(ctx, Upload{Destination: Destination{Object: obj}, UploadID: uploadID})
}

// Discard gives up everything that the journal of obj has, of any instance, for a
// person who asks for it. Its uploads are aborted and the journal is removed.
func (u *Uploader) Discard(ctx context.Context, obj Object, checkpointDir string) error {
	exists, err := checkpoint.Exists(checkpointDir, u.key(obj))
	if err != nil || !exists {
		return err
	}
	journal, release, err := u.hold(ctx, obj, checkpointDir)
	defer release()
	if err != nil {
		return err
	}
	return u.giveUp(ctx, obj, journal)
}
