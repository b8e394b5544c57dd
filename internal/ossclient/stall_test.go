// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// line simulates a network. The kernel accepts bytes of a body while its buffer has
// room, and again when a third of the buffer is free, as Linux does. The line sends
// the bytes from the buffer at its rate, until it breaks.
type line struct {
	rate    int64 // bytes a second
	kernels int64 // size of the buffer, in bytes
	breaks  int64 // after this many bytes; 0 for never
	answer  int64 // size of the answer, in bytes
}

func (l line) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	var read, gone int64
	take := func(n int64) error {
		gone += n
		wait := time.Duration(float64(n) / float64(l.rate) * float64(time.Second))
		if l.breaks > 0 && gone > l.breaks {
			wait = 1000 * time.Hour
		}
		select {
		case <-time.After(wait):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for buffer := make([]byte, 32<<10); req.Body != nil; {
		n, err := req.Body.Read(buffer)
		read += int64(n)
		if err != nil {
			break
		}
		for read-gone >= l.kernels {
			if err := take(max(l.kernels/3, 1)); err != nil {
				return nil, err
			}
		}
	}
	if err := take(read - gone); err != nil {
		return nil, err
	}
	answer := readerFunc(func(p []byte) (int, error) {
		if l.answer == 0 {
			return 0, io.EOF
		}
		n := min(l.answer, int64(len(p)), 256)
		l.answer -= n
		return int(n), take(n)
	})
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(answer)}, nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// With the default timeouts, slow requests succeed. A trickle is canceled as soon as
// a request without any data.
func TestStall_slowAndTrickling(t *testing.T) {
	t.Log("FAULT F49: lines of all speeds with kernel buffers of all sizes: silent, trickling, slow")
	const kib, mib = 1 << 10, 1 << 20
	for name, tt := range map[string]struct {
		line
		body   int64
		passes bool
	}{
		"fast":                                 {line{100 * mib, 4 * mib, 0, 300}, 256 * mib, true},
		"traffic limit, much in the kernels":   {line{100 * kib, 16 * mib, 0, 300}, 64 * mib, true},
		"10 KB/s":                              {line{10_000, 64 * kib, 0, 300}, 8 * mib, true},
		"10 KB/s, the kernel took all":         {line{10_000, 4 * mib, 0, 300}, 2 * mib, true},
		"10 KB/s, the kernel takes in batches": {line{10_000, 4 * mib, 0, 300}, 2*mib + 100*kib, true},
		"a ninth of 10 KB/s":                   {line{1_250, 64 * kib, 0, 10}, 2 * mib, true},
		"a ninth of 10 KB/s, nearly 2 blocks":  {line{1_250, 64 * kib, 0, 10}, 511 * kib, true},
		"10 KB/s, a list of parts":             {line{10_000, 64 * kib, 0, 1000 * kib}, 0, true},

		"500 bytes/s":        {line{500, 64 * kib, 0, 1}, 64 * mib, false},
		"1 byte/s":           {line{1, 1, 0, 1}, 64 * mib, false},
		"100 bytes/s, small": {line{100, 4 * mib, 0, 1}, 100 * kib, false},
		"breaks at once":     {line{mib, 64 * kib, 1, 1}, 64 * mib, false},
		"breaks in between":  {line{mib, 64 * kib, 20 * mib, 1}, 64 * mib, false},
		"breaks at the end":  {line{mib, 64 * kib, 64*mib - 1, 1}, 64 * mib, false},
		"answer trickles":    {line{100, mib, 0, mib}, 1, false},
		"list trickles":      {line{100, mib, 0, mib}, 0, false},
		"answer never ends":  {line{10_000, mib, 0, 1 << 40}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				moving := time.Duration(min(tt.breaks, tt.body)/tt.rate) * time.Second
				ctx := withRequest(t.Context(), &request{op: "UploadPart"})
				req, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://h/", nil)
				if err != nil {
					t.Fatal(err)
				}
				if tt.body > 0 {
					req.Body = io.NopCloser(newZeros(tt.body))
				}
				start := time.Now()
				response, err := (&wire{tt.line, defaultTimeouts}).RoundTrip(req)
				took := time.Since(start)
				if err == nil {
					response.Body.Close()
				}
				stalled := errors.Is(err, errStalled) && strings.HasSuffix(err.Error(), "transferred for 4m0s")
				if stalled == tt.passes || (err == nil) != tt.passes || stalled && took > moving+2*defaultTimeouts.body {
					t.Errorf("%v after %v", err, took)
				}
			})
		})
	}
}

// With real connections and the complete client, the error is transient.
func TestStall_trickles(t *testing.T) {
	t.Log("FAULT F49: an answer and a body that trickle")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	}))
	defer server.Close()
	c := clientOf(t, server.URL, impatient)
	for name, call := range map[string]func(context.Context) error{
		"answer": func(ctx context.Context) error { _, err := c.InitiateMultipartUpload(ctx, destination); return err },
		"answer to a part": func(ctx context.Context) error {
			_, err := c.UploadPart(ctx, upload, 1, newZeros(1))
			return err
		},
		"body": func(ctx context.Context) error {
			_, err := c.UploadPart(ctx, upload, 1, &slowBody{newZeros(1 << 20), 5 * time.Millisecond, 100})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			err := call(ctx)
			mustBeUnknown(t, err)
			if !errors.Is(err, errStalled) || !resumable.Transient(err) {
				t.Errorf("error is %v", err)
			}
		})
	}
}
