// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"net"
	"net/http"
	"sync"
)

// connections counts the connections of a server that Start serves.
type connections struct {
	mu             sync.Mutex
	open           int
	mostOpen, ever int
	probing        int               // connections of Flush
	active, unused map[net.Conn]bool // see activeNow and silent
}

// changed is the ConnState hook of an http.Server.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.active == nil {
		c.active, c.unused = make(map[net.Conn]bool), make(map[net.Conn]bool)
	}
	delete(c.active, conn)
	delete(c.unused, conn)
	switch state {
	case http.StateActive:
		c.active[conn] = true
	case http.StateNew:
		c.unused[conn] = true
		c.ever++
		c.open++
		c.mostOpen = max(c.mostOpen, c.open-c.probing)
	case http.StateClosed, http.StateHijacked:
		c.open--
	}
}

// Connections returns how many connections clients opened since the last
// ResetLog, and the maximum number open at the same time.
func (s *Server) Connections() (made, mostOpen int) {
	s.connections.mu.Lock()
	defer s.connections.mu.Unlock()
	return s.connections.ever, s.connections.mostOpen
}

func (c *connections) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ever, c.mostOpen = 0, c.open
}
