// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"io"
	"net"
	"sync"
)

// bodyBuffer is how much of a body goes from the file to the kernel at once: as
// much as a core's nearest cache holds. With twice as much, sending takes a third
// more CPU time.
const bodyBuffer = 32 << 10

// bodyBuffers are shared by all connections.
var bodyBuffers = sync.Pool{New: func() any { return new([bodyBuffer]byte) }}

// bufferedConn sends bodies through bodyBuffers. [net.TCPConn] would take a new
// buffer for each part, which is a third of a small part, for the garbage
// collector to find. What it would do rather, sendfile, it cannot do here:
// net/http hands over a body, not a file.
type bufferedConn struct{ net.Conn }

// ReadFrom is how net/http sends a body.
func (c bufferedConn) ReadFrom(r io.Reader) (int64, error) {
	buf := bodyBuffers.Get().(*[bodyBuffer]byte)
	defer bodyBuffers.Put(buf)
	// The structs hide what would bypass the buffer.
	return io.CopyBuffer(struct{ io.Writer }{c.Conn}, struct{ io.Reader }{r}, buf[:])
}

func dialBuffered(dialer *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return bufferedConn{conn}, nil
	}
}
