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

// clock dates requests. OSS refuses a request whose date is more than fifteen
// minutes from its own, and tells its own in the Date of the answer; from then
// on the clock goes by that, if the answer is sure to be OSS's.
type clock struct {
	trusted bool         // the connection proves who answers
	ahead   atomic.Int64 // what OSS's clock shows more than this machine's, a [time.Duration]
}

const (
	// minSkew is far less than OSS allows: a date that is closer is not why OSS
	// refused a request.
	minSkew = 5 * time.Minute
	// maxSkew is how far off a machine is whose time zone or date is set wrong.
	// A clock that is further off must be set. A server that moved it further
	// would get requests signed for a day when the key is no longer watched.
	maxSkew = 24 * time.Hour
)

func (c *clock) offset() time.Duration { return time.Duration(c.ahead.Load()) }

// provesServer reports whether a connection proves that it is OSS who answers:
// by a certificate, or by not leaving this machine.
func (e endpoint) provesServer(insecure bool) bool {
	return e.scheme == "https" && !insecure || address.IsLoopback((&url.URL{Host: e.host}).Hostname())
}

// learn takes the Date of a refusal for the time. serverTime is what its document
// says, or ""; a Date that differs is that of a cache or a proxy. learn reports
// whether the time is news; of many requests that are refused at once, only one
// is told so.
func (c *clock) learn(date, serverTime string) bool {
	now, err := http.ParseTime(date)
	if err != nil || !c.trusted {
		return false
	}
	if serverTime != "" {
		told, err := time.Parse(time.RFC3339, serverTime)
		if err != nil || told.Sub(now).Abs() > minSkew {
			return false
		}
	}
	ahead, known := time.Until(now), c.ahead.Load()
	if ahead.Abs() > maxSkew || (ahead-time.Duration(known)).Abs() < minSkew {
		return false
	}
	return c.ahead.CompareAndSwap(known, int64(ahead))
}

// Now is the time by the clock of OSS, as far as an answer has told it: after the
// first answer, within fifteen minutes.
func (c *Client) Now() time.Time { return time.Now().Add(c.clock.offset()) }

// httpDate is the time, offset from this machine's, as a Date header has it.
func httpDate(offset time.Duration) string {
	return time.Now().Add(offset).UTC().Format(http.TimeFormat)
}
