// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// stage is when a connection is reset.
type stage string

const (
	atConnect  stage = "at connect"
	inTLS      stage = "in the TLS handshake"
	inHeaders  stage = "in the headers"
	inBody     stage = "in the body"
	afterBody  stage = "after the body"      // the request takes effect
	inResponse stage = "in the response"     // the request takes effect
	whileIdle  stage = "before it is reused" // after a successful request
)

// resetter is a proxy between client and server, and resets the first connection
// at a stage. It sends RST instead of FIN, so data in the kernel is lost, too.
type resetter struct {
	net.Listener
	stage   stage
	backend string
	cut     int          // ends the response after so many bytes; 0: reset in the middle
	whole   atomic.Int32 // the response's length
	done    atomic.Bool  // the one reset
	applied atomic.Int32
	idle    chan struct{} // signals that an idle connection may be reset
}

func startResetter(t *testing.T, stage stage, handler http.Handler) *resetter {
	t.Helper()
	p := &resetter{stage: stage, idle: make(chan struct{}, 1)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.applied.Add(1)
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.backend = server.Listener.Addr().String()
	var err error
	if p.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	go func() {
		for {
			conn, err := p.Accept()
			if err != nil {
				return
			}
			go p.serve(conn.(*net.TCPConn))
		}
	}()
	return p
}

func (p *resetter) serve(conn *net.TCPConn) {
	resets := p.done.CompareAndSwap(false, true)
	defer func() {
		if resets {
			_ = conn.SetLinger(0) // makes Close send RST
		}
		_ = conn.Close()
	}()
	in := bufio.NewReader(conn)
	if resets && p.stage == atConnect {
		return
	}
	if resets && (p.stage == inTLS || p.stage == inHeaders) {
		_, _ = io.ReadFull(in, make([]byte, 16))
		return
	}
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if resets && p.stage == inBody {
			_, _ = io.CopyN(io.Discard, req.Body, req.ContentLength/2)
			return
		}
		var whole bytes.Buffer
		_ = req.Write(&whole)
		answer := p.forward(whole.Bytes())
		if resets && p.stage == afterBody {
			return
		}
		if resets && p.stage == inResponse {
			p.whole.Store(int32(len(answer)))
			_, _ = conn.Write(answer[:cmp.Or(p.cut, len(answer)/2)])
			if p.cut > 0 { // the data must arrive, so it sends FIN
				_ = conn.CloseWrite()
				_, _ = io.Copy(io.Discard, conn)
			}
			return
		}
		_, _ = conn.Write(answer)
		if resets && p.stage == whileIdle {
			<-p.idle
			return
		}
	}
}

// forward sends one request to the server and returns the complete answer.
func (p *resetter) forward(request []byte) []byte {
	conn, err := net.Dial("tcp", p.backend)
	if err != nil {
		return nil
	}
	defer func() { _ = conn.Close() }()
	request = bytes.Replace(request, []byte("\r\n"), []byte("\r\nConnection: close\r\n"), 1)
	_, _ = conn.Write(request)
	answer, _ := io.ReadAll(conn)
	return bytes.Replace(answer, []byte("Connection: close\r\n"), nil, 1)
}

// A connection is reset at each stage of each operation. Requests that may be repeated
// succeed. All others are sent once, and their error leaves the outcome open. The next
// attempt succeeds.
func TestReset(t *testing.T) {
	t.Log("FAULT F48: RST at connect, in the headers, in the body, after the body, in the response and while idle, for each operation")
	for _, at := range []stage{atConnect, inHeaders, inBody, afterBody, inResponse, whileIdle} {
		for _, op := range operations {
			hasBody := op.name == "PutObject" || op.name == "UploadPart" || op.name == "CompleteMultipartUpload" || op.name == "PutObjectTagging"
			if at == inBody && !hasBody {
				continue
			}
			p := startResetter(t, at, http.HandlerFunc(good))
			c := clientOf(t, "http://"+p.Addr().String(), patient)
			if at == whileIdle {
				if err := op.call(t.Context(), c); err != nil {
					t.Errorf("%s: %v", op.name, err)
				}
				p.idle <- struct{}{}
			}
			before := p.applied.Load()
			err := op.call(t.Context(), c)
			switch {
			case retriedByTransport[op.name]:
				if err != nil {
					t.Errorf("%s, %s: %v", op.name, at, err)
				}
			case at != whileIdle: // net/http may see the reset in time
				mustBeUnknown(t, err)
				if !resumable.Transient(err) {
					t.Errorf("%s, %s: not transient: %v", op.name, at, err)
				}
				effects := map[stage]int32{afterBody: 1, inResponse: 1}[at]
				if n := p.applied.Load() - before; n != effects {
					t.Errorf("%s, %s: took effect %d times, want %d", op.name, at, n, effects)
				}
			}
			if err := op.call(t.Context(), c); err != nil {
				t.Errorf("%s, after a reset %s: %v", op.name, at, err)
			}
		}
	}
}

// A connection is reset while net/http sends a large part. The caller can use the body
// again.
func TestReset_largePart(t *testing.T) {
	t.Log("FAULT F48: RST in the body of a part of 16 MiB; 1 parts sent again")
	p := startResetter(t, inBody, http.HandlerFunc(good))
	c := clientOf(t, "http://"+p.Addr().String(), patient)
	body := newZeros(16 << 20)
	_, err := c.UploadPart(t.Context(), upload, 1, body)
	mustBeUnknown(t, err)
	_, _ = body.Seek(0, io.SeekStart)
	if part, err := c.UploadPart(t.Context(), upload, 1, body); err != nil || part.Size != 16<<20 || p.applied.Load() != 1 {
		t.Errorf("%+v, %v, applied %d times", part, err, p.applied.Load())
	}
}

func TestReset_inTLS(t *testing.T) {
	t.Log("FAULT F48: RST in the TLS handshake, for each operation")
	server := httptest.NewTLSServer(http.HandlerFunc(good))
	defer server.Close()
	for _, op := range operations {
		p := startResetter(t, inTLS, http.NotFoundHandler())
		transport := newTransport(Config{}, patient)
		transport.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		// The reset connection goes to the resetter, all others to the server.
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			address := server.Listener.Addr().String()
			if !p.done.Load() {
				address = p.Addr().String()
			}
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}
		c := over(clientOf(t, server.URL, patient), transport, patient)
		err := op.call(t.Context(), c)
		if retriedByTransport[op.name] != (err == nil) {
			t.Errorf("%s: %v", op.name, err)
		}
		if err != nil {
			mustBeUnknown(t, err)
		}
		if err := op.call(t.Context(), c); err != nil {
			t.Errorf("%s, after a reset: %v", op.name, err)
		}
	}
}

// An answer that is truncated at any byte is an error.
func TestReset_anywhereInTheAnswer(t *testing.T) {
	t.Log("FAULT F48: answer cut at every byte")
	for _, op := range operations {
		if op.name != "UploadPart" && op.name != "CompleteMultipartUpload" {
			continue
		}
		for cut := 1; ; cut++ {
			p := startResetter(t, inResponse, http.HandlerFunc(good))
			p.cut = cut
			err := op.call(t.Context(), clientOf(t, "http://"+p.Addr().String(), patient))
			p.Close()
			if err == nil {
				if whole := int(p.whole.Load()); cut != whole {
					t.Errorf("%s: the first %d of %d bytes were accepted as an answer", op.name, cut, whole)
				}
				break
			}
			mustBeUnknown(t, err)
		}
	}
}
