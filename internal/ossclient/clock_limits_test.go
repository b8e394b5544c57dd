// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"testing"
	"testing/synctest"
	"time"
)

// The clock learns a time at each limit, to the second. In a bubble of synctest,
// time stands still.
func TestClock_limits(t *testing.T) {
	for _, behind := range []bool{false, true} {
		for _, tt := range []struct {
			known, ahead time.Duration
			learns       bool
		}{
			{0, minSkew - time.Second, false},
			{0, minSkew, true},
			{0, maxSkew, true},
			{0, maxSkew + time.Second, false},
			{time.Hour, time.Hour, false},
			{time.Hour, time.Hour + minSkew - time.Second, false},
			{time.Hour, time.Hour + minSkew, true},
			{time.Hour, time.Hour - minSkew + time.Second, false},
			{time.Hour, time.Hour - minSkew, true},
			{time.Hour, 0, true},
		} {
			known, ahead := tt.known, tt.ahead
			if behind {
				known, ahead = -known, -ahead
			}
			synctest.Test(t, func(t *testing.T) {
				c := clock{trusted: true}
				c.ahead.Store(int64(known))
				learns := c.learn(httpDate(ahead), "")
				want := known
				if tt.learns {
					want = ahead
				}
				if learns != tt.learns || c.offset() != want {
					t.Errorf("ahead by %v, learns %v: %t, now ahead by %v", known, ahead, learns, c.offset())
				}
			})
		}
	}
}

// The time in the document of a refusal may differ from its Date by minSkew.
func TestClock_serverTimeLimits(t *testing.T) {
	for differs, want := range map[time.Duration]bool{
		0: true, minSkew: true, -minSkew: true, minSkew + time.Second: false, -minSkew - time.Second: false,
	} {
		synctest.Test(t, func(t *testing.T) {
			c := clock{trusted: true}
			serverTime := time.Now().Add(time.Hour + differs).UTC().Format(time.RFC3339)
			if got := c.learn(httpDate(time.Hour), serverTime); got != want {
				t.Errorf("ServerTime is %v from Date: learns %t", differs, got)
			}
		})
	}
}

func TestEndpoint_authenticated(t *testing.T) {
	for _, tt := range []struct {
		endpoint endpoint
		insecure bool
		want     bool
	}{
		{endpoint{scheme: "https", host: "oss.example.com"}, false, true},
		{endpoint{scheme: "https", host: "oss.example.com"}, true, false},
		{endpoint{scheme: "http", host: "oss.example.com"}, false, false},
		{endpoint{scheme: "http", host: "127.0.0.1:80"}, false, true},
		{endpoint{scheme: "http", host: "[::1]:80"}, false, true},
		{endpoint{scheme: "https", host: "127.0.0.1"}, true, true},
	} {
		if got := tt.endpoint.authenticated(tt.insecure); got != tt.want {
			t.Errorf("%+v, insecure %t: got %t", tt.endpoint, tt.insecure, got)
		}
	}
}
