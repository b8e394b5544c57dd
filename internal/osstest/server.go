// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// The credential that a new server accepts. RemoveCredential removes it.
const (
	AccessKeyID     = "osstest-access-key-id"
	AccessKeySecret = "osstest-access-key-secret"
)

// Config configures a server. The zero value is valid.
type Config struct {
	// Dir is the directory for the bodies of objects. If empty, New creates a
	// temporary directory that Close removes. Close deletes the objects in
	// either case.
	Dir string
	// Region is the only region that V4 signatures may name. The default is
	// "cn-hangzhou".
	Region string
	// Bandwidth limits how fast the server reads each request body, in bytes
	// per second. A connection carries one request at a time, so this is a
	// limit per connection.
	Bandwidth int64
	// Latency is a delay before each answer.
	Latency time.Duration
	// Discard makes the server hash and count bodies without storing them.
	// Objects then cannot be read, nor ranges of them copied.
	Discard bool
	// CRC64 replaces both hash/crc64 and MD5, to reduce the server's cost when
	// a client is measured. ETags are then derived from the CRC-64; they are
	// opaque, as OSS's are with KMS encryption. A Content-MD5 in a request
	// never matches.
	CRC64 func(crc uint64, p []byte) uint64
	// CopyLimit is the largest object that CopyObject copies to another bucket.
	// The default is 5 GiB.
	CopyLimit int64
	// ConvertLimit is the largest object whose storage class or encryption
	// CopyObject changes. The default is 1 GiB.
	ConvertLimit int64
	// CopyWithoutCRC64 makes copied objects and parts have no CRC-64.
	CopyWithoutCRC64 bool
	// CallbackProxy is an HTTP proxy on loopback for callbacks to other hosts.
	// Without it, those callbacks fail.
	CallbackProxy *url.URL
	// AnyDate disables the check of the request's date, which must otherwise be
	// within 15 minutes of the server's clock.
	AnyDate bool
	// Now is the server's clock, which also dates its answers. If nil, time.Now
	// is used.
	Now func() time.Time
	// Log receives one line per request, if not nil.
	Log io.Writer
}

// Server is an OSS endpoint. It is an http.Handler, and Start makes it listen.
type Server struct {
	cfg     Config
	store   *store
	ownsDir bool
	log     *requestLog
	faults  ruleSet

	mu          sync.Mutex // guards the fields below and everything reachable from buckets
	credentials map[string]Credential
	buckets     map[string]*bucket
	denied      map[string]int    // how often each RAM action is denied
	uploadIDs   map[string]string // every upload ID ever issued, with its bucket/key
	domains     map[string]string // bucket by bound domain

	connections connections

	gate     sync.Mutex // orders inFlight.Add before closing
	closed   chan struct{}
	inFlight sync.WaitGroup
	http     *http.Server
	url      string
}

var _ http.Handler = (*Server)(nil)

// New returns a server without buckets that accepts AccessKeyID and
// AccessKeySecret. Call Close to remove its files.
func New(cfg Config) (*Server, error) {
	if cfg.Region == "" {
		cfg.Region = "cn-hangzhou"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.CopyLimit = cmp.Or(cfg.CopyLimit, maxCopySize)
	cfg.ConvertLimit = cmp.Or(cfg.ConvertLimit, maxConvertSize)
	s := &Server{
		cfg:         cfg,
		store:       &store{dir: cfg.Dir, discard: cfg.Discard, crc64: cfg.CRC64},
		log:         newRequestLog(cfg.Log),
		credentials: make(map[string]Credential),
		buckets:     make(map[string]*bucket),
		denied:      make(map[string]int),
		uploadIDs:   make(map[string]string),
		domains:     make(map[string]string),
		closed:      make(chan struct{}),
	}
	if cfg.Dir == "" {
		dir, err := os.MkdirTemp("", "osstest-*")
		if err != nil {
			return nil, err
		}
		s.store.dir, s.ownsDir = dir, true
	} else if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	s.AddCredential(Credential{AccessKeyID: AccessKeyID, AccessKeySecret: AccessKeySecret})
	return s, nil
}

// Start listens on addr, such as "127.0.0.1:0", and returns the URL. It accepts
// loopback addresses only: the server is for tests and must not be exposed.
func (s *Server) Start(addr string) (url string, err error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", fmt.Errorf("osstest: %s is not a loopback address", addr)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	s.url = "http://" + listener.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: quietLog, ConnState: s.connState}
	go func() { _ = s.http.Serve(listener) }()
	return s.url, nil
}

// BindDomain makes a domain an address of a bucket, as PutCname does. Source:
// API page PutCname.
func (s *Server) BindDomain(domain, bucket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.domains[domain] = bucket
}

// URL returns the URL of the server, or "" before Start.
func (s *Server) URL() string { return s.url }

// Close ends stalls, closes connections, waits for requests in progress and
// removes the bodies. Further calls do nothing.
func (s *Server) Close() error {
	if !s.closeGate() {
		return nil
	}
	var err error
	if s.http != nil {
		err = s.http.Close()
	}
	s.inFlight.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.buckets {
		b.releaseAll()
	}
	if s.ownsDir {
		err = errors.Join(err, os.RemoveAll(s.store.dir))
	}
	return err
}

// closeGate closes s.closed and reports whether it was open.
func (s *Server) closeGate() bool {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.isClosed() {
		return false
	}
	close(s.closed)
	return true
}

// enter registers a request and returns true, or returns false if the server is
// closed.
func (s *Server) enter() bool {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.isClosed() {
		return false
	}
	s.inFlight.Add(1)
	return true
}

func (s *Server) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// TB is the part of testing.TB that Start uses. It keeps the testing package
// out of the command ossserver.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
	TempDir() string
}

// Start returns a server that listens on loopback until the test ends. It then
// reports an error for each violation, unless AllowViolations was called.
func Start(tb TB, cfg Config) *Server {
	tb.Helper()
	if cfg.Dir == "" {
		cfg.Dir = tb.TempDir()
	}
	s, err := New(cfg)
	if err != nil {
		tb.Fatalf("osstest: %v", err)
	}
	if _, err := s.Start("127.0.0.1:0"); err != nil {
		tb.Fatalf("osstest: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("osstest: %v", err)
		}
		if s.log.violationsAllowed() {
			return
		}
		for _, violation := range s.Violations() {
			tb.Errorf("osstest: violation: %s", violation)
		}
	})
	return s
}

// pause waits for d or until the server is closed. It does not wait if d ≤ 0.
func (s *Server) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.closed:
	}
}

// randomID returns n random bytes in upper-case hex: OSS's request IDs have 12
// bytes, its upload IDs 16.
func randomID(n int) string {
	id := make([]byte, n)
	_, _ = rand.Read(id) // never fails: crypto/rand
	return strings.ToUpper(hex.EncodeToString(id))
}
