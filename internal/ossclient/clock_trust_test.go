// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The clock follows the date of OSS by at most a day, and only if the connection
// authenticates the server.
func TestClock_trustsOnlyOSS(t *testing.T) {
	t.Log("FAULT F75: dates from servers that are not authenticated, and dates that are days off")
	const day = 24 * time.Hour
	ago := func(d time.Duration) string { return time.Now().Add(d).UTC().Format("2006-01-02T15:04:05.000Z") }
	for name, tt := range map[string]struct {
		cfg        Config
		status     int
		ahead      time.Duration
		serverTime string
		follows    bool
	}{
		"https":                    {Config{Endpoint: "https://oss.example.com"}, 403, time.Hour, "", true},
		"and its time":             {Config{Endpoint: "https://oss.example.com"}, 403, time.Hour, ago(time.Hour), true},
		"loopback":                 {Config{Endpoint: "http://127.0.0.1:1"}, 403, -time.Hour, "", true},
		"a day at most":            {Config{Endpoint: "https://oss.example.com"}, 403, day - time.Minute, "", true},
		"more than a day":          {Config{Endpoint: "https://oss.example.com"}, 403, day + time.Minute, "", false},
		"a day back at most":       {Config{Endpoint: "https://oss.example.com"}, 403, -day + time.Minute, "", true},
		"more than a day back":     {Config{Endpoint: "https://oss.example.com"}, 403, -day - time.Minute, "", false},
		"a year":                   {Config{Endpoint: "https://oss.example.com"}, 403, 365 * day, "", false},
		"http":                     {Config{Endpoint: "http://oss.example.com"}, 403, time.Hour, "", false},
		"certificate not verified": {Config{Endpoint: "https://oss.example.com", Insecure: true}, 403, time.Hour, "", false},
		"Date of a cache":          {Config{Endpoint: "https://oss.example.com"}, 403, time.Hour, ago(-time.Hour), false},
		"invalid time":             {Config{Endpoint: "https://oss.example.com"}, 403, time.Hour, "canary", false},
		"other status":             {Config{Endpoint: "https://oss.example.com"}, 400, time.Hour, "", false},
	} {
		requests := 0
		c := clientFor(t, tt.cfg, patient)
		c = over(c, roundTripFunc(func(req *http.Request) (*http.Response, error) {
			requests++
			document := fmt.Sprintf("<Error><Code>%s</Code><Message>x</Message><ServerTime>%s</ServerTime></Error>", codeSkewed, tt.serverTime)
			return &http.Response{
				StatusCode: tt.status, Header: http.Header{"Date": {httpDate(tt.ahead)}}, Request: req,
				Body: io.NopCloser(strings.NewReader(document)), ContentLength: int64(len(document)),
			}, nil
		}), patient)
		_, err := c.ListParts(t.Context(), upload)
		if err == nil || !strings.Contains(err.Error(), "correct the clock") {
			t.Errorf("%s: %v", name, err)
		}
		if follows := c.clock.offset() != 0; follows != tt.follows || requests != map[bool]int{true: 2, false: 1}[tt.follows] {
			t.Errorf("%s: %d requests, offset %v", name, requests, c.clock.offset())
		}
	}
}
