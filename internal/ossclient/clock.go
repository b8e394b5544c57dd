// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clock dates requests. OSS refuses a request whose date is more than fifteen
// minutes from its own, and tells its own in the Date of the answer; from then
// on the clock goes by that.
type clock struct {
	ahead atomic.Int64 // what OSS's clock shows more than this machine's, a [time.Duration]
}

const (
	// minSkew is far less than OSS allows: a date that is closer is not why OSS
	// refused a request.
	minSkew = 5 * time.Minute
	// maxSkew is more than a clock with which TLS works can be wrong, and less
	// than what a middlebox is off that takes the year for 1970.
	maxSkew = 20 * 365 * 24 * time.Hour
)

func (c *clock) offset() time.Duration { return time.Duration(c.ahead.Load()) }

// learn takes the Date of an answer for the time. It reports whether that is
// news; of many requests that are refused at once, only one is told so.
func (c *clock) learn(date string) bool {
	now, err := http.ParseTime(date)
	if err != nil {
		return false
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
