// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ststest

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// TB has the methods of [testing.TB] that this package uses.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
}

// Metadata is the metadata service of an ECS instance in security hardening mode. It
// requires a token, which clients get with PUT. A request without a token fails the test.
type Metadata struct {
	URL  string
	Role string

	Lifetime time.Duration // of sessions

	t      TB
	mu     sync.Mutex
	tokens map[string]time.Time
	asked  int // for credentials
}

// StartMetadata starts a server, which stops when the test ends.
func StartMetadata(t TB, role string) *Metadata {
	t.Helper()
	m := &Metadata{Role: role, Lifetime: 6 * time.Hour, t: t, tokens: map[string]time.Time{}}
	server := httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(server.Close)
	m.URL = server.URL
	return m
}

// Asked returns the number of requests for credentials.
func (m *Metadata) Asked() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}

func (m *Metadata) serve(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.URL.Path == "/latest/api/token" {
		m.token(w, r)
		return
	}
	if !time.Now().Before(m.tokens[r.Header.Get("X-aliyun-ecs-metadata-token")]) {
		m.t.Errorf("%s %s without a token: IMDSv1", r.Method, r.URL.Path)
		w.WriteHeader(http.StatusForbidden)
		return
	}
	switch name, found := strings.CutPrefix(r.URL.Path, "/latest/meta-data/ram/security-credentials/"); {
	case found && name == "":
		_, _ = fmt.Fprint(w, m.Role)
	case found && name == m.Role:
		m.asked++
		document := Document(Session{
			Key:     Key{fmt.Sprintf("STS.canary-ecs-%d", m.asked), "canary-ecs-secret", "canary-ecs-token"},
			Expires: time.Now().Add(m.Lifetime),
		})
		document["Code"] = "Success"
		document["LastUpdated"] = time.Now().UTC().Format(time.RFC3339)
		writeJSON(w, http.StatusOK, document)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (m *Metadata) token(w http.ResponseWriter, r *http.Request) {
	seconds, err := strconv.Atoi(r.Header.Get("X-aliyun-ecs-metadata-token-ttl-seconds"))
	switch {
	case r.Method != http.MethodPut:
		w.WriteHeader(http.StatusMethodNotAllowed)
	case err != nil || seconds < 1 || seconds > 21600:
		w.WriteHeader(http.StatusBadRequest)
	default:
		token := fmt.Sprintf("imds-token-%d", len(m.tokens))
		m.tokens[token] = time.Now().Add(time.Duration(seconds) * time.Second)
		_, _ = fmt.Fprint(w, token)
	}
}

func certificatePEM(server *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}
