// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

// transfer makes the parts that OSS does not hold yet, each by store. Workers
// send; the calling goroutine alone writes the journal, and it takes every
// acknowledgement, also those that arrive while the upload is being cancelled.
func (r *run) transfer(ctx context.Context, plan partplan.Plan, store storePart) error {
	todo := missing(plan, r.stored)
	r.stored = slices.Grow(r.stored, len(todo))
	queue := make(chan partplan.Part)
	acked := make(chan ack, r.req.Parallelism) // nobody waits while the journal is synced

	window := newWindow(r.req.Parallelism, len(todo))
	workers, workerCtx := errgroup.WithContext(ctx)
	workers.Go(func() error {
		defer close(queue)
		for _, part := range todo {
			select {
			case queue <- part:
			case <-workerCtx.Done():
				return workerCtx.Err()
			}
		}
		return nil
	})
	for range min(r.req.Parallelism, len(todo)) {
		workers.Go(func() error {
			for part := range queue {
				ack, err := store(workerCtx, window, part)
				if err != nil {
					return &partError{part.Number, err}
				}
				acked <- ack
			}
			return nil
		})
	}
	done := make(chan error, 1)
	go func() {
		done <- workers.Wait()
		close(acked)
	}()

	r.collect(ctx, acked)
	if err := <-done; err != nil {
		if ctx.Err() != nil { // the worker that saw it first may have seen only its consequence
			return context.Cause(ctx)
		}
		return err
	}
	return nil
}

// storePart makes OSS hold one part. It returns when that is acknowledged.
type storePart func(ctx context.Context, window *window, part partplan.Part) (ack, error)

// ack is a part that OSS holds now.
type ack struct {
	StoredPart
	copied bool // inside OSS; none of it was sent
}

// collect records acknowledged parts until there are no more, and says how
// far the upload is.
func (r *run) collect(ctx context.Context, acked <-chan ack) {
	progress := newProgress(r)
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	journaling := true
	for {
		select {
		case part, more := <-acked:
			if !more {
				progress.report(ctx)
				return
			}
			r.stored = append(r.stored, part.StoredPart)
			r.stats.count(part)
			if !journaling {
				continue
			}
			if err := r.journal.PartStored(checkpoint.Part(part.StoredPart)); err != nil {
				journaling = false // the last line may be torn; ListParts will know the rest
				r.warn(ctx, fmt.Sprintf("After %d of %d parts the upload %s went on without a checkpoint: %v",
					len(r.stored), r.stats.Parts, r.upload.UploadID, err))
			}
		case <-ticker.C:
			progress.report(ctx)
		}
	}
}

func (s *Stats) count(part ack) {
	if part.copied {
		s.PartsCopied++
		s.BytesCopied += part.Size
		return
	}
	s.BytesSent += part.Size
}

// uploadPart sends one part until OSS has acknowledged the planned bytes.
func (r *run) uploadPart(ctx context.Context, window *window, part partplan.Part) (StoredPart, error) {
	var stored StoredPart
	damaged := 0
	err := r.retryPart(ctx, window, fmt.Sprintf("UploadPart %d", part.Number), func(ctx context.Context, _ int) (err error) {
		stored, err = r.tryPart(ctx, window, part)
		if errors.Is(err, ErrChecksumMismatch) {
			damaged++
		}
		if damaged > maxDamaged {
			return fmt.Errorf("%w %d times: %w", errDamagedAgain, damaged, err)
		}
		return err
	})
	return stored, err
}

// maxDamaged is how often a part may arrive damaged and be sent again. More
// than that is no accident of the network.
const maxDamaged = 2

// tryPart is one attempt.
func (r *run) tryPart(ctx context.Context, window *window, part partplan.Part) (StoredPart, error) {
	return r.inFlight(ctx, window, func() (StoredPart, error) {
		body := r.partBody(part)
		stored, err := r.cfg.OSS.UploadPart(ctx, r.upload, part.Number, body)
		if err != nil {
			return StoredPart{}, err
		}
		want, err := r.wantCRC64(ctx, part, body)
		if err != nil {
			return StoredPart{}, err
		}
		err = r.checkPart(ctx, part, want, stored)
		stored.CRC64 = want
		return stored, err
	})
}

// inFlight makes one request for a part. That has its place in the window, and
// in the budget of all uploads, only while the request is under way, not while
// it waits for the next attempt.
func (r *run) inFlight(ctx context.Context, window *window, request func() (StoredPart, error)) (StoredPart, error) {
	if err := window.enter(ctx); err != nil {
		return StoredPart{}, err
	}
	defer window.leave()
	if r.budget != nil {
		if err := r.budget.Acquire(ctx, 1); err != nil {
			return StoredPart{}, err
		}
		defer r.budget.Release(1)
	}
	started := time.Now()
	stored, err := request()
	switch {
	case err == nil:
		window.ack(started, stored.Size)
	case throttled(err):
		if width, narrower := window.throttle(started); narrower {
			r.log.WarnContext(ctx, "OSS throttles; sending fewer parts at once", "parts_in_flight", width)
		}
	case Transient(err) && !errors.Is(err, ErrChecksumMismatch):
		if width, narrower := window.lose(started); narrower {
			r.log.WarnContext(ctx, "parts do not arrive; sending fewer at once", "parts_in_flight", width)
		}
	}
	return stored, err
}

// checkPart judges an acknowledgement. Other bytes than planned mean that the
// file changed, which ends the upload, or that they were damaged on the way,
// which another attempt may mend.
func (r *run) checkPart(ctx context.Context, part partplan.Part, want string, stored StoredPart) error {
	same, err := r.holdsPart(ctx, part, want, stored)
	if err != nil {
		return err
	}
	if same {
		return nil
	}
	if err := r.src.CheckUnchanged(); err != nil {
		return err
	}
	return fmt.Errorf("%w: CRC-64 %q, ETag %q", ErrChecksumMismatch, stored.CRC64, stored.ETag)
}

// partError carries the number of the part that ended an upload.
type partError struct {
	number int
	err    error
}

func (e *partError) Error() string { return fmt.Sprintf("part %d: %v", e.number, e.err) }
func (e *partError) Unwrap() error { return e.err }
