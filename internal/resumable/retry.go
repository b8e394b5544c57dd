// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"time"
)

// RetryPolicy says how often a request is retried and how long to wait between
// attempts.
type RetryPolicy struct {
	Attempts int           // 0: 9, which covers half a minute of failures; for a part, attempts while no other part arrives
	Base     time.Duration // upper bound of the first, random wait; it doubles with each attempt; 0: 500 ms
	Cap      time.Duration // upper bound of every wait; 0: 20 s
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	return RetryPolicy{cmp.Or(p.Attempts, 9), cmp.Or(p.Base, 500*time.Millisecond), cmp.Or(p.Cap, 20*time.Second)}
}

// Backoff returns the wait after the given number of failed attempts. It uses
// full jitter, so that clients do not retry in step, and is never shorter than
// OSS asked for. Cap limits both, so that an answer cannot block an upload for
// hours.
func (p RetryPolicy) Backoff(failed int, asked time.Duration) time.Duration {
	p = p.withDefaults()
	bound := p.Base << min(max(failed-1, 0), 30)
	if bound <= 0 || bound > p.Cap {
		bound = p.Cap
	}
	return max(rand.N(bound), min(asked, p.Cap))
}

// retry calls f until it succeeds, fails permanently, or has used its attempts.
// The count of attempts starts again whenever progress returns a new number.
func (p RetryPolicy) retry(ctx context.Context, log *slog.Logger, what string, progress func() int, f func() error) error {
	failures, known := 0, progress()
	for attempt := 1; ; attempt++ {
		err := f()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if now := progress(); now != known {
			failures, known = 0, now
		}
		failures++
		if !Transient(err) || failures == p.Attempts {
			return err
		}
		wait := p.Backoff(attempt, askedToWait(err))
		log.WarnContext(ctx, "trying again", "request", what, "attempt", attempt, "wait", wait.Round(time.Millisecond).String(), "error", err.Error())
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func askedToWait(err error) time.Duration {
	if service, ok := errors.AsType[*ServiceError](err); ok {
		return service.RetryAfter
	}
	return 0
}

// Transient reports whether the same request may succeed when it is sent again:
// the network failed, OSS was temporarily unavailable, or bytes were damaged in
// transit. If an error has a method Transient, that decides. Any other error
// that is not known to be permanent counts as a network error, because the
// attempts are limited.
func Transient(err error) bool {
	var service *ServiceError
	var own interface{ Transient() bool }
	switch {
	case err == nil:
		return false
	case errors.Is(err, errStillCompleting):
		return true
	case errors.As(err, &service):
		return transientAnswer(service)
	case permanent(err):
		return false
	case errors.As(err, &own):
		return own.Transient()
	}
	return true
}

// refusedByOSS reports an answer of OSS that a retry would not change.
func refusedByOSS(err error) bool {
	service, ok := errors.AsType[*ServiceError](err)
	return ok && !transientAnswer(service)
}

// transientAnswer classifies error answers of OSS. Sources: the API pages on
// HTTP status codes 400, 403 and 503.
func transientAnswer(e *ServiceError) bool {
	switch e.Code {
	case "RequestTimeout", "IncompleteBody", "InvalidDigest", "InvalidCRC64",
		// Documented for CORS only. The vendor's SDK v2 retries every request that
		// fails with it (v1.6.1, oss/retry/retryable_error.go).
		"BadRequest":
		return true
	}
	switch e.StatusCode {
	case 200, // an error that occurred after the status line was sent
		408, 429, 500, 502, 503, 504:
		return true
	}
	return false
}

// throttled reports whether OSS asks for fewer requests. Source: API page on
// HTTP status code 503. Proxies use 429.
func throttled(err error) bool {
	service, ok := errors.AsType[*ServiceError](err)
	return ok && (service.StatusCode == 503 || service.StatusCode == 429)
}

func permanent(err error) bool {
	for _, known := range []error{
		context.Canceled, context.DeadlineExceeded,
		ErrSourceChanged, ErrSourceNotPlanned, ErrPublishedOther, ErrNoSuchKey, ErrEntityTooLarge, errDamagedAgain,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	var local *fs.PathError // reading the source or writing the checkpoint
	return errors.As(err, &local)
}
