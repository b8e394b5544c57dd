// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// slowLine is a network to a server whose bandwidth all connections share in
// turns, and which breaks after a number of bytes.
type slowLine struct {
	listener net.Listener
	server   string
	breaks   int // number of bytes between breaks

	mu      sync.Mutex
	carried int
	broken  int
	open    map[*connection]bool
}

type connection struct{ client, server net.Conn }

func (c *connection) close() {
	_ = c.client.Close()
	_ = c.server.Close()
}

func newSlowLine(t *testing.T, url string, breaks int) *slowLine {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &slowLine{listener: listener, server: strings.TrimPrefix(url, "http://"), breaks: breaks, open: map[*connection]bool{}}
	stop := make(chan struct{})
	var carriers sync.WaitGroup
	carriers.Go(l.accept)
	carriers.Go(func() { l.carry(stop) })
	t.Cleanup(func() {
		close(stop)
		_ = listener.Close()
		carriers.Wait()
		l.snap()
	})
	return l
}

func (l *slowLine) url() string { return "http://" + l.listener.Addr().String() }

func (l *slowLine) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		c := &connection{client, server}
		l.mu.Lock()
		l.open[c] = true
		l.mu.Unlock()
		go func() { // answers are not limited
			_, _ = io.Copy(client, server)
			l.mu.Lock()
			defer l.mu.Unlock()
			c.close()
			delete(l.open, c)
		}()
	}
}

// carry serves the connections in turns.
func (l *slowLine) carry(stop chan struct{}) {
	buf := make([]byte, 4<<10)
	for {
		select {
		case <-stop:
			return
		case <-time.After(100 * time.Microsecond):
		}
		l.mu.Lock()
		for c := range l.open {
			_ = c.client.SetReadDeadline(time.Now().Add(time.Millisecond))
			n, _ := c.client.Read(buf)
			_, _ = c.server.Write(buf[:n])
			l.carried += n
		}
		snap := l.carried > l.breaks
		l.mu.Unlock()
		if snap {
			l.snap()
		}
	}
}

func (l *slowLine) snap() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		c.close()
	}
	clear(l.open)
	l.carried = 0
	l.broken++
}

// If the network breaks before any of 16 parts has arrived, the upload succeeds
// with fewer parts in flight.
func TestUpload_connectionsBreak(t *testing.T) {
	w := newWorld(t, 64*partSize)
	line := newSlowLine(t, w.server.URL(), 10*partSize)
	req := w.request()
	req.Parallelism = 16
	cfg := uploaderConfig(newOSS(t, line.url()), w.logged, time.Second)
	cfg.Retry.Attempts = 9
	result, err := resumable.New(cfg).Upload(t.Context(), req)
	if err != nil {
		t.Fatalf("%v\nlog:\n%s", err, w.logged)
	}
	w.checkObject()
	w.checkDisk()
	if line.broken < 6 {
		t.Errorf("the line broke %d times only", line.broken)
	}
	t.Logf("the line broke %d times; %d parts", line.broken, result.Stats.Parts)
}
