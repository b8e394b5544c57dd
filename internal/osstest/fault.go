// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// Fault says what goes wrong with one request. Each comes from a constructor
// below; the zero value is no fault at all. The two kinds to tell apart are
// those that leave the server as it was (Refuse, CutBody, Garbage) and those
// that apply the operation and hide it from the client (LoseAnswer, CutAnswer,
// GarbageAfter).
type Fault struct {
	name       string
	decide     func(Request) Fault
	stall      time.Duration // before anything is read
	bodyStall  time.Duration // in the body, at stallAt
	stallAt    int64
	cuts       bool // the body, after cutAt bytes
	cutAt      int64
	bandwidth  int64
	refuse     func(*call) *answer // instead of applying
	delay      time.Duration       // after applying
	loseAnswer bool
	replace    func() *answer // after applying
	override   [2]string      // header name and value
	cutsAnswer bool
	cutAnswer  int64
}

// Refuse answers with an OSS error before anything is applied or the body is
// read. Further arguments are names and values of headers, in pairs.
func Refuse(status int, code string, header ...string) Fault {
	return Fault{name: "Refuse " + code, refuse: func(c *call) *answer {
		err := refusal(status, code, "", "Refused by a fault rule.")
		for i := 0; i+1 < len(header); i += 2 {
			err = err.withHeader(header[i], header[i+1])
		}
		return errorAnswer(err, c.r.Method, c.r.Host, c.id)
	}}
}

// LoseAnswer applies the operation, then closes the connection without a word.
func LoseAnswer() Fault { return Fault{name: "LoseAnswer", loseAnswer: true} }

// CutBody closes the connection after n bytes of the request's body were read.
// Nothing is applied.
func CutBody(n int64) Fault { return Fault{name: "CutBody", cuts: true, cutAt: n} }

// CutAnswer applies the operation and closes the connection after n bytes of
// the answer's body; an answer without a body is cut within its headers.
func CutAnswer(n int64) Fault { return Fault{name: "CutAnswer", cutsAnswer: true, cutAnswer: n} }

// Stall takes the request's headers, then neither reads nor answers for d, then
// goes on as if nothing had happened. It ends early when the server is closed
// or the client is seen to leave, which TCP shows only once the body was read.
func Stall(d time.Duration) Fault { return Fault{name: "Stall", stall: d} }

// StallBody is Stall after n bytes of the body were read.
func StallBody(n int64, d time.Duration) Fault {
	return Fault{name: "StallBody", stallAt: n, bodyStall: d}
}

// Delay applies the operation and answers d later. If the client leaves
// meanwhile, the effect stays.
func Delay(d time.Duration) Fault { return Fault{name: "Delay", delay: d} }

// Throttle reads the body at this many bytes per second.
func Throttle(bytesPerSecond int64) Fault {
	return Fault{name: "Throttle", bandwidth: bytesPerSecond}
}

// Garbage answers something OSS never said, such as a proxy's page. Nothing is
// applied.
func Garbage(status int, contentType, body string) Fault {
	return Fault{name: "Garbage", refuse: func(*call) *answer { return rawAnswer(status, contentType, body) }}
}

// GarbageAfter is Garbage, but the operation is applied first.
func GarbageAfter(status int, contentType, body string) Fault {
	return Fault{name: "GarbageAfter", replace: func() *answer { return rawAnswer(status, contentType, body) }}
}

// OverrideHeader applies the operation and changes one header of the answer, or
// removes it if value is empty: a wrong CRC-64, a missing ETag.
func OverrideHeader(name, value string) Fault {
	return Fault{name: "OverrideHeader " + name, override: [2]string{name, value}}
}

// Func lets the test decide per request; it may return the zero Fault.
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

// falsify turns what was applied into what the client is told.
func (f Fault) falsify(a *answer) *answer {
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

// cutHeaders sends the beginning of a response by hand and closes the connection.
func cutHeaders(w http.ResponseWriter, status int) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nServer: Ali", status, http.StatusText(status))
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

// body is the request's body as this fault lets the server see it.
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
