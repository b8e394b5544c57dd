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

// The credential every new server accepts. RemoveCredential takes it away.
const (
	AccessKeyID     = "osstest-access-key-id"
	AccessKeySecret = "osstest-access-key-secret"
)

// Config says how a server behaves. The zero value works.
type Config struct {
	// Dir is where bodies are kept, in files of this server's own. Empty means
	// a temporary directory that Close removes. Objects do not outlive Close.
	Dir string
	// Region is the only region V4 signatures may name. Default "cn-hangzhou".
	Region string
	// Bandwidth limits how fast one request body is read, in bytes per second.
	// A connection carries one request at a time, so this is per connection.
	Bandwidth int64
	// Latency passes before each answer.
	Latency time.Duration
	// Discard hashes and counts bodies but does not keep them: everything works
	// but reading objects back, which includes copying ranges of them.
	Discard bool
	// CRC64 takes the place of both hash/crc64 and MD5, where clients are measured
	// and the server shall cost little. ETags are then made of the CRC-64, as
	// opaque as OSS's are under KMS, and nothing has a Content-MD5 to agree with.
	CRC64 func(crc uint64, p []byte) uint64
	// CopyLimit is the size above which CopyObject refuses an object of another
	// bucket. Default 5 GiB.
	CopyLimit int64
	// ConvertLimit is the size above which CopyObject refuses to change the
	// storage class or the encryption. Default 1 GiB.
	ConvertLimit int64
	// CopyWithoutCRC64 makes copied objects and parts lack their CRC-64.
	CopyWithoutCRC64 bool
	// CallbackProxy is an HTTP proxy on loopback that stands in for the internet:
	// callbacks to hosts other than loopback go to it. They fail without one.
	CallbackProxy *url.URL
	// AnyDate switches the check of the request's date off; OSS allows 15 minutes.
	AnyDate bool
	// Now is the server's clock; nil means time.Now. It dates answers too.
	Now func() time.Time
	// Log gets one line per request.
	Log io.Writer
}

// Server is an OSS endpoint: an http.Handler that Start can also serve.
type Server struct {
	cfg     Config
	store   *store
	ownsDir bool
	log     *requestLog
	faults  ruleBook

	mu          sync.Mutex // guards the fields below and everything reachable from buckets
	credentials map[string]Credential
	buckets     map[string]*bucket
	denied      map[string]int    // RAM actions
	uploadIDs   map[string]string // every upload ID ever issued → bucket/key
	domains     map[string]string // bound to a bucket each

	connections connections

	gate     sync.Mutex // orders inFlight.Add before closing
	closed   chan struct{}
	inFlight sync.WaitGroup
	http     *http.Server
	url      string
}

var _ http.Handler = (*Server)(nil)

// New returns a server without buckets that accepts AccessKeyID and
// AccessKeySecret. Close releases its files.
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

// Start serves on addr, such as "127.0.0.1:0", and returns the URL. It refuses
// any address but loopback: the server is for tests and trusts its caller.
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
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: quietLog, ConnState: s.connections.changed}
	go func() { _ = s.http.Serve(listener) }()
	return s.url, nil
}

// BindDomain makes a domain the address of a bucket, as a CNAME record does that
// was bound to it. Source: API page PutCname.
func (s *Server) BindDomain(domain, bucket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.domains[domain] = bucket
}

// URL is where Start serves.
func (s *Server) URL() string { return s.url }

// Close ends stalls and open connections, waits for the requests in flight and
// removes the bodies. It may be called twice.
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

// closeGate reports whether it was open.
func (s *Server) closeGate() bool {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.isClosed() {
		return false
	}
	close(s.closed)
	return true
}

// enter admits a request, unless the server is closed.
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

// TB is the part of testing.TB that Start needs; the package itself does not
// link the testing package into ossserver.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
	TempDir() string
}

// Start serves on loopback for the length of a test. At its end the test fails
// for every illegal call the server has seen, unless AllowViolations was called.
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
			tb.Errorf("osstest: illegal call: %s", violation)
		}
	})
	return s
}

// pause waits, but not beyond Close. d ≤ 0 does not wait at all.
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
