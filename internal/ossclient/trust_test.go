// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// certificate returns a certificate for 127.0.0.1 that change has modified.
func certificate(t *testing.T, change func(*x509.Certificate)) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// A server with an invalid certificate receives no request, and there is no retry.
func TestCertificate_refused(t *testing.T) {
	t.Log("FAULT F58: unknown CA, expired certificate, certificate not valid yet, wrong host, TLS 1.1 only")
	nothing := func(*x509.Certificate) {}
	for name, tt := range map[string]struct {
		change   func(*x509.Certificate)
		unknown  bool
		version  uint16
		passes   bool
		want     string
		mayRetry bool
	}{
		"good":       {change: nothing, passes: true},
		"unknown CA": {change: nothing, unknown: true, want: "unknown authority"},
		"expired":    {change: func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, want: "expired or is not yet valid"},
		"not yet":    {change: func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }, want: "expired or is not yet valid"},
		"wrong host": {change: func(c *x509.Certificate) { c.IPAddresses = nil; c.DNSNames = []string{"oss.example.com"} }, want: "doesn't contain any IP SANs"},
		"TLS 1.1":    {change: nothing, version: tls.VersionTLS11, want: "protocol version", mayRetry: true},
	} {
		t.Run(name, func(t *testing.T) {
			var connections, requests atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				good(w, r)
			}))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			certificate, roots := certificate(t, tt.change)
			server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MaxVersion: tt.version}
			server.StartTLS()
			defer server.Close()

			for _, op := range operations {
				connections.Store(0)
				transport := newTransport(Config{}, patient)
				if !tt.unknown {
					transport.TLSClientConfig.RootCAs = roots
				}
				err := op.call(t.Context(), over(clientOf(t, server.URL, patient), transport, patient))
				if tt.passes {
					if err != nil {
						t.Errorf("%s: %v", op.name, err)
					}
					transport.CloseIdleConnections()
					continue
				}
				var failure *networkError
				if !errors.As(err, &failure) || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s: %v", op.name, err)
					continue
				}
				checkNoSecrets(t, err.Error())
				// A DeleteObject without an answer is followed by a HeadObject.
				if n := connections.Load(); n != 1 && !tt.mayRetry || n > 1+maxTries || resumable.Transient(err) != tt.mayRetry {
					t.Errorf("%s: %d connections: %v", op.name, n, err)
				}
			}
			if requests.Load() > 0 != tt.passes {
				t.Errorf("%d requests", requests.Load())
			}
		})
	}
}

// nameServer answers all queries with an RCODE, or not at all, and counts them.
func nameServer(t *testing.T, rcode byte, silent bool) (*net.Resolver, *atomic.Int32) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if runtime.GOOS == "windows" && err != nil {
		t.Skip("no UDP here, as under Wine: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	var asked atomic.Int32
	go func() {
		for message := make([]byte, 512); ; {
			n, from, err := conn.ReadFrom(message)
			if err != nil {
				return
			}
			asked.Add(1)
			if n < 12 || silent {
				continue
			}
			message[2], message[3] = 0x81, 0x80|rcode // an answer; recursion desired and available
			message[11] = 0                           // no additional records
			question := 12
			for question < n && message[question] != 0 {
				question += 1 + int(message[question])
			}
			_, _ = conn.WriteTo(message[:question+5], from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}, &asked
}

// If a host name cannot be resolved, the error contains the name. The number of
// queries and the time are limited. The error is transient, because a VPN may be
// down.
func TestNameResolution(t *testing.T) {
	for name, tt := range map[string]struct {
		rcode  byte
		silent bool
		want   string
	}{
		"NXDOMAIN": {3, false, "no such host"},
		"timeout":  {0, true, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Logf("FAULT F58: name resolution, %s", name)
			resolver, asked := nameServer(t, tt.rcode, tt.silent)
			transport := newTransport(Config{}, patient)
			transport.DialContext = (&net.Dialer{Timeout: 50 * time.Millisecond, Resolver: resolver}).DialContext
			for _, op := range operations {
				asked.Store(0)
				start := time.Now()
				err := op.call(t.Context(), over(clientOf(t, "https://oss.invalid", patient), transport, patient))
				mustBeUnknown(t, err)
				if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "oss.invalid") {
					t.Errorf("%s: %v", op.name, err)
				}
				if n, took := asked.Load(), time.Since(start); n == 0 || n > 50 || took > 5*time.Second {
					t.Errorf("%s: asked %d times in %v", op.name, n, took)
				}
			}
		})
	}
}
