// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"time"
)

// RetryPolicy says how often and after what wait a request is tried again.
type RetryPolicy struct {
	Attempts int           // 0: 9, which outlasts half a minute of failures; of a part, those while no other arrives
	Base     time.Duration // the first wait is random below this, each later bound is twice as high; 0: 500 ms
	Cap      time.Duration // no wait is longer; 0: 20 s
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.Attempts == 0 {
		p.Attempts = 9
	}
	if p.Base == 0 {
		p.Base = 500 * time.Millisecond
	}
	if p.Cap == 0 {
		p.Cap = 20 * time.Second
	}
	return p
}

// Backoff is the wait after the given number of failed attempts: full jitter,
// so that many clients do not come back at once, and never less than OSS asked
// for. The cap bounds both: an answer must not stop us for hours.
func (p RetryPolicy) Backoff(failed int, asked time.Duration) time.Duration {
	p = p.withDefaults()
	bound := p.Base << min(max(failed-1, 0), 30)
	if bound <= 0 || bound > p.Cap {
		bound = p.Cap
	}
	return max(rand.N(bound), min(asked, p.Cap))
}

// retry calls f until it succeeds, fails for good, or has used its attempts,
// which count from 1.
func (u *Uploader) retry(ctx context.Context, what string, f func(ctx context.Context, attempt int) error) error {
	return u.retryWhile(ctx, what, func() int { return 0 }, f)
}

// retryPart is retry for one part of many. As long as others arrive, the line is
// good for something, and this one is tried on: of thousands of parts on a line that
// breaks all the time, there will be one that was always in flight just then.
func (r *run) retryPart(ctx context.Context, window *window, what string, f func(ctx context.Context, attempt int) error) error {
	return r.retryWhile(ctx, what, window.progress, f)
}

// retryWhile is retry, where only the attempts since the last progress are
// bounded.
func (u *Uploader) retryWhile(ctx context.Context, what string, progress func() int, f func(ctx context.Context, attempt int) error) error {
	inVain, known := 0, progress()
	for attempt := 1; ; attempt++ {
		err := f(ctx, attempt)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if now := progress(); now != known {
			inVain, known = 0, now
		}
		inVain++
		if !Transient(err) || inVain == u.cfg.Retry.Attempts {
			return err
		}
		wait := u.cfg.Retry.Backoff(attempt, askedToWait(err))
		u.cfg.Log.WarnContext(ctx, "trying again", "request", what, "attempt", attempt, "wait", wait.Round(time.Millisecond).String(), "error", err.Error())
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

// Transient reports whether the same request may succeed when it is sent
// again: the network failed, OSS could not just now, or bytes were damaged on
// the way. An error that has a method Transient knows best; what is not known
// to be permanent counts as the network, since attempts are bounded.
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

// transientAnswer classifies OSS's answers. Sources: the API's pages on HTTP
// status codes 400, 403 and 503.
func transientAnswer(e *ServiceError) bool {
	switch e.Code {
	case "RequestTimeout", "IncompleteBody", "InvalidDigest", "InvalidCRC64":
		return true
	case "BadRequest":
		// Documented for CORS only. The vendor's SDK v2 sends any request again that
		// meets it (v1.6.1, oss/retry/retryable_error.go), and attempts are bounded.
		return true
	}
	if e.StatusCode == 200 { // an error that came after the status line was sent
		return true
	}
	switch e.StatusCode {
	case 408, 429, 500, 502, 503, 504:
		return true
	}
	return false
}

// throttled reports whether OSS asks to be asked less. Source: API page on HTTP
// status code 503; proxies say 429.
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
