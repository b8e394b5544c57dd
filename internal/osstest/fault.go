// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// Fault says what goes wrong with one request. The constructors below return
// the faults; the zero value is no fault.
//
// Refuse, CutBody and Garbage leave the server unchanged. LoseAnswer, CutAnswer
// and GarbageAfter apply the operation and hide the result from the client.
type Fault struct {
	name       string
	decide     func(Request) Fault
	stall      time.Duration // before the body is read
	bodyStall  time.Duration // after stallAt bytes of the body
	stallAt    int64
	cuts       bool // the request's body is cut after cutAt bytes
	cutAt      int64
	bandwidth  int64
	refuse     func(*call) *answer // in place of applying the operation
	delay      time.Duration       // after applying the operation
	loseAnswer bool
	replace    func() *answer // after applying the operation
	override   [2]string      // header name and value
	cutsAnswer bool
	cutAnswer  int64
}

// Refuse answers with an OSS error, without reading the body or applying the
// operation. header is pairs of header names and values.
func Refuse(status int, code string, header ...string) Fault {
	return Fault{name: "Refuse " + code, refuse: func(c *call) *answer {
		err := refusal(status, code, "", "Refused by a fault rule.")
		for i := 0; i+1 < len(header); i += 2 {
			err = err.withHeader(header[i], header[i+1])
		}
		return errorAnswer(err, c.r.Method, c.r.Host, c.id)
	}}
}

// LoseAnswer applies the operation, then closes the connection without an
// answer.
func LoseAnswer() Fault { return Fault{name: "LoseAnswer", loseAnswer: true} }

// CutBody closes the connection after n bytes of the request's body. The
// operation is not applied.
func CutBody(n int64) Fault { return Fault{name: "CutBody", cuts: true, cutAt: n} }

// CutAnswer applies the operation and closes the connection after n bytes of
// the answer's body. An answer without a body is cut within its headers.
func CutAnswer(n int64) Fault { return Fault{name: "CutAnswer", cutsAnswer: true, cutAnswer: n} }

// Stall reads the request's headers, then waits for d before it reads the body,
// applies the operation and answers. The wait ends early when the server is
// closed or the client disconnects; the server detects the latter only once it
// has read the body.
func Stall(d time.Duration) Fault { return Fault{name: "Stall", stall: d} }

// StallBody waits for d after n bytes of the body.
func StallBody(n int64, d time.Duration) Fault {
	return Fault{name: "StallBody", stallAt: n, bodyStall: d}
}

// Delay applies the operation and answers after d. The effect remains even if
// the client disconnects.
func Delay(d time.Duration) Fault { return Fault{name: "Delay", delay: d} }

// Throttle limits how fast the body is read, in bytes per second.
func Throttle(bytesPerSecond int64) Fault {
	return Fault{name: "Throttle", bandwidth: bytesPerSecond}
}

// Garbage sends an answer that is not from OSS, such as a proxy's error page.
// The operation is not applied.
func Garbage(status int, contentType, body string) Fault {
	return Fault{name: "Garbage", refuse: func(*call) *answer { return rawAnswer(status, contentType, body) }}
}

// GarbageAfter is like Garbage, but applies the operation first.
func GarbageAfter(status int, contentType, body string) Fault {
	return Fault{name: "GarbageAfter", replace: func() *answer { return rawAnswer(status, contentType, body) }}
}

// OverrideHeader applies the operation and changes one header of the answer,
// for example to a wrong CRC-64. If value is empty, it removes the header.
func OverrideHeader(name, value string) Fault {
	return Fault{name: "OverrideHeader " + name, override: [2]string{name, value}}
}

// Func calls decide for each request and applies the fault that it returns,
// which may be the zero Fault.
func Func(decide func(Request) Fault) Fault { return Fault{decide: decide} }

func rawAnswer(status int, contentType, body string) *answer {
	return newAnswer(status).withBytes(contentType, []byte(body))
}

func (f Fault) stallBefore(s *Server, r *http.Request) {
	if f.stall <= 0 {
		return
	}
	timer := time.NewTimer(f.stall)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.closed:
	}
}

func (f Fault) refusal(c *call) *answer {
	if f.refuse == nil {
		return nil
	}
	return f.refuse(c)
}

// rewrite returns the answer that the client receives in place of a.
func (f Fault) rewrite(a *answer) *answer {
	if f.replace != nil {
		if a.body != nil {
			_ = a.body.Close()
		}
		return f.replace()
	}
	if name, value := f.override[0], f.override[1]; name != "" {
		a.header.Del(name)
		a.set(name, value)
	}
	return a
}

func (f Fault) send(a *answer, w http.ResponseWriter, method string) {
	cut := int64(-1)
	if f.cutsAnswer {
		cut = f.cutAnswer
		if a.length == 0 || method == http.MethodHead {
			cutHeaders(w, a.status)
		}
	}
	if err := a.send(w, method, cut); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// cutHeaders sends the beginning of a response and closes the connection.
func cutHeaders(w http.ResponseWriter, status int) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nServer: Ali", status, http.StatusText(status))
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

// body returns the request's body as this fault lets the server read it.
func (f Fault) body(s *Server, body io.ReadCloser, r *record) io.Reader {
	bandwidth := f.bandwidth
	if bandwidth == 0 {
		bandwidth = s.cfg.Bandwidth
	}
	return &faultyBody{fault: f, server: s, body: body, record: r, bandwidth: bandwidth}
}

func (f Fault) wasCut(body io.Reader) bool {
	b, ok := body.(*faultyBody)
	return ok && b.cut
}
