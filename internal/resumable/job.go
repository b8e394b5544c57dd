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

// job is work on one object. Until release, no other run on this machine works
// on that object. Only the goroutine that called hold uses the job.
type job struct {
	*Uploader
	obj     Object
	opts    Options             // with defaults
	journal *checkpoint.Journal // nil: unusable says why it cannot be opened
	release func()
	log     *slog.Logger

	unusable error // see holdWithoutJournal and holdSize

	info     ObjectInfo // the last result of HeadObject
	found    bool       // the object or its upload was found, so its headers may differ from those requested
	left     []string   // IDs of uploads that stay open
	warnings []string
}

// hold makes the caller the only one that works on obj, and opens its journal.
// It waits for another run of this Uploader until ctx ends, because an upload
// may take hours, and for a run of another process until LockWait has passed.
// The caller must release the job even after an error.
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

// holdWithoutJournal is hold for work that needs a journal only to copy in
// parts. A journal that cannot be opened here is not used by any upload.
func (u *Uploader) holdWithoutJournal(ctx context.Context, obj Object, opts Options) (*job, error) {
	j, err := u.hold(ctx, obj, opts)
	if errors.Is(err, ErrCheckpointDir) || errors.Is(err, ErrCheckpointVersion) {
		j.log.WarnContext(ctx, "the checkpoint cannot be opened", "error", err.Error())
		j.unusable, err = err, nil
	}
	return j, err
}

// holdSize is hold for work on an object of that size. What is sent or copied in
// one request does not need a journal, so the checkpoint directory may be unusable.
func (u *Uploader) holdSize(ctx context.Context, obj Object, opts Options, size int64) (*job, error) {
	j, err := u.hold(ctx, obj, opts)
	if errors.Is(err, ErrCheckpointDir) && opts.SendsAtOnce(size) {
		j.log.WarnContext(ctx, "the checkpoint directory cannot be used", "error", err.Error())
		j.unusable, err = err, nil
	}
	return j, err
}

// retry sends a request until it succeeds, fails permanently, or has used its
// attempts.
func (j *job) retry(ctx context.Context, what string, request func() error) error {
	return j.cfg.Retry.retry(ctx, j.log, what, func() int { return 0 }, request)
}

func (j *job) warn(ctx context.Context, text string) {
	j.warnings = append(j.warnings, text)
	j.log.WarnContext(ctx, text)
}
