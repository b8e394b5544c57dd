// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/bounded"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// timeouts limit how long a request may make no progress. The duration of a
// request that makes progress is not limited.
type timeouts struct {
	connect     time.Duration // for TCP, and again for TLS
	bodyless    time.Duration // to receive the answer to a request without a body
	body        time.Duration // to send each block of a body, to wait for the answer, and to receive it
	longRunning time.Duration // replaces bodyless and body for long-running requests
}

var defaultTimeouts = timeouts{
	connect:  10 * time.Second,
	bodyless: 30 * time.Second,
	// The kernel buffers megabytes, and sending them over a slow line shows no
	// progress here. Four minutes suffice for 2.4 MB at 10 KB/s, and for 24 MB at
	// the lowest traffic limit of OSS, 100 KiB/s.
	body:        4 * time.Minute,
	longRunning: 5 * time.Minute,
}

// block is how much of a body must be sent within the timeout to count as
// progress. That is 1.1 KB/s, the share of each of nine parts on a line of
// 10 KB/s. If each byte counted, a trickle could hold a part for days (rclone
// issue 9841). An answer that lists 1,000 parts is about as large.
const block = 256 << 10

func (t timeouts) of(req *http.Request) time.Duration {
	switch {
	case requestOf(req.Context()).longRunning:
		return t.longRunning
	case req.Body != nil:
		return t.body
	}
	return t.bodyless
}

// maxAnswer limits the body of an answer. The largest expected answer, a list of
// 1,000 objects, is far smaller.
const maxAnswer = 16 << 20

const (
	// maxHeader limits the header of an answer. The largest expected header has
	// 8 KiB of metadata and an error message.
	maxHeader = 64 << 10

	// maxRefusal is how many bytes of an error answer are kept. An error document of
	// OSS has less than 4 KiB. Of a proxy's page, the beginning is enough. The limit
	// also protects the SDK, which parses the answer without those of
	// document_shape.go.
	maxRefusal = 64 << 10
)

var errAnswerTooLarge = fmt.Errorf("answer is larger than %d MiB", maxAnswer>>20)

func newHTTPClient(cfg Config, transport http.RoundTripper, limits timeouts) *http.Client {
	once := &wire{transport, limits}
	return &http.Client{
		Transport:     split{once: once, retried: retrying(once, cfg.Retry, cfg.Log)},
		CheckRedirect: returnRedirect,
	}
}

// returnRedirect makes [http.Client] return redirects instead of following them:
// credentials must be sent to the configured endpoint only.
func returnRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func newTransport(cfg Config, limits timeouts) *http.Transport {
	// By default, Terraform works on ten resources at once. Each may send a request
	// while others upload parts.
	const besideParts = 10
	var http1 http.Protocols
	http1.SetHTTP1(true) // in HTTP/2, all parts would share one connection and its congestion window

	return &http.Transport{
		Proxy:               cfg.proxy,
		DialContext:         dialBuffered(&net.Dialer{Timeout: limits.connect}),
		TLSHandshakeTimeout: limits.connect,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: cfg.Insecure},
		MaxIdleConnsPerHost: max(cfg.Parallelism, resumable.DefaultParallelism) + besideParts,
		IdleConnTimeout:     50 * time.Second, // as in the SDK; OSS closes idle connections after a minute
		DisableCompression:  true,             // the Content-Length of HEAD must be the object size
		WriteBufferSize:     bodyBuffer,

		MaxResponseHeaderBytes: maxHeader,
		Protocols:              &http1,
	}
}

// proxy returns the configured proxy, or that of the environment. Its error does
// not contain the address, which may include a password.
func (cfg Config) proxy(req *http.Request) (*url.URL, error) {
	if cfg.Proxy != nil {
		return cfg.Proxy, nil
	}
	proxy, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, errors.New("HTTPS_PROXY or HTTP_PROXY is not a valid URL")
	}
	return proxy, nil
}

// split sends each request through the transport that its retry mode needs.
type split struct{ once, retried http.RoundTripper }

func (s split) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil || requestOf(req.Context()).retryMode() == retryNever {
		return s.once.RoundTrip(req)
	}
	return s.retried.RoundTrip(req)
}

// wire sends a request once. It returns either the complete answer or an error,
// so that a truncated answer is handled as a failed request. It cancels a request
// that makes no progress within its timeout.
//
// Deadlines on the connection, which the SDK uses, cannot replace this: the
// connection is being read all the time while a part is being sent, and the
// answer to CompleteMultipartUpload takes longer than others.
//
// The type does not have the method CloseIdleConnections, which
// go-retryablehttp would call after a failed request: other uploads use these
// connections.
type wire struct {
	transport http.RoundTripper
	limits    timeouts
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	timeout := w.limits.of(req)
	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil) // stops sending the body if OSS has answered early
	timer := time.AfterFunc(timeout, func() { cancel(errStalled) })
	defer timer.Stop()

	req = req.WithContext(ctx) // a copy: a RoundTripper must not modify the request
	if req.Body != nil {
		bodyTimeout := timeout
		req.Body = &watchedBody{ReadCloser: req.Body, progress: func() { timer.Reset(bodyTimeout) }}
	}
	response, err := w.transport.RoundTrip(req)
	if err == nil {
		timeout = w.limits.body
		timer.Reset(timeout) // for the complete answer, so that a trickle ends
		err = readAnswer(response)
	}
	switch {
	case err != nil && errors.Is(context.Cause(ctx), errStalled):
		return nil, fmt.Errorf("%w for %v", errStalled, timeout)
	case err != nil:
		return nil, err
	}
	if _, err := response.Location(); err != nil {
		response.Header.Del("Location") // http.Client would put an invalid one into its error
	}
	return response, nil
}

var errStalled = errors.New("almost no data was transferred")

// readAnswer reads the body of a response into memory.
func readAnswer(response *http.Response) error {
	defer response.Body.Close()
	var text []byte
	var err error
	if success(response.StatusCode) {
		text, err = bounded.ReadAll(response.Body, maxAnswer)
	} else {
		text, err = bounded.ReadAll(io.LimitReader(response.Body, maxRefusal), maxRefusal)
	}
	if errors.Is(err, bounded.ErrTooLarge) {
		return errAnswerTooLarge
	}
	if err != nil {
		return err
	}
	response.Body = io.NopCloser(bytes.NewReader(text))
	return nil
}

// watchedBody calls progress after each block, and at the end of the body. A block
// counts as sent when net/http reads the next one.
type watchedBody struct {
	io.ReadCloser
	progress func()
	read     int // bytes since the last call of progress
}

func (b *watchedBody) Read(p []byte) (int, error) {
	if b.read >= block {
		b.read = 0
		b.progress()
	}
	n, err := b.ReadCloser.Read(p)
	b.read += n
	if err != nil {
		b.progress()
	}
	return n, err
}

type requestKey struct{}

// withRequest adds r to a context, for the layers below [http.Client].
func withRequest(ctx context.Context, r *request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

func requestOf(ctx context.Context) *request { return ctx.Value(requestKey{}).(*request) }
