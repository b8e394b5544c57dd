// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"log/slog"

	"golang.org/x/sync/semaphore"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// job is work on one object, which no other run of this machine works on until
// release. Everything in it belongs to the goroutine that called hold.
type job struct {
	*Uploader
	obj     Object
	opts    Options             // with defaults
	journal *checkpoint.Journal // nil: it cannot be opened, as unusable says
	release func()
	log     *slog.Logger

	unusable error // see holdWithoutJournal

	info     ObjectInfo // what HeadObject last said about the object
	found    bool       // the object, or its upload, may have other headers than are asked for
	warnings []string
}

// hold makes the caller the only one that works on obj, and opens its journal.
// It waits for another run of this Uploader as long as ctx lives, since an upload
// may take hours, and for one of another process for LockWait. The caller must
// release the job also after an error.
func (u *Uploader) hold(ctx context.Context, obj Object, opts Options) (*job, error) {
	j := &job{Uploader: u, obj: obj, opts: opts.withDefaults(), release: func() {}, log: u.cfg.Log.With("object", obj.String())}
	entry, _ := u.held.LoadOrStore(obj, semaphore.NewWeighted(1))
	one := entry.(*semaphore.Weighted) //nolint:forcetypeassert // nothing else is stored
	if one.Acquire(ctx, 1) != nil {
		return j, context.Cause(ctx)
	}
	journal, err := checkpoint.Open(ctx, opts.CheckpointDir, u.key(obj), u.cfg.LockWait)
	if err != nil {
		j.release = func() { one.Release(1) }
		return j, err
	}
	j.journal, j.release = journal, func() { _ = journal.Close(); one.Release(1) }
	for _, warning := range journal.Warnings {
		j.warn(ctx, warning)
	}
	return j, nil
}

// holdWithoutJournal is hold for work that needs no journal unless it comes to
// parts. A journal that cannot be opened here is used by no upload either.
func (u *Uploader) holdWithoutJournal(ctx context.Context, obj Object, opts Options) (*job, error) {
	j, err := u.hold(ctx, obj, opts)
	if errors.Is(err, ErrCheckpointDir) || errors.Is(err, ErrCheckpointVersion) {
		j.log.WarnContext(ctx, "the checkpoint cannot be opened", "error", err.Error())
		j.unusable, err = err, nil
	}
	return j, err
}

// retry makes a request until it succeeds, fails for good, or has used its attempts.
func (j *job) retry(ctx context.Context, what string, request func() error) error {
	return j.cfg.Retry.retry(ctx, j.log, what, func() int { return 0 }, request)
}

func (j *job) warn(ctx context.Context, text string) {
	j.warnings = append(j.warnings, text)
	j.log.WarnContext(ctx, text)
}
