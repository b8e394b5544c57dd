// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Request is the log entry of one request. The server adds it when the
// request's headers arrive; fields that are not yet known have the zero value.
type Request struct {
	Seq         int       // 1 for the server's first request; ResetLog does not reset it
	Time        time.Time // when it arrived
	Op          Op        // empty if the request matches no operation
	Bucket      string
	Key         string
	UploadID    string
	PartNumber  int // 0 if the request has no part number
	Method      string
	AccessKeyID string      // not verified
	Header      http.Header // without Authorization and security token

	Fault     string    // the name of the fault that was applied to this request
	BodyBytes int64     // bytes of the body read so far
	Done      bool      // the operation was applied, even if the client was not told
	Status    int       // of the answer; 0 if there is no answer yet or it was lost
	Code      string    // the OSS error code of the answer
	Ended     time.Time // when the server finished the request
}

// record is the log entry of a request that may still be in progress.
type record struct {
	request   Request // guarded by requestLog.mu
	bodyBytes atomic.Int64
	log       *requestLog
	now       func() time.Time
}

// requestLog keeps requests in order of arrival and notifies waiters of
// changes.
type requestLog struct {
	out io.Writer

	mu         sync.Mutex
	seq        int
	records    []*record
	violations []string
	allowed    bool
	changed    chan struct{} // closed and replaced on every change
	outMu      sync.Mutex
}

func newRequestLog(out io.Writer) *requestLog {
	return &requestLog{out: out, changed: make(chan struct{})}
}

func (l *requestLog) update(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *requestLog) arrived(c *call) *record {
	header := c.r.Header.Clone()
	header.Del("Authorization")
	header.Del("X-Oss-Security-Token")
	partNumber, _ := strconv.Atoi(c.query.Get("partNumber"))
	r := &record{log: l, now: c.s.cfg.Now, request: Request{
		Time: c.s.cfg.Now(), Method: c.r.Method, Header: header,
		Bucket: c.bucket, Key: c.key,
		UploadID: c.query.Get("uploadId"), PartNumber: partNumber,
		AccessKeyID: claimedAccessKeyID(c.r, c.query),
	}}
	if c.route != nil {
		r.request.Op = c.route.op
	}
	l.update(func() {
		l.seq++
		r.request.Seq = l.seq
		l.records = append(l.records, r)
	})
	return r
}

func (l *requestLog) faulted(r *record, name string) {
	l.update(func() { r.request.Fault = name })
}

func (l *requestLog) applied(r *record) {
	l.update(func() { r.request.Done = true })
}

func (l *requestLog) answered(r *record, a *answer) {
	l.update(func() { r.request.Status, r.request.Code = a.status, a.code })
}

func (l *requestLog) finished(r *record) {
	l.update(func() { r.request.Ended = r.now() }) // all bytes of the body have been counted by now
	if l.out == nil {
		return
	}
	request := r.snapshot()
	l.outMu.Lock()
	defer l.outMu.Unlock()
	_, _ = fmt.Fprintln(l.out, request)
}

// String returns the entry as one line of text.
func (r Request) String() string {
	line := fmt.Sprintf("%s #%d %s %s %s/%s", r.Time.UTC().Format("15:04:05.000"), r.Seq, r.Method, r.Op, r.Bucket, r.Key)
	if r.UploadID != "" {
		line += " uploadId=" + r.UploadID
	}
	if r.PartNumber != 0 {
		line += fmt.Sprintf(" part=%d", r.PartNumber)
	}
	line += fmt.Sprintf(" %d bytes -> %d %s", r.BodyBytes, r.Status, r.Code)
	if r.Fault != "" {
		line += fmt.Sprintf(" (%s, done=%t)", r.Fault, r.Done)
	}
	return line
}

func (r *record) snapshot() Request {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	return r.locked()
}

// locked returns the request with its current body bytes. requestLog.mu must be
// held.
func (r *record) locked() Request {
	request := r.request
	request.BodyBytes = r.bodyBytes.Load()
	return request
}

// violate records a violation: a request that no correct client sends.
func (c *call) violate(format string, args ...any) {
	l := c.s.log
	l.update(func() {
		what := fmt.Sprintf(format, args...)
		request := c.record.request
		l.violations = append(l.violations, fmt.Sprintf("#%d %s %s %s: %s", request.Seq, request.Method, request.Op, c.r.URL.Path, what))
	})
}

func (l *requestLog) violationsAllowed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.allowed
}

// Violations returns the violations so far, one line of text each.
func (s *Server) Violations() []string {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return append([]string(nil), s.log.violations...)
}

// AllowViolations keeps violations from failing the test. It is for tests that
// send invalid requests on purpose.
func (s *Server) AllowViolations() {
	s.log.update(func() { s.log.allowed = true })
}

// Requests returns the requests since the last ResetLog, in order of arrival.
func (s *Server) Requests() []Request {
	requests, _ := s.log.snapshot()
	return requests
}

func (l *requestLog) snapshot() ([]Request, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	requests := make([]Request, len(l.records))
	for i, r := range l.records {
		requests[i] = r.locked()
	}
	return requests, l.changed
}

// Count returns how many requests for this operation arrived since the last
// ResetLog, including failed ones.
func (s *Server) Count(op Op) (n int) {
	for _, r := range s.Requests() {
		if r.Op == op {
			n++
		}
	}
	return n
}

// BodyBytes returns how many bytes of request bodies were read since the last
// ResetLog, including those of lost and refused requests.
func (s *Server) BodyBytes() (n int64) {
	for _, r := range s.Requests() {
		n += r.BodyBytes
	}
	return n
}

// ResetLog removes the requests from the log. Violations and fault rules
// remain.
func (s *Server) ResetLog() {
	s.log.update(func() { s.log.records = nil })
	s.connections.reset()
}

// WaitFor waits until condition holds for the log, and returns nil, or until
// ctx is done, and returns ctx.Err(). It checks the condition after each change
// of the log; reading bytes of a body is not a change.
func (s *Server) WaitFor(ctx context.Context, condition func([]Request) bool) error {
	for {
		requests, changed := s.log.snapshot()
		if condition(requests) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// AllEnded is a condition for WaitFor: no request is in progress. After a
// client was interrupted, the server may still be receiving what it sent.
func AllEnded(requests []Request) bool {
	return !slices.ContainsFunc(requests, func(r Request) bool { return r.Ended.IsZero() })
}
