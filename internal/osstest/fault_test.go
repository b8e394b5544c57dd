// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// TestFaults applies each kind of fault to a put, and checks both what the
// client learned and what the server did.
func TestFaults(t *testing.T) {
	const body = "twelve bytes"
	for _, test := range []struct {
		name    string
		fault   Fault
		status  int // 0: no answer
		code    string
		applied bool
		read    int64 // bytes of the body
	}{
		{name: "none", fault: Fault{}, status: 200, applied: true, read: 12},
		{name: "refused", fault: Refuse(503, "ServiceUnavailable", "Retry-After", "7"), status: 503, code: "ServiceUnavailable"},
		{name: "answer lost", fault: LoseAnswer(), applied: true, read: 12},
		{name: "body cut", fault: CutBody(5), read: 5},
		{name: "body cut at once", fault: CutBody(0)},
		{name: "body cut at its end", fault: CutBody(12), read: 12},
		{name: "answer cut", fault: CutAnswer(3), applied: true, read: 12},
		{name: "stalled", fault: Stall(time.Millisecond), status: 200, applied: true, read: 12},
		{name: "stalled in the body", fault: StallBody(5, time.Millisecond), status: 200, applied: true, read: 12},
		{name: "delayed", fault: Delay(time.Millisecond), status: 200, applied: true, read: 12},
		{name: "throttled", fault: Throttle(1 << 20), status: 200, applied: true, read: 12},
		{name: "garbage", fault: Garbage(502, "text/html", "<h1>Bad Gateway</h1>"), status: 502},
		{name: "garbage after", fault: GarbageAfter(502, "text/html", "<h1>Bad Gateway</h1>"), status: 502, applied: true, read: 12},
		{name: "header overridden", fault: OverrideHeader("ETag", ""), status: 200, applied: true, read: 12},
		{name: "decided, refused", fault: Func(func(Request) Fault { return Refuse(500, "InternalError") }), status: 500, code: "InternalError"},
		{name: "decided, none", fault: Func(func(Request) Fault { return Fault{} }), status: 200, applied: true, read: 12},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := start(t, Config{})
			s.AddRule(Rule{Op: PutObject, Fault: test.fault})
			r, err := c.try("PUT", "/b/key", strings.NewReader(body), 12)
			if (err == nil) != (test.status != 0) || r.status != test.status || r.code() != test.code {
				t.Errorf("client: got %d %s, %v; want %d %s", r.status, r.code(), err, test.status, test.code)
			}
			if _, stored := s.Object("b", "key"); stored != test.applied {
				t.Errorf("stored is %t, want %t", stored, test.applied)
			}
			logged := s.Requests()[0]
			if logged.Done != test.applied || logged.BodyBytes != test.read || logged.Op != PutObject {
				t.Errorf("logged %+v", logged)
			}
		})
	}
}

func TestFault_headers(t *testing.T) {
	s, c := start(t, Config{})
	remove := s.AddRule(Rule{Fault: Refuse(503, "ServiceUnavailable", "Retry-After", "7")})
	if got := c.do("PUT", "/b/k", "").header.Get("Retry-After"); got != "7" {
		t.Errorf("Retry-After is %q", got)
	}
	remove()
	s.AddRule(Rule{Fault: OverrideHeader("x-oss-hash-crc64ecma", "1")})
	if got := c.do("PUT", "/b/k", "").header.Get("x-oss-hash-crc64ecma"); got != "1" {
		t.Errorf("CRC-64 is %q", got)
	}
}

func TestRules(t *testing.T) {
	s, c := start(t, Config{})
	status := func(key string) int { t.Helper(); return c.do("PUT", "/b/"+key, "").status }

	s.AddRule(Rule{Key: "k", Nth: 2, Times: 2, Fault: Refuse(500, "InternalError")})
	for i, want := range []int{200, 500, 500, 200} {
		if got := status("k"); got != want {
			t.Errorf("request %d: got %d, want %d", i+1, got, want)
		}
		if got := status("other"); got != 200 {
			t.Errorf("another key: got %d", got)
		}
	}
	remove := s.AddRule(Rule{Op: PutObject, Fault: Refuse(503, "ServiceUnavailable")})
	if got := status("other"); got != 503 {
		t.Errorf("got %d, want 503", got)
	}
	remove()
	if got := status("other"); got != 200 {
		t.Errorf("after remove: got %d", got)
	}
	s.AddRule(Rule{Fault: Refuse(503, "ServiceUnavailable")})
	s.ClearRules()
	if got := status("other"); got != 200 {
		t.Errorf("after ClearRules: got %d", got)
	}

	id := c.initiate("/b/k")
	s.AddRule(Rule{PartNumber: 2, Fault: Refuse(503, "ServiceUnavailable")})
	for number, want := range []int{1: 200, 2: 503, 3: 200} {
		if number > 0 {
			wantReply(t, "part", c.do("PUT", partTarget("/b/k", id, number), "x"), want, map[int]string{503: "ServiceUnavailable"}[want])
		}
	}
}

// TestDelay_clientLeaves tests that the effect remains when the client
// disconnects before the answer.
func TestDelay_clientLeaves(t *testing.T) {
	s, c := start(t, Config{})
	id := c.initiate("/b/k")
	etag := c.part("/b/k", id, 1, "x")
	s.AddRule(Rule{Op: CompleteMultipartUpload, Fault: Delay(time.Hour)})
	go func() {
		_, _ = c.try("POST", "/b/k?uploadId="+id, strings.NewReader(partList(1, etag)), int64(len(partList(1, etag))))
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	err := s.WaitFor(ctx, func(requests []Request) bool {
		last := requests[len(requests)-1]
		return last.Op == CompleteMultipartUpload && last.Done
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, s, "k"); got != "x" {
		t.Errorf("stored %q", got)
	}
	// Close, which Start registered, must not wait for an hour.
}

func TestThrottle(t *testing.T) {
	_, c := start(t, Config{Bandwidth: 300 << 10})
	began := time.Now()
	c.want("PUT", "/b/k", strings.Repeat("x", 30<<10))
	if took := time.Since(began); took < 70*time.Millisecond || took > 5*time.Second {
		t.Errorf("30 KiB at 300 KiB/s took %v", took)
	}
}
