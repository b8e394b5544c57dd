// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// transfer makes the parts that OSS does not hold yet. Workers make them. Only
// the calling goroutine writes the journal, and it records every
// acknowledgement, including those that arrive while the upload is being
// cancelled.
func (m *multipart) transfer(ctx context.Context) (err error) {
	todo := slices.AppendSeq(make([]plannedPart, 0, len(m.plan.parts)), m.plan.missing(m.stored))
	m.stats.Parts = len(m.plan.parts)
	m.window = newWindow(m.opts.Parallelism, len(todo))
	made := make(chan StoredPart, m.opts.Parallelism) // buffered, so that workers do not wait for the journal
	go func() {
		defer close(made)
		// OSS may refuse to copy, which changes the plan, so nothing is sent before all
		// copies have succeeded.
		if err = m.makeAll(ctx, todo, plannedPart.isCopied, made); err == nil {
			err = m.makeAll(ctx, todo, plannedPart.isSent, made)
		}
	}()
	m.collect(ctx, made)
	if err != nil && ctx.Err() != nil { // the error of the worker may only be a consequence
		return context.Cause(ctx)
	}
	return err
}

// makeAll makes the wanted parts, several at a time, and delivers those that OSS
// acknowledged. If one is refused as a copy, it waits for the others: OSS may finish a copy
// whose request was canceled, and it would replace a part of the next plan.
func (m *multipart) makeAll(ctx context.Context, parts []plannedPart, wanted func(plannedPart) bool, made chan<- StoredPart) error {
	workers, workerCtx := errgroup.WithContext(ctx)
	workers.SetLimit(m.opts.Parallelism)
	var refused atomic.Pointer[partError]
	for _, part := range parts {
		if !wanted(part) {
			continue
		}
		workers.Go(func() error {
			if workerCtx.Err() != nil {
				return workerCtx.Err()
			}
			one, err := m.origin.make(workerCtx, m, part)
			switch {
			case errors.Is(err, errCopiesRefused):
				refused.CompareAndSwap(nil, &partError{part.Number, err})
				return nil
			case err != nil:
				return &partError{part.Number, err}
			}
			made <- one
			return nil
		})
	}
	err := workers.Wait()
	if first := refused.Load(); err == nil && first != nil {
		return first
	}
	return err
}

// collect records acknowledged parts until made is closed, and reports the
// progress.
func (m *multipart) collect(ctx context.Context, made <-chan StoredPart) {
	r := reporter{m, time.Now(), bytesOf(m.stored), m.stats.BytesCopied}
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	journaling := true
	for {
		select {
		case part, more := <-made:
			if !more {
				r.report(ctx)
				return
			}
			m.stored[part.Number], m.made[part.Number] = part, true
			if part.Copied {
				m.stats.PartsCopied++
				m.stats.BytesCopied += part.Size
			} else {
				m.stats.BytesSent += part.Size
			}
			if !journaling {
				continue
			}
			if err := m.journal.PartStored(part); err != nil {
				journaling = false // the last line may be torn; ListParts will return the other parts
				m.warn(ctx, fmt.Sprintf("After %d of %d parts, upload %s continued without a checkpoint: %v",
					len(m.stored), m.stats.Parts, m.upload.UploadID, err))
			}
		case <-ticker.C:
			r.report(ctx)
		}
	}
}

const progressEvery = 5 * time.Second

// reporter computes the [Progress] of a multipart upload.
type reporter struct {
	*multipart
	started time.Time
	before  int64 // bytes that OSS held at that time
	copied  int64 // bytes that this run had copied at that time
}

// now measures the speed of the network. What OSS copies does not pass through it.
func (p reporter) now() Progress {
	stored := bytesOf(p.stored)
	now := Progress{
		Size: p.plan.size, Stored: stored,
		Parts: len(p.plan.parts), PartsStored: len(p.stored), Kept: p.stats.BytesKept, Copied: p.stats.BytesCopied,
	}
	moved := stored - p.before
	if !p.copies {
		moved -= p.stats.BytesCopied - p.copied
		_, now.ToCopy = p.plan.left(p.stored)
	}
	now.Rate = float64(moved) / max(time.Since(p.started).Seconds(), 1e-3)
	return now
}

// report writes the progress to the log and to [Config.Progress].
func (p reporter) report(ctx context.Context) {
	now := p.now()
	left := "unknown"
	if duration, known := now.Left(); known {
		left = duration.String()
	}
	what := "uploading %v: %v"
	if p.copies {
		what = "copying %v inside OSS: %v"
	}
	p.log.InfoContext(ctx, fmt.Sprintf(what, p.obj, now),
		"percent", fmt.Sprintf("%.1f", now.Percent()),
		"parts", fmt.Sprintf("%d/%d", now.PartsStored, now.Parts),
		"bytes_kept", now.Kept,
		"bytes_copied", now.Copied,
		"mib_per_second", fmt.Sprintf("%.1f", now.Rate/(1<<20)),
		"time_left", left)
	switch {
	case p.progress != nil:
		p.progress(now)
	case p.cfg.Progress != nil:
		p.cfg.Progress(p.obj, now)
	}
}

// store sends a request for one part until OSS has acknowledged it. While other
// parts arrive, it keeps retrying: with thousands of parts on an unreliable
// network, some part is in flight at every failure.
func (m *multipart) store(ctx context.Context, what string, request func() (StoredPart, error)) (stored StoredPart, err error) {
	damaged := 0
	err = m.cfg.Retry.retry(ctx, m.log, what, m.window.progress, func() error {
		stored, err = m.inFlight(ctx, request)
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

// maxDamaged is how often a damaged part is sent again. More damage is not
// caused by the network alone.
const maxDamaged = 2

// copyPart makes OSS copy a part from the range in its plan.
func (m *multipart) copyPart(ctx context.Context, p plannedPart) (StoredPart, error) {
	return m.store(ctx, fmt.Sprintf("UploadPartCopy %d", p.Number), func() (StoredPart, error) {
		stored, err := m.cfg.OSS.UploadPartCopy(ctx, m.upload, p.Number, Range{*p.copyOf, p.from, p.Size})
		stored.Copied = true
		return stored, err
	})
}

// inFlight sends one request for a part. The request counts against the window,
// and against the budget of all uploads, only while it is in progress, not while
// the part waits for its next attempt.
func (m *multipart) inFlight(ctx context.Context, request func() (StoredPart, error)) (StoredPart, error) {
	if err := m.window.enter(ctx); err != nil {
		return StoredPart{}, err
	}
	defer m.window.leave()
	if err := m.budget.Acquire(ctx, 1); err != nil {
		return StoredPart{}, err
	}
	defer m.budget.Release(1)
	started := time.Now()
	stored, err := request()
	switch busy := throttled(err); {
	case err == nil:
		m.window.ack(started, stored.Size)
	case busy, Transient(err) && !errors.Is(err, ErrChecksumMismatch):
		if width, narrower := m.window.narrow(started, busy); narrower {
			m.log.WarnContext(ctx, "OSS throttles or parts are lost; sending fewer at once", "throttled", busy, "parts_in_flight", width)
		}
	}
	return stored, err
}

// partError is the error of the part that ended an upload.
type partError struct {
	number int
	err    error
}

func (e *partError) Error() string { return fmt.Sprintf("part %d: %v", e.number, e.err) }
func (e *partError) Unwrap() error { return e.err }
