// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func TestRetries_counted(t *testing.T) {
	for _, status := range []int{408, 429, 500, 502, 503, 504} {
		for _, op := range operations {
			var requests atomic.Int32
			c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				w.Header().Set("X-Oss-Request-Id", "REQUESTID")
				w.WriteHeader(status)
			})
			err := op.call(t.Context(), c)
			var refusal *resumable.ServiceError
			if !errors.As(err, &refusal) || refusal.StatusCode != status || refusal.Op != op.name || refusal.RequestID != "REQUESTID" {
				t.Errorf("%s, %d: %v", op.name, status, err)
			}
			want := int32(1)
			if retriedByTransport[op.name] {
				want = maxTries
			}
			if requests.Load() != want {
				t.Errorf("%s, %d: %d requests, want %d", op.name, status, requests.Load(), want)
			}
		}
	}
}

func TestRetries_fewerThanFour(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	c, err := New(Config{
		Endpoint: server.URL, Region: "cn-hangzhou", Credentials: Static(canaries),
		Retry: resumable.RetryPolicy{Attempts: 2, Base: time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.DeleteObject(t.Context(), object); err == nil || requests.Load() != 2 {
		t.Errorf("%v after %d requests", err, requests.Load())
	}
}

func TestRetries_notForRefusals(t *testing.T) {
	for _, op := range operations {
		var requests atomic.Int32
		c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.Header().Set("X-Oss-Err", base64.StdEncoding.EncodeToString([]byte(errorXML("AccessDenied", "x"))))
			w.WriteHeader(http.StatusForbidden)
		})
		if err := op.call(t.Context(), c); !errors.Is(err, resumable.ErrAccessDenied) || requests.Load() != 1 {
			t.Errorf("%s: %v after %d requests", op.name, err, requests.Load())
		}
	}
}

// The client waits as long as OSS requests, up to the limit of the policy.
func TestRetries_retryAfter(t *testing.T) {
	t.Log("FAULT F55: 503 with Retry-After of a day and x-oss-qos-delay-time of 15 ms")
	for name, header := range map[string][2]string{
		"Retry-After is bounded": {"Retry-After", "86400"},
		"qos delay":              {"X-Oss-Qos-Delay-Time", "15"},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
				if requests.Add(1) < 3 {
					w.Header().Set(header[0], header[1])
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				w.WriteHeader(http.StatusNoContent)
			})
			start := time.Now()
			if err := c.DeleteObject(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took < 30*time.Millisecond || took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestRedirect_neverFollowed(t *testing.T) {
	t.Log("FAULT F59: 301, 302, 303, 307 and 308 to another host, for each operation")
	var visited atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited.Add(1) }))
	defer elsewhere.Close()
	host := strings.TrimPrefix(elsewhere.URL, "http://")

	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, op := range operations {
			var requests atomic.Int32
			c := fakeOSS(t, func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				http.Redirect(w, r, elsewhere.URL+"/x?token=canarySecret", status)
			})
			err := op.call(t.Context(), c)
			var refusal *resumable.ServiceError
			if !errors.As(err, &refusal) || refusal.StatusCode != status || !strings.Contains(refusal.Message, "redirected to "+host+",") {
				t.Errorf("%s, %d: %v", op.name, status, err)
				continue
			}
			checkNoSecrets(t, err.Error())
			if strings.Contains(err.Error(), "token") || requests.Load() != 1 {
				t.Errorf("%s, %d: %v after %d requests", op.name, status, err, requests.Load())
			}
		}
	}
	if visited.Load() > 0 {
		t.Errorf("the other host received %d requests", visited.Load())
	}
}

func TestUnreachable_endsSoon(t *testing.T) {
	t.Log("FAULT F48: connection refused")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	closed.Close()

	c, err := New(Config{Endpoint: "http://" + address, Region: "cn-hangzhou", Credentials: Static(canaries)})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	_, err = c.HeadObject(t.Context(), object)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	mustBeUnknown(t, err)
	if dial, ok := errors.AsType[*net.OpError](err); !ok || dial.Op != "dial" || !strings.HasPrefix(err.Error(), "HeadObject oss://bucket/dir/key: no answer from OSS: dial tcp") {
		t.Errorf("error is %v", err)
	}
}

func TestTLSEndpointSpeaksHTTP_notRetried(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, err := clientOf(t, strings.Replace(server.URL, "http", "https", 1), patient).HeadObject(t.Context(), object)
	var failure *networkError
	if !errors.As(err, &failure) || failure.Transient() {
		t.Errorf("error is %v", err)
	}
}

// A connection without progress is an error: before the answer, in the answer, and in
// the body.
func TestStall(t *testing.T) {
	t.Log("FAULT F49: silence before the answer, in the answer and in the body")
	wake := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, "<InitiateMultipartUploadResult>")
			_ = http.NewResponseController(w).Flush()
		}
		<-wake
	}))
	defer silent.Close()
	defer close(wake)
	c := clientOf(t, silent.URL, impatient)

	for name, call := range map[string]func() error{
		"answer":         func() error { return errorOf(c.PutObject(t.Context(), destination, newZeros(9), "md5")) },
		"body":           func() error { return errorOf(c.PutObject(t.Context(), destination, newZeros(1<<30), "md5")) },
		"rest of answer": func() error { _, err := c.InitiateMultipartUpload(t.Context(), destination); return err },
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			err := call()
			if took := time.Since(start); took < 250*time.Millisecond || took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			mustBeUnknown(t, err)
			if !strings.Contains(err.Error(), "almost no data was transferred for 250ms") || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// A slow body and a slow CompleteMultipartUpload are not canceled.
func TestStall_notWithProgress(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodPost {
			time.Sleep(600 * time.Millisecond)
			_, _ = io.WriteString(w, "<CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>dir/key</Key></CompleteMultipartUploadResult>")
		}
		w.Header().Set("ETag", `"E"`)
	}))
	defer server.Close()
	c := clientOf(t, server.URL, impatient)
	if _, err := c.CompleteMultipartUpload(t.Context(), upload, nil); err != nil {
		t.Error(err)
	}
	body := &slowBody{newZeros(3 * block), 10 * time.Millisecond, block / 8}
	if _, err := c.UploadPart(t.Context(), upload, 1, body); err != nil {
		t.Error(err)
	}
}

