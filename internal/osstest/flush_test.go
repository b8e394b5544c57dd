// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

// Requests of clients that have gone away are in the log after Flush, and Flush
// changes neither the log nor the number of connections.
func TestFlush(t *testing.T) {
	s := Start(t, Config{})
	const clients = 50
	for n := range clients {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(conn, "HEAD /bucket/%d HTTP/1.1\r\nHost: localhost\r\n\r\n", n); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := len(s.Requests()); got != n+1 {
			t.Fatalf("%d requests in the log after %d clients", got, n+1)
		}
		if err := s.WaitFor(t.Context(), AllEnded); err != nil {
			t.Fatal(err)
		}
	}
	if made, _ := s.Connections(); made != clients {
		t.Errorf("%d connections counted, want %d", made, clients)
	}
}
