// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/address"
)

// clock estimates the time of OSS. OSS refuses a request whose date is off by more
// than fifteen minutes, and sends its own time in the Date of the answer. The clock
// follows this time if the answer is certain to come from OSS.
type clock struct {
	trusted bool         // the connection authenticates OSS
	ahead   atomic.Int64 // how far OSS is ahead of this machine, a [time.Duration]
}

const (
	// minSkew is far less than OSS allows. A smaller difference is not the reason of
	// a refusal.
	minSkew = 5 * time.Minute
	// maxSkew covers a wrong time zone and a wrong day. The user must correct a clock
	// that is further off. Otherwise a malicious server could collect signatures for
	// a distant date.
	maxSkew = 24 * time.Hour
)

func (c *clock) offset() time.Duration { return time.Duration(c.ahead.Load()) }

// authenticated reports whether connections authenticate the server: by a
// certificate, or because they do not leave this machine.
func (e endpoint) authenticated(insecure bool) bool {
	return e.scheme == "https" && !insecure || address.IsLoopback((&url.URL{Host: e.host}).Hostname())
}

// learn sets the clock to the Date of an error answer. serverTime is the time in
// its document, or ""; if the two differ, a cache or proxy has set the Date, and it
// is ignored. learn reports whether it changed the clock. If many requests are
// refused at once, it returns true for one of them.
func (c *clock) learn(date, serverTime string) bool {
	now, err := http.ParseTime(date)
	if err != nil || !c.trusted {
		return false
	}
	if serverTime != "" {
		documented, err := time.Parse(time.RFC3339, serverTime)
		if err != nil || documented.Sub(now).Abs() > minSkew {
			return false
		}
	}
	ahead, known := time.Until(now), c.ahead.Load()
	if ahead.Abs() > maxSkew || (ahead-time.Duration(known)).Abs() < minSkew {
		return false
	}
	return c.ahead.CompareAndSwap(known, int64(ahead))
}

// Now returns the time of OSS. After the first successful request, it is accurate to
// fifteen minutes.
func (c *Client) Now() time.Time { return time.Now().Add(c.clock.offset()) }

// httpDate returns the time of this machine plus offset, in the format of a Date
// header.
func httpDate(offset time.Duration) string {
	return time.Now().Add(offset).UTC().Format(http.TimeFormat)
}
