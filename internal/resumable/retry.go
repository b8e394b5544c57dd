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

// RetryPolicy says how often and after what wait a request is tried again.
type RetryPolicy struct {
	Attempts int           // 0: 9, which outlasts half a minute of failures; of a part, those while no other arrives
	Base     time.Duration // the first wait is random below this, each later bound is twice as high; 0: 500 ms
	Cap      time.Duration // no wait is longer; 0: 20 s
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	return RetryPolicy{cmp.Or(p.Attempts, 9), cmp.Or(p.Base, 500*time.Millisecond), cmp.Or(p.Cap, 20*time.Second)}
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

// retry calls f until it succeeds, fails for good, or has used its attempts since
// the last progress, a number that grows.
func (p RetryPolicy) retry(ctx context.Context, log *slog.Logger, what string, progress func() int, f func() error) error {
	inVain, known := 0, progress()
	for attempt := 1; ; attempt++ {
		err := f()
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
		if !Transient(err) || inVain == p.Attempts {
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

// refusedByOSS reports an answer of OSS that will not be another one next time.
func refusedByOSS(err error) bool {
	service, ok := errors.AsType[*ServiceError](err)
	return ok && !transientAnswer(service)
}

// transientAnswer classifies OSS's answers. Sources: the API's pages on HTTP
// status codes 400, 403 and 503.
func transientAnswer(e *ServiceError) bool {
	switch e.Code {
	case "RequestTimeout", "IncompleteBody", "InvalidDigest", "InvalidCRC64",
		// Documented for CORS only. The vendor's SDK v2 sends any request again that
		// meets it (v1.6.1, oss/retry/retryable_error.go), and attempts are bounded.
		"BadRequest":
		return true
	}
	switch e.StatusCode {
	case 200, // an error that came after the status line was sent
		408, 429, 500, 502, 503, 504:
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