// slowBody returns a few bytes at a time.
type slowBody struct {
	*zeros
	pause time.Duration
	few   int
}

func (b *slowBody) Read(p []byte) (int, error) {
	time.Sleep(b.pause)
	return b.zeros.Read(p[:min(len(p), b.few)])
}

func TestCancel_inFlight(t *testing.T) {
	for _, op := range operations {
		wake := make(chan struct{})
		c := fakeOSS(t, func(http.ResponseWriter, *http.Request) { <-wake })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		start := time.Now()
		err := op.call(ctx, c)
		if !errors.Is(err, context.Canceled) || time.Since(start) > time.Second {
			t.Errorf("%s: %v after %v", op.name, err, time.Since(start))
		}
		checkNoSecrets(t, err.Error())
		close(wake)
	}
}

func TestCancel_whileWaitingToRetry(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "10")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	c, err := New(Config{Endpoint: server.URL, Region: "cn-hangzhou", Credentials: Static(canaries)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := c.HeadObject(ctx, object); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

func TestUploadPart_streams(t *testing.T) {
	const size = 256 << 20
	var received atomic.Int64
	c := fakeOSS(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		received.Store(n)
		w.Header().Set("ETag", `"E"`)
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	part, err := c.UploadPart(t.Context(), upload, 1, newZeros(size))
	runtime.ReadMemStats(&after)
	if err != nil || received.Load() != size || part.Size != size || part.CRC64 != "" {
		t.Errorf("%+v, %v; the server got %d bytes", part, err, received.Load())
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 4<<20 {
		t.Errorf("allocated %d KiB for a part of %d MiB", allocated>>10, size>>20)
	}
}

func TestUploadPart_sourceFails(t *testing.T) {
	broken := errors.New("disk is broken")
	c := fakeOSS(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	for name, tt := range map[string]struct {
		body resumable.Body
		want error
	}{
		"read error":  {&failingBody{newZeros(1 << 20), broken}, broken},
		"shorter now": {&failingBody{newZeros(1 << 20), io.EOF}, resumable.ErrSourceChanged},
	} {
		_, err := c.UploadPart(t.Context(), upload, 7, tt.body)
		var failure *unsendableError
		if !errors.Is(err, tt.want) || !errors.As(err, &failure) || !strings.HasPrefix(err.Error(), "UploadPart 7 of oss://bucket/dir/key: read") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// failingBody fails in the middle.
type failingBody struct {
	*zeros
	err error
}

func (b *failingBody) Read(p []byte) (int, error) {
	if b.left <= b.size/2 {
		return 0, b.err
	}
	return b.zeros.Read(p[:min(len(p), 1000)])
}

// The body is not read after the call has returned, even if OSS refused the part
// without reading it.
func TestUploadPart_bodyIsRevoked(t *testing.T) {
	c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	})
	for range 50 {
		body := &guardedBody{zeros: newZeros(8 << 20)}
		if _, err := c.UploadPart(t.Context(), upload, 1, body); err == nil {
			t.Fatal("no error")
		}
		body.returned.Store(true)
		runtime.Gosched()
		if body.readLate.Load() {
			t.Fatal("body was read after the call had returned")
		}
	}
}

type guardedBody struct {
	*zeros
	returned, readLate atomic.Bool
}

func (b *guardedBody) Read(p []byte) (int, error) {
	if b.returned.Load() {
		b.readLate.Store(true)
	}
	return b.zeros.Read(p)
}

// Connections are reused for any number of concurrent parts. A failed request does
// not close the connections of others.
func TestConnections_kept(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("ETag", `"E"`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	const parallelism = 40
	c, err := New(Config{
		Endpoint: server.URL, Region: "cn-hangzhou", Credentials: Static(canaries), Parallelism: parallelism,
		Retry: resumable.RetryPolicy{Base: time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		var wait sync.WaitGroup
		for range parallelism {
			wait.Go(func() {
				if _, err := c.UploadPart(t.Context(), upload, 1, newZeros(1000)); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		_, _ = c.HeadObject(t.Context(), object)
	}
	if n := connections.Load(); n > parallelism+1 {
		t.Errorf("%d connections for %d requests at a time", n, parallelism)
	}
}

func TestKey_empty(t *testing.T) {
	c := fakeOSS(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("sent %s %s", r.Method, r.URL) })
	if err := c.DeleteObject(t.Context(), resumable.Object{Bucket: "bucket"}); err == nil {
		t.Error("DeleteObject without a key is DeleteBucket")
	}
	if err := c.DeleteObject(t.Context(), resumable.Object{Bucket: "../x", Key: "k"}); err == nil {
		t.Error("no error for an invalid bucket name")
	}
}
