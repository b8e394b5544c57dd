// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
)

// server is an OSS endpoint. Only that of [bench.store] stores the bytes.
type server struct {
	*osstest.Server
	url string
	env []string // environment of clients, to trust its certificate
}

// serve starts a server that needs little CPU time. It ignores Content-MD5.
func (b *bench) serve(cfg osstest.Config) (*server, error) {
	cfg.CRC64 = crc64.Update
	return b.start(cfg)
}

func (b *bench) start(cfg osstest.Config) (*server, error) {
	cfg.Discard = true
	return b.listen(cfg)
}

// store starts a server that stores objects, so that ranges of them can be copied.
func (b *bench) store() (*server, error) {
	return b.listen(osstest.Config{CRC64: crc64.Update})
}

func (b *bench) listen(cfg osstest.Config) (*server, error) {
	cfg.Dir = b.dir
	s, err := osstest.New(cfg)
	if err != nil {
		return nil, err
	}
	s.CreateBucket(bucketName)
	url, err := s.Start("127.0.0.1:0")
	return &server{Server: s, url: url}, err
}

// serveTLS is serve with TLS. It uses the test certificate of net/http.
func (b *bench) serveTLS() (s *server, stop func(), err error) {
	if s, err = b.serve(osstest.Config{}); err != nil {
		return nil, nil, err
	}
	front := httptest.NewTLSServer(s.Server)
	certificate := filepath.Join(b.dir, "certificate.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	s.url, s.env = front.URL, []string{"SSL_CERT_FILE=" + certificate}
	stop = func() { front.Close(); _ = s.Close() }
	return s, stop, os.WriteFile(certificate, text, 0o600)
}
