// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
)

// Flush waits until every request that a client has sent is in the log. A client
// that was cancelled or killed has sent bytes that the server has not read yet, and
// has opened connections that the server has not accepted yet. To wait until such
// requests are done, too, use [AllEnded] with WaitFor afterwards.
func (s *Server) Flush(ctx context.Context) error {
	for n := range maxProbes {
		if n >= minProbes && s.connections.silent() == 0 {
			break
		}
		if err := s.probe(ctx); err != nil {
			return err
		}
	}
	return s.WaitFor(ctx, func(requests []Request) bool {
		underWay := 0
		for _, r := range requests {
			if r.Ended.IsZero() {
				underWay++
			}
		}
		return s.connections.activeNow() <= underWay
	})
}

// After one probe, earlier connections are accepted and earlier bytes are readable.
// Flush sends at least minProbes, to give their readers time to run, and up to
// maxProbes while a connection has sent nothing. A client may open a connection
// without using it.
const (
	minProbes = 10
	maxProbes = 100
)

// probe makes a connection and waits for its answer. Connections are accepted, and
// their bytes are reported as readable, in order. The request has no method and no
// path, so net/http refuses it, and it is not in the log.
func (s *Server) probe(ctx context.Context) error {
	s.connections.probe(1)
	defer s.connections.probe(-1)
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if _, err := io.WriteString(conn, "probe\r\n\r\n"); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, conn)
	return err
}

// probe begins a probe, or ends it with -1. Connections does not count probes.
func (c *connections) probe(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.probing += n
	if n > 0 {
		c.ever--
	}
}

// silent returns how many connections have sent nothing yet.
func (c *connections) silent() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.unused)
}

// activeNow returns how many connections have sent a part of a request that is not
// answered yet.
func (c *connections) activeNow() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.active)
}

// connState is the hook of http.Server. It also wakes WaitFor.
func (s *Server) connState(conn net.Conn, state http.ConnState) {
	s.connections.changed(conn, state)
	s.log.update(func() {})
}
