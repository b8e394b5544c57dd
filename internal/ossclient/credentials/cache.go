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

// source gets credentials. It is asked for one set at a time.
type source interface {
	fetch(ctx context.Context) (lease, error)
}

// lease is credentials, and when they end. The zero time is never.
type lease struct {
	ossclient.Credentials

	expires time.Time
}

// unknownLifetime is for credentials that end some time and do not say when.
// STS hands out none for less (API page AssumeRole, DurationSeconds).
const unknownLifetime = 15 * time.Minute

const (
	// renewAhead is how long before the end new credentials are asked for, so
	// that a service that fails for a while stops nobody.
	renewAhead = 5 * time.Minute
	// shortest is how long credentials are used at least, whatever they say of
	// their end: the clock of this machine may be wrong. OSS knows better, and
	// what it refuses is discarded.
	shortest = time.Minute
	// failurePause is how long a failure answers for, so that all who wait for
	// credentials do not ask again one after the other.
	failurePause = 2 * time.Second
	// fetchTimeout bounds a fetch with its repetitions, chains included.
	fetchTimeout = 2 * time.Minute
	// tries of one fetch, when the network or the service fails.
	tries    = 3
	tryPause = 500 * time.Millisecond // before the second; twice that before the third
)

// cache hands out what a source fetched until it ends. It is safe for
// concurrent use.
type cache struct {
	source   source
	fetching singleflight.Group

	mu          sync.Mutex
	current     lease
	renewAt     time.Time // zero: never
	failure     error
	failedUntil time.Time
}

func newCache(s source) *cache { return &cache{source: s} }

// Credentials waits only while it has none that are still good: a renewal ahead
// of the end goes on beside those who ask.
func (c *cache) Credentials(ctx context.Context) (ossclient.Credentials, error) {
	if err := ctx.Err(); err != nil {
		return ossclient.Credentials{}, err
	}
	credentials, good, fresh := c.look()
	if fresh {
		return credentials, nil
	}
	renewed := c.fetching.DoChan("", func() (any, error) { return c.renew() })
	if good {
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

// Discard forgets credentials that OSS has refused. Others may have renewed
// them in the meantime; those stay.
func (c *cache) Discard(refused ossclient.Credentials) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current.Credentials == refused {
		c.current, c.renewAt = lease{}, time.Time{}
	}
}

// look says what there is: still good, and good for long.
func (c *cache) look() (credentials ossclient.Credentials, good, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	good = c.current.Credentials != (ossclient.Credentials{}) &&
		(c.current.expires.IsZero() || now.Before(c.current.expires))
	fresh = good && (c.renewAt.IsZero() || now.Before(c.renewAt))
	return c.current.Credentials, good, fresh
}

// renew fetches, unless that has just been done. It is bound to no caller: the
// next one needs what it brings.
func (c *cache) renew() (ossclient.Credentials, error) {
	if credentials, _, fresh := c.look(); fresh {
		return credentials, nil
	}
	if err := c.justFailed(); err != nil {
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
		left := max(got.expires.Sub(now), shortest)
		c.current.expires = now.Add(left)
		c.renewAt = c.current.expires.Add(-min(renewAhead, left/3))
	}
	return got.Credentials, nil
}

func (c *cache) justFailed() error {
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

// staticSource is credentials that somebody else renews, if anybody.
type staticSource struct{ credentials ossclient.Credentials }

func (s staticSource) fetch(context.Context) (lease, error) {
	return lease{Credentials: s.credentials}, nil
}
