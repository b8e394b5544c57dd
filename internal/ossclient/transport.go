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

// timeouts bound how long a request may stand still, or nearly so. None bounds
// how long it takes while bytes move.
type timeouts struct {
	connect time.Duration // for TCP, and again for TLS
	bare    time.Duration // until a request without a body is answered
	body    time.Duration // for a block of the body, then until the answer begins, then for the rest of it
	slow    time.Duration // in place of either, for requests that OSS may think about for minutes
}

var defaultTimeouts = timeouts{
	connect: 10 * time.Second,
	bare:    30 * time.Second,
	// The kernel takes megabytes in one go and gives no sign while a slow line
	// takes them from there: in four minutes 2.4 MB at 10 KB/s, and 24 MB at
	// the lowest traffic limit of OSS, 100 KiB/s.
	body: 4 * time.Minute,
	slow: 5 * time.Minute,
}

// block is how much of a body has to move for the request not to stand still:
// 1.1 KB/s, what each of nine parts gets of a line of 10 KB/s. To let any byte
// count would let a trickle hold a part for days (rclone issue 9841). A list of
// 1,000 parts is as large, and has as long.
const block = 256 << 10

func (t timeouts) of(req *http.Request) time.Duration {
	switch {
	case requestOf(req.Context()).slow:
		return t.slow
	case req.Body != nil:
		return t.body
	}
	return t.bare
}

// maxAnswer is far above the largest answer we ask for, a list of 1,000 parts.
const maxAnswer = 16 << 20

const (
	// maxHeader is far above the largest header of an answer, one with 8 KiB of
	// metadata and a message of OSS.
	maxHeader = 64 << 10

	// maxRefusal is how much is kept of an answer other than success. OSS's own is
	// less than 4 KiB; of the page of a proxy, the beginning is enough. The SDK
	// reads it, too, and without the limits of document_shape.go.
	maxRefusal = 64 << 10
)

var errAnswerTooLarge = fmt.Errorf("answer is larger than %d MiB", maxAnswer>>20)

func newHTTPClient(cfg Config, transport http.RoundTripper, limits timeouts) *http.Client {
	once := &wire{transport, limits}
	return &http.Client{
		Transport:     split{once: once, retried: retrying(once, cfg.Retry, cfg.Log)},
		CheckRedirect: stayHere,
	}
}

// stayHere hands a redirect to the caller instead of following it: a request
// carries credentials, and those are for the configured endpoint.
func stayHere(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func newTransport(cfg Config, limits timeouts) *http.Transport {
	// Terraform works on ten resources at once, and each may ask something
	// while parts of others are under way.
	const besideParts = 10
	var http1 http.Protocols
	http1.SetHTTP1(true) // one connection for all parts would share one congestion window

	return &http.Transport{
		Proxy:               cfg.proxy,
		DialContext:         dialBuffered(&net.Dialer{Timeout: limits.connect}),
		TLSHandshakeTimeout: limits.connect,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: cfg.Insecure},
		MaxIdleConnsPerHost: max(cfg.Parallelism, resumable.DefaultParallelism) + besideParts,
		IdleConnTimeout:     50 * time.Second, // the SDK's; OSS closes after a minute
		DisableCompression:  true,             // Content-Length of HEAD is the size of the object
		WriteBufferSize:     bodyBuffer,

		MaxResponseHeaderBytes: maxHeader,
		Protocols:              &http1,
	}
}

// proxy is the configured one or http.ProxyFromEnvironment, with an error that
// does not repeat the address, which may hold a password.
func (cfg Config) proxy(req *http.Request) (*url.URL, error) {
	if cfg.Proxy != nil {
		return cfg.Proxy, nil
	}
	proxy, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, errors.New("proxy address in HTTPS_PROXY or HTTP_PROXY is not a URL")
	}
	return proxy, nil
}

// split sends what may be repeated, and costs nothing to repeat, through
// retries. Everything else goes once.
type split struct{ once, retried http.RoundTripper }

func (s split) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		switch req.Method {
		case http.MethodGet, http.MethodHead, http.MethodDelete:
			return s.retried.RoundTrip(req)
		}
	}
	return s.once.RoundTrip(req)
}

// wire sends a request once and returns the whole answer or none, so that an
// answer cut off in the middle is a failed try like any other. It gives up
// when for some time no block of the body has moved and no answer has come.
//
// Deadlines on the connection, as the SDK sets them, cannot do this: its reader
// waits all the time while a part is being written, and cannot know that the
// next answer, the one to CompleteMultipartUpload, takes longer.
//
// The type hides CloseIdleConnections, which go-retryablehttp would call after
// a failed request: the idle connections belong to other uploads as well.
type wire struct {
	transport http.RoundTripper
	limits    timeouts
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	waiting := w.limits.of(req)
	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil) // the answer has been read; a body that is still being written is of no use
	timer := time.AfterFunc(waiting, func() { cancel(errStalled) })
	defer timer.Stop()

	req = req.WithContext(ctx) // a copy: a RoundTripper leaves its request alone
	if req.Body != nil {
		patience := waiting
		req.Body = &watchedBody{ReadCloser: req.Body, moved: func() { timer.Reset(patience) }}
	}
	response, err := w.transport.RoundTrip(req)
	if err == nil {
		waiting = w.limits.body
		timer.Reset(waiting) // once: an answer that trickles must end
		err = readAnswer(response)
	}
	switch {
	case err != nil && errors.Is(context.Cause(ctx), errStalled):
		return nil, fmt.Errorf("%w for %v", errStalled, waiting)
	case err != nil:
		return nil, err
	}
	if _, err := response.Location(); err != nil {
		response.Header.Del("Location") // http.Client parses it, and repeats in an error what it cannot
	}
	return response, nil
}

var errStalled = errors.New("hardly anything moved")

// readAnswer replaces the body of a response by its bytes.
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

// watchedBody tells of each block that has moved, and of the end. Bytes have
// moved when net/http asks for more.
type watchedBody struct {
	io.ReadCloser
	moved func()
	read  int // since moved was called
}

func (b *watchedBody) Read(p []byte) (int, error) {
	if b.read >= block {
		b.read = 0
		b.moved()
	}
	n, err := b.ReadCloser.Read(p)
	b.read += n
	if err != nil {
		b.moved()
	}
	return n, err
}

type requestKey struct{}

// withRequest lets the layers below http.Client see what is being asked.
func withRequest(ctx context.Context, r *request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

func requestOf(ctx context.Context) *request { return ctx.Value(requestKey{}).(*request) }
