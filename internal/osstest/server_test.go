// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// recorder is a TB that records failures instead of failing.
type recorder struct {
	*testing.T
	failures []string
	cleanup  []func()
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}
func (r *recorder) Cleanup(f func()) { r.cleanup = append(r.cleanup, f) }

// TestViolations tests that a violation fails the test, and that a legitimate
// error does not.
func TestViolations(t *testing.T) {
	for name, test := range map[string]struct {
		call  func(c *client, id, etag string)
		valid bool
	}{
		"part number 0":     {call: func(c *client, id, _ string) { c.do("PUT", partTarget("/b/k", id, 0), "x") }},
		"part number 10001": {call: func(c *client, id, _ string) { c.do("PUT", partTarget("/b/k", id, 10001), "x") }},
		"unknown upload ID": {call: func(c *client, _, _ string) { c.do("PUT", partTarget("/b/k", "0", 1), "x") }},
		"another key's ID":  {call: func(c *client, id, _ string) { c.do("PUT", partTarget("/b/other", id, 1), "x") }},
		"unknown ETag":      {call: func(c *client, id, _ string) { c.complete("/b/k", id, partList(1, "0")) }},
		"malformed XML":     {call: func(c *client, id, _ string) { c.complete("/b/k", id, "<Complete") }},
		"unknown parameter": {call: func(c *client, _, _ string) { c.do("GET", "/b/k?torrent", "") }},
		"unknown operation": {call: func(c *client, _, _ string) { c.do("PATCH", "/b/k", "") }},
		"part without length": {call: func(c *client, id, _ string) {
			_, _ = c.try("PUT", partTarget("/b/k", id, 1), strings.NewReader("x"), -1)
		}},
		"unsigned": {call: func(c *client, _, _ string) {
			if r, err := http.Get(c.url + "/b/k"); err == nil {
				_ = r.Body.Close()
			}
		}},
		"part number 10000": {valid: true, call: func(c *client, id, _ string) { c.do("PUT", partTarget("/b/k", id, 10000), "x") }},
		"missing object":    {valid: true, call: func(c *client, _, _ string) { c.do("HEAD", "/b/missing", "") }},
		"aborted upload": {valid: true, call: func(c *client, id, etag string) {
			c.do("DELETE", "/b/k?uploadId="+id, "")
			c.complete("/b/k", id, partList(1, etag))
		}},
		"body cut by the client": {valid: true, call: func(c *client, id, _ string) {
			_, _ = c.try("PUT", partTarget("/b/k", id, 1), io.MultiReader(strings.NewReader("x"), brokenReader{}), 10)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{T: t}
			s := Start(r, Config{})
			s.CreateBucket("b")
			c := newClient(t, s)
			id := c.initiate("/b/k")
			test.call(c, id, c.part("/b/k", id, 1, "x"))
			for _, f := range r.cleanup {
				f()
			}
			if valid := len(r.failures) == 0; valid != test.valid {
				t.Errorf("valid is %t, want %t: %q", valid, test.valid, r.failures)
			}
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestCredentials(t *testing.T) {
	now := time.Now()
	s, c := start(t, Config{})
	s.AddCredential(Credential{AccessKeyID: "sts", AccessKeySecret: "secret", SecurityToken: "token", Expires: now.Add(time.Hour)})
	s.AddCredential(Credential{AccessKeyID: "old", AccessKeySecret: "secret", SecurityToken: "token", Expires: now})
	for name, test := range map[string]struct {
		credential Credential
		status     int
		code       string
	}{
		"good":         {Credential{AccessKeyID: "sts", AccessKeySecret: "secret", SecurityToken: "token"}, 200, ""},
		"wrong token":  {Credential{AccessKeyID: "sts", AccessKeySecret: "secret", SecurityToken: "other"}, 403, "InvalidSecurityToken"},
		"no token":     {Credential{AccessKeyID: "sts", AccessKeySecret: "secret"}, 403, "InvalidAccessKeyId"},
		"expired":      {Credential{AccessKeyID: "old", AccessKeySecret: "secret", SecurityToken: "token"}, 403, "SecurityTokenExpired"},
		"wrong secret": {Credential{AccessKeyID: AccessKeyID, AccessKeySecret: "other"}, 403, "SignatureDoesNotMatch"},
		"unknown":      {Credential{AccessKeyID: "unknown", AccessKeySecret: "secret"}, 403, "InvalidAccessKeyId"},
	} {
		c.credential = test.credential
		wantReply(t, name, c.do("PUT", "/b/k", ""), test.status, test.code)
	}
	for _, r := range s.Requests() {
		if r.Header.Get("Authorization") != "" || r.Header.Get("x-oss-security-token") != "" || r.AccessKeyID == "" {
			t.Errorf("logged %+v", r)
		}
	}
	s.RemoveCredential("sts")
	c.credential = Credential{AccessKeyID: "sts", AccessKeySecret: "secret", SecurityToken: "token"}
	wantReply(t, "removed", c.do("PUT", "/b/k", ""), 403, "InvalidAccessKeyId")
}

func TestClockSkew(t *testing.T) {
	for _, test := range []struct {
		skew    time.Duration
		anyDate bool
		status  int
		code    string
	}{
		{14 * time.Minute, false, 200, ""},
		{16 * time.Minute, false, 403, "RequestTimeTooSkewed"},
		{-16 * time.Minute, false, 403, "RequestTimeTooSkewed"},
		{16 * time.Minute, true, 200, ""},
	} {
		now := func() time.Time { return time.Now().Add(test.skew) }
		_, c := start(t, Config{Now: now, AnyDate: test.anyDate})
		r := c.do("PUT", "/b/k", "")
		wantReply(t, test.skew.String(), r, test.status, test.code)
		date, err := http.ParseTime(r.header.Get("Date"))
		if err != nil || now().Sub(date).Abs() > time.Minute {
			t.Errorf("the answer is dated %v, %v", date, err)
		}
	}
}

// TestMemory tests that memory use does not depend on the size of a body.
func TestMemory(t *testing.T) {
	const size, allowed = 16 << 20, 4 << 20
	s, c := start(t, Config{})
	id := c.initiate("/b/k")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := c.try("PUT", partTarget("/b/k", id, 1), io.LimitReader(zeros{}, size), size)
	if err != nil || r.status != 200 {
		t.Fatal(r, err)
	}
	wantReply(t, "complete", c.complete("/b/k", id, partList(1, r.header.Get("ETag"))), 200, "")
	o, _ := s.Object("b", "k")
	body, err := o.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if n, err := io.Copy(io.Discard, body); n != size || err != nil {
		t.Errorf("read %d bytes, %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > allowed {
		t.Errorf("allocated %d MiB for a part of %d MiB", got>>20, size>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestDiscard(t *testing.T) {
	s, c := start(t, Config{Discard: true})
	c.want("PUT", "/b/k", "123456789")
	o, _ := s.Object("b", "k")
	if o.Size != 9 || o.CRC64 != 0x995DC9BBDF1939FA {
		t.Errorf("stored %+v", o)
	}
	if _, err := o.Open(); err == nil {
		t.Error("opened a discarded body")
	}
}

func TestConfig_CRC64(t *testing.T) {
	s, c := start(t, Config{Discard: true, CRC64: func(crc uint64, p []byte) uint64 { return crc + uint64(len(p)) }})
	id := c.initiate("/b/k")
	etag := c.part("/b/k", id, 1, "12345")
	if other := c.part("/b/k", id, 2, "1234567"); other == etag {
		t.Errorf("two parts have the ETag %s", etag)
	}
	if p := s.OpenUploads("b")[0].Parts[0]; p.CRC64 != 5 || p.ETag != etag {
		t.Errorf("stored %+v", p)
	}
}

func TestLog(t *testing.T) {
	var lines strings.Builder
	s, c := start(t, Config{Log: &lines})
	c.want("PUT", "/b/k", "four")
	id := c.initiate("/b/k")
	c.part("/b/k", id, 2, "12345")
	if n := s.Count(UploadPart); n != 1 {
		t.Errorf("counted %d parts", n)
	}
	if n := s.BodyBytes(); n != 9 {
		t.Errorf("counted %d bytes", n)
	}
	if r := s.Requests()[2]; r.Seq != 3 || r.PartNumber != 2 || r.UploadID != id || r.Status != 200 || !r.Op.Writes() {
		t.Errorf("logged %+v", r)
	}
	s.ResetLog()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := s.WaitFor(ctx, func(r []Request) bool { return len(r) > 0 }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("WaitFor: got %v, want DeadlineExceeded", err)
	}
	if n := strings.Count(lines.String(), "\n"); n != 3 {
		t.Errorf("%d lines:\n%s", n, &lines)
	}
}

func TestStart_loopbackOnly(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:0"} {
		if url, err := s.Start(addr); err == nil {
			t.Errorf("%s: listens on %s", addr, url)
		}
	}
}
