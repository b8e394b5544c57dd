// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// source gets credentials. fetch is not called concurrently.
type source interface {
	fetch(ctx context.Context) (lease, error)
}

// lease is credentials with their expiration. The zero time means that they do not
// expire.
type lease struct {
	ossclient.Credentials

	expires time.Time
}

// unknownLifetime is the lifetime of credentials that expire at an unknown time. It is
// the minimum of STS (API page AssumeRole, DurationSeconds).
const unknownLifetime = 15 * time.Minute

const (
	// renewBefore is how long before their expiration credentials are renewed, so that
	// a temporary failure of their service interrupts no upload.
	renewBefore = 5 * time.Minute
	// minUse is the minimum time for which credentials are used, even if they seem to
	// have expired: the clock of this machine may be wrong. If OSS refuses credentials,
	// they are discarded.
	minUse = time.Minute
	// failurePause is how long the error of a fetch is returned to all callers, before
	// the next fetch.
	failurePause = 2 * time.Second
	// fetchTimeout limits a fetch with its retries, including a chain of roles.
	fetchTimeout = 2 * time.Minute
	// tries is the maximum number of attempts of a fetch.
	tries    = 3
	tryPause = 500 * time.Millisecond // before the second attempt; doubled before the third
)

// cache stores the credentials of a source until they expire. It is safe for concurrent
// use.
type cache struct {
	source   source
	fetching singleflight.Group

	mu          sync.Mutex
	current     lease
	renewAt     time.Time // the zero time means never
	failure     error
	failedUntil time.Time
}

func newCache(s source) *cache { return &cache{source: s} }

// Credentials returns valid credentials without waiting, and otherwise waits for a fetch.
// A renewal before the expiration runs in the background.
func (c *cache) Credentials(ctx context.Context) (ossclient.Credentials, error) {
	if err := ctx.Err(); err != nil {
		return ossclient.Credentials{}, err
	}
	credentials, valid, fresh := c.peek()
	if fresh {
		return credentials, nil
	}
	renewed := c.fetching.DoChan("", func() (any, error) { return c.renew() })
	if valid {
		return credentials, nil
	}
	select {
	case result := <-renewed:
		if result.Err != nil {
			return ossclient.Credentials{}, result.Err
		}
		return result.Val.(ossclient.Credentials), nil
	case <-ctx.Done():
		return ossclient.Credentials{}, ctx.Err()
	}
}

// Discard removes credentials that OSS has refused. It keeps others that have been
// fetched in the meantime.
func (c *cache) Discard(refused ossclient.Credentials) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current.Credentials == refused {
		c.current, c.renewAt = lease{}, time.Time{}
	}
}

// peek returns the stored credentials. They are valid if they have not expired, and
// fresh if they need no renewal.
func (c *cache) peek() (credentials ossclient.Credentials, valid, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	valid = c.current.Credentials != (ossclient.Credentials{}) &&
		(c.current.expires.IsZero() || now.Before(c.current.expires))
	fresh = valid && (c.renewAt.IsZero() || now.Before(c.renewAt))
	return c.current.Credentials, valid, fresh
}

// renew fetches new credentials, unless another call has just done so. It does not use
// the context of a caller, because other callers need the result, too.
func (c *cache) renew() (ossclient.Credentials, error) {
	if credentials, _, fresh := c.peek(); fresh {
		return credentials, nil
	}
	if err := c.recentFailure(); err != nil {
		return ossclient.Credentials{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	got, err := c.fetch(ctx)

	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if err != nil {
		c.failure, c.failedUntil = err, now.Add(failurePause)
		return ossclient.Credentials{}, err
	}
	c.current, c.renewAt, c.failure = got, time.Time{}, nil
	if !got.expires.IsZero() {
		left := max(got.expires.Sub(now), minUse)
		c.current.expires = now.Add(left)
		c.renewAt = c.current.expires.Add(-min(renewBefore, left/3))
	}
	return got.Credentials, nil
}

func (c *cache) recentFailure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure != nil && time.Now().Before(c.failedUntil) {
		return c.failure
	}
	return nil
}

func (c *cache) fetch(ctx context.Context) (got lease, err error) {
	for try := 1; ; try++ {
		got, err = c.source.fetch(ctx)
		failure, ok := errors.AsType[*Error](err)
		if !ok || !failure.Transient() || try == tries {
			return got, err
		}
		select {
		case <-time.After(tryPause << (try - 1)):
		case <-ctx.Done():
			return got, err
		}
	}
}

// staticSource returns fixed credentials. The provider cannot renew them.
type staticSource struct{ credentials ossclient.Credentials }

func (s staticSource) fetch(context.Context) (lease, error) {
	return lease{Credentials: s.credentials}, nil
}
