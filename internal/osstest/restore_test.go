// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// startClock starts a server whose clock is ahead by later, in nanoseconds.
func startClock(t *testing.T) (s *Server, c *client, later *atomic.Int64) {
	later = new(atomic.Int64)
	s, c = start(t, Config{AnyDate: true, Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	return s, c, later
}

func TestRestoreObject(t *testing.T) {
	s, c, later := startClock(t)
	s.PutObject("b", "k", []byte("x"), http.Header{"x-oss-storage-class": {"Archive"}})
	s.PutObject("b", "hot", []byte("x"), nil)
	wantReply(t, "archived", c.do("GET", "/b/k", ""), 403, "InvalidObjectState")
	wantHeaders(t, "archived", c.want("HEAD", "/b/k", ""), "x-oss-restore", "", "x-oss-storage-class", "Archive")
	wantReply(t, "not archived", c.do("POST", "/b/hot?restore", ""), 400, "OperationNotSupported")
	wantReply(t, "restore", c.do("POST", "/b/k?restore", "<RestoreRequest><Days>2</Days></RestoreRequest>"), 202, "")
	wantReply(t, "in progress", c.do("GET", "/b/k", ""), 403, "InvalidObjectState")
	wantHeaders(t, "in progress", c.want("HEAD", "/b/k", ""), "x-oss-restore", `ongoing-request="true"`)
	wantReply(t, "in progress", c.do("POST", "/b/k?restore", ""), 409, "RestoreAlreadyInProgress")

	later.Store(int64(2 * time.Minute))
	wantReply(t, "restore again", c.do("POST", "/b/k?restore", "<RestoreRequest><Days>2</Days></RestoreRequest>"), 200, "")
	if got := c.want("GET", "/b/k", ""); got.body != "x" || got.header.Get("x-oss-restore") == "" {
		t.Errorf("restored %q: %v", got.body, got.header)
	}
	c.want("PUT", "/b/k2", "", "x-oss-copy-source", "/b/k")
	later.Store(int64(3 * 24 * time.Hour))
	wantReply(t, "frozen again", c.do("GET", "/b/k", ""), 403, "InvalidObjectState")
}

// TestRestoreObject_priority tests that a restore in progress can only be sped
// up.
func TestRestoreObject_priority(t *testing.T) {
	s, c, later := startClock(t)
	s.PutObject("b", "k", nil, http.Header{"x-oss-storage-class": {"ColdArchive"}})
	restore := func(tier string) reply {
		return c.do("POST", "/b/k?restore", "<RestoreRequest><Days>1</Days><JobParameters><Tier>"+tier+"</Tier></JobParameters></RestoreRequest>")
	}
	wantReply(t, "unknown priority", restore("Quick"), 400, "MalformedXML")
	wantReply(t, "standard", restore("Standard"), 202, "")
	wantReply(t, "standard again", restore("Standard"), 409, "RestoreAlreadyInProgress")
	wantReply(t, "slower", restore("Bulk"), 409, "RestoreAlreadyInProgress")
	wantReply(t, "faster", restore("Expedited"), 202, "")
	later.Store(int64(61 * time.Minute))
	c.want("GET", "/b/k", "")
}

func TestCleanRestoredObject(t *testing.T) {
	s, c, later := startClock(t)
	s.PutObject("b", "hot", nil, nil)
	s.PutObject("b", "k", nil, http.Header{"x-oss-storage-class": {"ColdArchive"}})
	wantReply(t, "not archived", c.do("POST", "/b/hot?cleanRestoredObject", ""), 400, "OperationNotSupported")
	wantReply(t, "frozen", c.do("POST", "/b/k?cleanRestoredObject", ""), 409, "ArchiveRestoreFileStale")
	c.want("POST", "/b/k?restore", "")
	wantReply(t, "in progress", c.do("POST", "/b/k?cleanRestoredObject", ""), 409, "ArchiveRestoreNotFinished")
	later.Store(int64(6 * time.Hour))
	c.want("GET", "/b/k", "")
	c.want("POST", "/b/k?cleanRestoredObject", "")
	wantReply(t, "frozen again", c.do("GET", "/b/k", ""), 403, "InvalidObjectState")
}
