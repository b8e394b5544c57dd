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
	"syscall"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/address"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/bounded"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

const (
	connectTimeout = 5 * time.Second // for TCP, and again for TLS
	answerTimeout  = 15 * time.Second

	// maxAnswer and maxHeader limit answers. Expected answers have a few KiB.
	maxAnswer = 1 << 20
	maxHeader = 64 << 10

	userAgent = "terraform-provider-ossresumable"
)

// roots are the trusted certificates. nil means those of the system. Tests set it.
var roots *x509.CertPool

type proxyFunc = func(*http.Request) (*url.URL, error)

// newClient returns the client for every request that gets credentials or contains a
// secret. It does not follow redirects, and limits the header of an answer to
// maxHeader bytes.
//
// Such requests are rare, so each fetch has its own client and keeps no connection
// open.
func newClient(proxy proxyFunc) *http.Client {
	encrypted := &http.Transport{
		Proxy:                  proxy,
		DialContext:            (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:    connectTimeout,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		MaxResponseHeaderBytes: maxHeader,
		DisableKeepAlives:      true,
	}
	near := encrypted.Clone()
	near.Proxy = nil
	near.DialContext = (&net.Dialer{Timeout: connectTimeout, Control: refuseDistant}).DialContext
	return &http.Client{Timeout: answerTimeout, Transport: refuseRedirects{byScheme{encrypted, near}}}
}

// byScheme sends requests over http to near addresses only, and not through a proxy.
type byScheme struct{ encrypted, near http.RoundTripper }

func (b byScheme) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme == "http" {
		return b.near.RoundTrip(req)
	}
	return b.encrypted.RoundTrip(req)
}

// refuseDistant is the Control function of a dialer. It looks at the address that a name
// stands for, because hosts files and the DNS decide what localhost is.
func refuseDistant(_, addr string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if !address.IsNear(host) {
		return errors.New("the address is that of another machine, and http would send credentials unencrypted")
	}
	return nil
}

// refuseRedirects returns an error for each answer with a status from 300 to 399. So
// [http.Client] can neither follow a redirect nor put its Location into an error.
type refuseRedirects struct{ next http.RoundTripper }

func (r refuseRedirects) RoundTrip(req *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(req)
	if err != nil || response.StatusCode/100 != 3 {
		return response, err
	}
	_ = response.Body.Close()
	redirect := &redirectError{status: response.StatusCode, from: req.URL.Host}
	if to, err := response.Location(); err == nil {
		redirect.to = to.Host
	}
	return nil, redirect
}

// redirectError reports a redirect. It contains only the two hosts, because the rest
// of both URLs may contain secrets.
type redirectError struct {
	status   int
	from, to string // to is "" if the answer has no valid host
}

func (e *redirectError) Error() string {
	to := ""
	if e.to != "" {
		to = " to " + ossclient.Excerpt(e.to)
	}
	return fmt.Sprintf("%s answered with a redirect (%d)%s, which the provider does not follow", ossclient.Excerpt(e.from), e.status, to)
}

// request is a request for credentials.
type request struct {
	*http.Request

	method  string // method of getting credentials, for errors
	service string // name of the service, for errors
}

// send returns the complete answer with its status, unless it is a redirect.
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

// unanswered returns the error of a request without a valid answer. It contains neither
// the URL, whose query may contain secrets, nor parts of the answer, which may contain
// credentials.
func (r request) unanswered(err error) *Error {
	if redirect, ok := errors.AsType[*redirectError](err); ok {
		return permanentError(r.method, "%v", redirect)
	}
	if errors.Is(err, bounded.ErrTooLarge) {
		return permanentError(r.method, "the answer from %s is larger than %d KiB", r.service, maxAnswer>>10)
	}
	if _, ok := errors.AsType[textproto.ProtocolError](err); ok {
		err = errors.New("the answer is not HTTP")
	}
	for wrapped := (*url.Error)(nil); errors.As(err, &wrapped); {
		err = wrapped.Err
	}
	text, _, _ := strings.Cut(err.Error(), `"`) // net/http quotes parts of the answer
	return &Error{r.method, "no answer from " + r.service + ": " + ossclient.Excerpt(strings.TrimSpace(text)), !errors.Is(err, context.Canceled)}
}
