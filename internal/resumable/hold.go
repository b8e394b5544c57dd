// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"

	"golang.org/x/sync/semaphore"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// hold makes the caller the only one that works on obj, and opens its journal.
// Another run of this Uploader is waited for as long as ctx lives, since an upload
// may take hours; one of another process for LockWait.
func (u *Uploader) hold(ctx context.Context, obj Object, dir string) (journal *checkpoint.Journal, release func(), err error) {
	entry, _ := u.held.LoadOrStore(obj, semaphore.NewWeighted(1))
	one := entry.(*semaphore.Weighted) //nolint:forcetypeassert // nothing else is stored
	if one.Acquire(ctx, 1) != nil {
		return nil, func() {}, context.Cause(ctx)
	}
	journal, err = checkpoint.Open(ctx, dir, u.key(obj), u.cfg.LockWait)
	return journal, func() {
		if journal != nil {
			_ = journal.Close()
		}
		one.Release(1)
	}, err
}

// journalUnused reports an error of hold that a request without parts can do
// without a journal for: what cannot be opened here, no upload uses either.
func (u *Uploader) journalUnused(ctx context.Context, obj Object, err error) bool {
	unused := errors.Is(err, ErrCheckpointDir) || errors.Is(err, ErrCheckpointVersion)
	if unused {
		u.cfg.Log.WarnContext(ctx, "the checkpoint cannot be opened", "object", obj.String(), "error", err.Error())
	}
	return unused
}
