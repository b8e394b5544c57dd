// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"io"
	"log"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// quietLog discards net/http's messages, because faults drop connections on
// purpose.
var quietLog = log.New(io.Discard, "", 0)

// call is one request being served.
type call struct {
	s      *Server
	r      *http.Request
	route  *route
	bucket string
	key    string
	query  url.Values
	body   io.Reader // the request's body, with the fault applied
	record *record
	id     string // the request ID
}

// ServeHTTP logs the request, selects a fault, authenticates the request,
// applies the operation and sends the answer, in this order.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.inFlight.Done()

	c, callErr := s.newCall(r)
	defer s.log.finished(c.record)
	fault := s.faults.pick(c.record.snapshot())
	s.log.faulted(c.record, fault.name)
	fault.stallBefore(s, r)

	c.body = fault.body(s, r.Body, c.record)
	answered := fault.refusal(c)
	if answered == nil {
		answered = c.answer(callErr)
	}
	if fault.wasCut(c.body) {
		panic(http.ErrAbortHandler)
	}

	s.pause(fault.delay)
	if fault.loseAnswer {
		if answered.body != nil {
			_ = answered.body.Close()
		}
		panic(http.ErrAbortHandler)
	}
	s.pause(s.cfg.Latency)
	answered = fault.rewrite(answered)
	c.standardHeaders(answered)
	s.log.answered(c.record, answered)
	fault.send(answered, w, r.Method)
}

// newCall parses the request's address and finds its operation. The request is
// logged even if this fails, so that tests see invalid requests, too.
func (s *Server) newCall(r *http.Request) (*call, error) {
	c := &call{s: s, r: r, id: randomID(12), query: url.Values{}}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err == nil {
		c.query = query
		c.bucket, c.key, err = s.address(r)
	}
	if err == nil {
		c.route, err = findRoute(r, c.bucket, c.key, c.query)
	}
	c.record = s.log.arrived(c)
	if err != nil {
		c.violate("%v", err)
	}
	return c, err
}

// answer authenticates the request, applies it and returns the answer.
func (c *call) answer(callErr error) *answer {
	a, err := c.apply(callErr)
	if err != nil {
		return errorAnswer(err, c.r.Method, c.r.Host, c.id)
	}
	c.s.log.applied(c.record)
	return c.charge(a)
}

func (c *call) apply(callErr error) (*answer, error) {
	if callErr != nil {
		return nil, refusal(400, "InvalidRequest", "", "%v", callErr)
	}
	// OSS looks up the bucket before it verifies the signature. Source: SDK v1
	// tests, which expect NoSuchBucket for unknown keys.
	if c.route.op != PutBucket && c.bucket != "" {
		if !c.s.hasBucket(c.bucket) {
			return nil, errNoSuchBucket(c.bucket)
		}
	}
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	if err := c.checkAccess(); err != nil {
		return nil, err
	}
	if err := c.authorize(); err != nil {
		return nil, err
	}
	if err := c.checkRequest(); err != nil {
		return nil, err
	}
	return c.route.apply(c)
}

func (s *Server) hasBucket(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buckets[name] != nil
}

// lockedBucket returns the bucket. s.mu must be held, also while the bucket is
// used.
func (s *Server) lockedBucket(name string) (*bucket, error) {
	if b := s.buckets[name]; b != nil {
		return b, nil
	}
	return nil, errNoSuchBucket(name)
}

// receive streams the request's body to disk.
func (c *call) receive() (*blob, error) {
	b, err := c.s.store.receive(c.body)
	if err != nil {
		return nil, errIncompleteBody(err)
	}
	return b, nil
}

func (c *call) standardHeaders(a *answer) {
	a.header.Set("Date", c.s.cfg.Now().UTC().Format(http.TimeFormat))
	a.header.Set("Server", "AliyunOSS")
	a.header.Set("x-oss-request-id", c.id)
	if !c.untimed(a) {
		a.header.Set("x-oss-server-time", "1")
	}
}

// untimed reports whether OSS omits x-oss-server-time. Source: recorded
// answers, cn-shanghai, May 2026. It does so if the bucket does not exist, and
// if GetObject returns an empty object.
func (c *call) untimed(a *answer) bool {
	empty := c.route != nil && c.route.op == GetObject && a.status == http.StatusOK && a.length == 0
	return a.code == noSuchBucket || empty
}

// now returns the time of the server's clock in whole seconds, the resolution
// of HTTP dates. Modification times are compared at this resolution.
func (s *Server) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Second) }

// address returns the bucket and key in the URL, which is in path style
// (http://127.0.0.1/bucket/key) or virtual-host style
// (http://bucket.localhost/key). It reads the key from the escaped path,
// because the Go SDK v1 sends "/" in keys as %2F. It does not clean the path,
// because "a//b" and "a/../b" are valid keys.
func (s *Server) address(r *http.Request) (bucket, key string, err error) {
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/")
	bucket = s.hostBucket(r.Host)
	if bucket == "" {
		bucket, path, _ = strings.Cut(path, "/")
	}
	if bucket, err = url.PathUnescape(bucket); err != nil {
		return "", "", err
	}
	key, err = url.PathUnescape(path)
	return bucket, key, err
}

// hostBucket returns the bucket that a virtual-host style Host names, or "". It
// ignores the case of the host; that OSS does so, too, is assumed.
func (s *Server) hostBucket(host string) string {
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	s.mu.Lock()
	bound := s.domains[host]
	s.mu.Unlock()
	if bound != "" {
		return bound
	}
	for _, endpoint := range []string{
		"localhost",
		"oss-" + s.cfg.Region + ".aliyuncs.com",
		"oss-" + s.cfg.Region + "-internal.aliyuncs.com",
		"oss-accelerate.aliyuncs.com",
	} {
		if bucket, ok := strings.CutSuffix(host, "."+endpoint); ok {
			return bucket
		}
	}
	return ""
}
