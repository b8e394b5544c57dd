// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// abandon ends every upload that the journal names. That they are to be
// aborted is durable first, so an abort that fails is repeated by the next run.
func (u *Uploader) abandon(ctx context.Context, obj Object, journal *checkpoint.Journal) error {
	state := journal.State()
	if state.Begin == nil && len(state.Doomed) == 0 {
		return nil
	}
	doomed := state.Doomed
	if state.UploadID != "" {
		doomed = append(doomed, state.UploadID)
	}
	if err := journal.Replace(checkpoint.State{Doomed: doomed}); err != nil {
		return err
	}
	u.abortDoomed(ctx, obj, journal)
	return nil
}

// abortDoomed aborts the uploads that were replaced. One that cannot be
// aborted now stays in the journal.
func (u *Uploader) abortDoomed(ctx context.Context, obj Object, journal *checkpoint.Journal) {
	for _, id := range journal.State().Doomed {
		err := u.abort(ctx, Upload{Destination: Destination{Object: obj}, UploadID: id})
		if err == nil {
			err = journal.Aborted(id)
		}
		if err != nil {
			u.cfg.Log.WarnContext(ctx, "a replaced upload could not be aborted; the next run tries again",
				"object", obj.String(), "upload_id", id, "error", err.Error())
		}
	}
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
