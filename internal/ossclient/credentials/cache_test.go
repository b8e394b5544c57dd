// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// counting is a source of numbered credentials, which are valid for an hour unless lasts is set.
type counting struct {
	mu      sync.Mutex
	fetches int
	takes   time.Duration
	fails   error
	forever bool
	lasts   time.Duration
}

func (s *counting) fetch(ctx context.Context) (lease, error) {
	s.mu.Lock()
	s.fetches++
	n, err, takes := s.fetches, s.fails, s.takes
	s.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return lease{}, ctx.Err()
	}
	if err != nil {
		return lease{}, err
	}
	got := lease{numbered(n), time.Now().Add(cmp.Or(s.lasts, time.Hour))}
	if s.forever {
		got.expires = time.Time{}
	}
	return got, nil
}

func (s *counting) set(fails error, takes time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails, s.takes = fails, takes
}

func (s *counting) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fetches
}

func numbered(n int) ossclient.Credentials {
	return ossclient.Credentials{AccessKeyID: fmt.Sprintf("id%d", n), AccessKeySecret: "s", SecurityToken: "t"}
}

func mustGet(t *testing.T, c ossclient.CredentialsProvider, n int) {
	t.Helper()
	got, err := c.Credentials(t.Context())
	if err != nil || got != numbered(n) {
		t.Errorf("got %s, %v, want number %d", got.AccessKeyID, err, n)
	}
}

// Without valid credentials, 64 concurrent callers cause one fetch, and all get its result.
func TestCache_manyAtExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counting{takes: time.Second}
		c := newCache(s)
		all := func(want int) {
			var wait sync.WaitGroup
			for range 64 {
				wait.Go(func() { mustGet(t, c, want) })
			}
			wait.Wait()
			if s.count() != want {
				t.Errorf("%d fetches, want %d", s.count(), want)
			}
		}
		all(1)
		time.Sleep(time.Hour)
		all(2)
	})
}

// Before the expiration, callers do not wait: they get the old credentials, and one fetch
// runs in the background.
func TestCache_renewsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counting{}
		c := newCache(s)
		mustGet(t, c, 1)
		time.Sleep(54 * time.Minute)
		mustGet(t, c, 1)
		synctest.Wait()
		if s.count() != 1 {
			t.Fatalf("%d fetches six minutes before the end", s.count())
		}
		time.Sleep(2 * time.Minute)
		s.set(nil, 10*time.Second)
		before := time.Now()
		for range 64 {
			mustGet(t, c, 1)
		}
		if time.Since(before) > 0 {
			t.Errorf("a caller waited %v", time.Since(before))
		}
		time.Sleep(11 * time.Second)
		mustGet(t, c, 2)
		if s.count() != 2 {
			t.Errorf("%d fetches, want 2", s.count())
		}
	})
}

// Credentials that are valid for a short time are used for two thirds of it.
func TestCache_shortLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counting{lasts: 3 * time.Minute}
		c := newCache(s)
		mustGet(t, c, 1)
		time.Sleep(2*time.Minute - time.Second)
		mustGet(t, c, 1)
		synctest.Wait()
		if s.count() != 1 {
			t.Errorf("%d fetches before a third is left", s.count())
		}
		time.Sleep(2 * time.Second)
		mustGet(t, c, 1)
		synctest.Wait()
		if s.count() != 2 {
			t.Errorf("%d fetches after a third is left", s.count())
		}
	})
}

// A temporary failure of the service has no effect as long as the old credentials are
// valid. Then all callers get the error of one fetch.
func TestCache_failure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counting{}
		c := newCache(s)
		mustGet(t, c, 1)
		down := permanentError("method", "is down")
		s.set(down, 0)
		for range 59 {
			time.Sleep(time.Minute)
			mustGet(t, c, 1)
			synctest.Wait()
		}
		if s.count() < 4 {
			t.Errorf("%d fetches: no retry within five minutes", s.count())
		}
		time.Sleep(2 * time.Minute)
		before := s.count()
		for range 64 {
			if _, err := c.Credentials(t.Context()); !errors.Is(err, down) {
				t.Fatal(err)
			}
		}
		if s.count() != before+1 {
			t.Errorf("%d fetches for 64 concurrent callers, want 1", s.count()-before)
		}
		s.set(nil, 0)
		time.Sleep(failurePause)
		mustGet(t, c, s.count()+1)
	})
}

// A fetch is attempted three times if its error is transient, otherwise once.
func TestCache_tries(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{&Error{method: "m", text: "down", transient: true}, tries},
		{permanentError("m", "nothing"), 1},
		{errors.New("other"), 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &counting{fails: tt.err}
			if _, err := newCache(s).Credentials(t.Context()); !errors.Is(err, tt.err) || s.count() != tt.want {
				t.Errorf("%v after %d fetches, want %d", err, s.count(), tt.want)
			}
		})
	}
}

// A caller's deadline does not cancel the fetch, which other callers wait for.
func TestCache_deadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counting{takes: time.Minute}
		c := newCache(s)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		before := time.Now()
		if _, err := c.Credentials(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(before) != time.Second {
			t.Errorf("%v after %v", err, time.Since(before))
		}
		if _, err := c.Credentials(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after the deadline: %v", err)
		}
		mustGet(t, c, 1)
		if s.count() != 1 || time.Since(before) != time.Minute {
			t.Errorf("%d fetches in %v", s.count(), time.Since(before))
		}
	})
}

// A fetch that does not return is canceled after a time.
func TestCache_hangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := time.Now()
		_, err := newCache(&counting{takes: 24 * time.Hour}).Credentials(t.Context())
		if err == nil || time.Since(before) != fetchTimeout {
			t.Errorf("%v after %v", err, time.Since(before))
		}
	})
}

// Discarded credentials are not returned again, unless the source has no others. A late
// Discard does not remove new credentials.
func TestCache_discard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counting{}
		c := newCache(s)
		mustGet(t, c, 1)
		for range 64 {
			c.Discard(numbered(1))
			mustGet(t, c, 2)
		}
		if s.count() != 2 {
			t.Errorf("%d fetches, want 2", s.count())
		}

		key := numbered(7)
		static := New(Config{Static: key})
		static.Discard(key)
		if got, err := static.Credentials(t.Context()); err != nil || got != key {
			t.Errorf("static key: %v", err)
		}
	})
}

// Credentials that seem to have expired are used for a minute, because the clock of this
// machine may be wrong.
func TestCache_wrongClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fixedEnd{expires: time.Now().Add(-time.Hour)}
		c := newCache(s)
		for range 3 {
			mustGet(t, c, 1)
		}
		if s.fetches != 1 {
			t.Errorf("%d fetches", s.fetches)
		}
	})
}

type fixedEnd struct {
	expires time.Time
	fetches int
}

func (s *fixedEnd) fetch(context.Context) (lease, error) {
	s.fetches++
	return lease{numbered(1), s.expires}, nil
}

func TestCache_forever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counting{forever: true}
		c := newCache(s)
		for range 3 {
			mustGet(t, c, 1)
			time.Sleep(1000 * time.Hour)
		}
		if s.count() != 1 {
			t.Errorf("%d fetches", s.count())
		}
	})
}
