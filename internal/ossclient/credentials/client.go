// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/bounded"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

const (
	connectTimeout = 5 * time.Second // for TCP, and again for TLS
	answerTimeout  = 15 * time.Second

	// maxAnswer and maxHeader are far above the largest answer of any service, a
	// few KiB.
	maxAnswer = 1 << 20
	maxHeader = 64 << 10

	userAgent = "terraform-provider-ossresumable"
)

// roots are trusted in place of the system's. nil: the system's. Tests set it.
var roots *x509.CertPool

type proxyFunc = func(*http.Request) (*url.URL, error)

// newClient makes the client of every request that brings credentials, or that
// a secret is sent with. It follows no redirect, and reads no more than
// maxHeader bytes of a header.
//
// Such requests are rare, so each fetch has its own client and leaves no
// connection open.
func newClient(proxy proxyFunc) *http.Client {
	return &http.Client{
		Timeout: answerTimeout,
		Transport: refuseRedirects{&http.Transport{
			Proxy:                  proxy,
			DialContext:            (&net.Dialer{Timeout: connectTimeout}).DialContext,
			TLSHandshakeTimeout:    connectTimeout,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			MaxResponseHeaderBytes: maxHeader,
			DisableKeepAlives:      true,
		}},
	}
}

// refuseRedirects makes an error of each answer of 300 to 399. [http.Client]
// never sees one, so it cannot follow it, nor repeat its Location.
type refuseRedirects struct{ next http.RoundTripper }

func (r refuseRedirects) RoundTrip(req *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(req)
	if err != nil || response.StatusCode/100 != 3 {
		return response, err
	}
	response.Body.Close()
	redirect := &redirectError{status: response.StatusCode, from: req.URL.Host}
	if to, err := response.Location(); err == nil {
		redirect.to = to.Host
	}
	return nil, redirect
}

// redirectError is an answer that sends the request to another address. It
// tells the two hosts only: secrets are in the rest of both addresses.
type redirectError struct {
	status   int
	from, to string // to is "" where the answer names no host
}

func (e *redirectError) Error() string {
	to := ""
	if e.to != "" {
		to = " to " + ossclient.Excerpt(e.to)
	}
	return fmt.Sprintf("%s answered with a redirect (%d)%s, which is not followed", ossclient.Excerpt(e.from), e.status, to)
}

// request is one request for credentials, and who it is for in errors.
type request struct {
	*http.Request

	method  string // to credentials
	service string // that is asked
}

// send returns the whole answer, whatever its status is below 300 or from 400.
func (r request) send(client *http.Client) (status int, body []byte, err error) {
	r.Header.Set("User-Agent", userAgent)
	response, err := client.Do(r.Request)
	if err != nil {
		return 0, nil, r.unanswered(err)
	}
	defer response.Body.Close()
	body, err = bounded.ReadAll(response.Body, maxAnswer)
	if err != nil {
		return 0, nil, r.unanswered(err)
	}
	return response.StatusCode, body, nil
}

// unanswered is a request that brought no answer that can be read. The text is
// free of its URL, in whose query secrets are, and of the answer, which may
// hold credentials.
func (r request) unanswered(err error) *Error {
	if redirect, ok := errors.AsType[*redirectError](err); ok {
		return missing(r.method, "%v", redirect)
	}
	if errors.Is(err, bounded.ErrTooLarge) {
		return missing(r.method, "the answer of %s is larger than %d KiB", r.service, maxAnswer>>10)
	}
	if _, ok := errors.AsType[textproto.ProtocolError](err); ok {
		err = errors.New("the answer is not HTTP")
	}
	for wrapped := (*url.Error)(nil); errors.As(err, &wrapped); {
		err = wrapped.Err
	}
	text, _, _ := strings.Cut(err.Error(), `"`) // what net/http quotes is the answer's
	return &Error{r.method, r.service + " does not answer: " + ossclient.Excerpt(strings.TrimSpace(text)), !errors.Is(err, context.Canceled)}
}
