// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// startOver gives up what the journal has: the bytes go another way, or are
// there already.
func (r *run) startOver(ctx context.Context) error {
	if err := doom(r.journal); err != nil {
		return err
	}
	_ = r.abortDoomed(ctx, r.req.Object, r.journal) // the journal remembers; the next run tries again
	return nil
}

// giveUp ends all that the journal has.
func (u *Uploader) giveUp(ctx context.Context, obj Object, journal *checkpoint.Journal) error {
	if err := doom(journal); err != nil {
		return err
	}
	return errors.Join(u.abortDoomed(ctx, obj, journal), journal.Finish())
}

// doom marks the open upload of the journal as one to be aborted. That is
// durable before the abort, which may fail: of which object it is stays there,
// for a person to see.
func doom(journal *checkpoint.Journal) error {
	state := journal.State()
	if state.Begin == nil {
		return nil
	}
	doomed := state.Doomed
	if state.UploadID != "" {
		doomed = append(doomed, state.UploadID)
	}
	return journal.Replace(checkpoint.State{Begin: state.Begin, Doomed: doomed})
}

// abortDoomed aborts the uploads that were given up. One that cannot be
// aborted now stays in the journal.
func (u *Uploader) abortDoomed(ctx context.Context, obj Object, journal *checkpoint.Journal) (errs error) {
	for _, id := range journal.State().Doomed {
		err := u.abort(ctx, Upload{Destination: Destination{Object: obj}, UploadID: id})
		if err == nil {
			err = journal.Aborted(id)
		}
		if err != nil {
			u.cfg.Log.WarnContext(ctx, "an upload that was given up could not be aborted",
				"object", obj.String(), "upload_id", id, "error", err.Error())
			errs = errors.Join(errs, err)
		}
	}
	return errs
}

// maxAborts bounds how often one upload is aborted. Parts that arrive during
// an abort survive it, so it is repeated until OSS says that there is no such
// upload. Source: API page AbortMultipartUpload.
const maxAborts = 3

func (u *Uploader) abort(ctx context.Context, upload Upload) error {
	for range maxAborts {
		err := u.cfg.OSS.AbortMultipartUpload(ctx, upload)
		if errors.Is(err, ErrNoSuchUpload) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("abort upload %s of %s: %w", upload.UploadID, upload.Object, err)
		}
	}
	return nil
}
