// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const inAYear, inTwoYears = 365 * 24 * time.Hour, 2 * 365 * 24 * time.Hour

func isoIn(d time.Duration) string {
	return time.Now().Add(d).UTC().Format("2006-01-02T15:04:05.000Z")
}

func (c *client) retain(target, mode, until string, header ...string) reply {
	c.t.Helper()
	body := fmt.Sprintf("<Retention><Mode>%s</Mode><RetainUntilDate>%s</RetainUntilDate></Retention>", mode, until)
	sum := md5.Sum([]byte(body))
	header = append(header, "Content-MD5", base64.StdEncoding.EncodeToString(sum[:]))
	return c.do("PUT", target, body, header...)
}

// TestRetention tests an object's life in a bucket with object-level retention.
// Sources: API pages PutObjectRetention, GetObjectRetention.
func TestRetention(t *testing.T) {
	var later atomic.Int64
	s, c := start(t, Config{AnyDate: true, Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	s.PutObject("b", "k", []byte("x"), nil)
	wantReply(t, "not enabled", c.retain("/b/k?retention", "COMPLIANCE", isoIn(inAYear)), 400, "InvalidRequest")
	wantReply(t, "not enabled", c.do("GET", "/b/k?retention", ""), 400, "InvalidRequest")
	wantReply(t, "not enabled", c.do("PUT", "/b/k", "x", "x-oss-object-worm-mode", "COMPLIANCE", "x-oss-object-worm-retain-until-date", isoIn(inAYear)), 400, "InvalidRequest")

	s.EnableObjectWorm("b", "", 0)
	wantReply(t, "none", c.do("GET", "/b/k?retention", ""), 404, "NoSuchObjectRetentionConfiguration")
	for _, test := range []struct {
		name, mode, until string
		bypass            bool
		status            int
		code              string
	}{
		{"unknown mode", "MAYBE", isoIn(inAYear), false, 400, "InvalidArgument"},
		{"date in the past", "COMPLIANCE", isoIn(-time.Second), false, 400, "InvalidArgument"},
		{"malformed date", "COMPLIANCE", "2030", false, 400, "InvalidArgument"},
		{"governance", "GOVERNANCE", isoIn(inAYear), false, 200, ""},
		{"shortened", "GOVERNANCE", isoIn(time.Hour), false, 403, "AccessDenied"},
		{"shortened, bypassed", "GOVERNANCE", isoIn(time.Hour), true, 200, ""},
		{"stricter", "COMPLIANCE", isoIn(inAYear), true, 409, "FileImmutable"},
		{"compliance, when none is in force", "COMPLIANCE", isoIn(inAYear), false, 200, ""},
		{"shortened", "COMPLIANCE", isoIn(time.Hour), true, 403, "AccessDenied"},
		{"weakened", "GOVERNANCE", isoIn(inTwoYears), true, 409, "FileImmutable"},
		{"extended", "COMPLIANCE", "2099-01-02T03:04:05Z", false, 200, ""},
		{"repeated", "COMPLIANCE", "2099-01-02T03:04:05.000Z", false, 200, ""},
	} {
		if test.name == "compliance, when none is in force" {
			s.SetRetention("b", "k", "", time.Time{})
		}
		var header []string
		if test.bypass {
			header = []string{"x-oss-bypass-governance-retention", "true"}
		}
		wantReply(t, test.name, c.retain("/b/k?retention", test.mode, test.until, header...), test.status, test.code)
	}
	wantHeaders(t, "retained", c.want("HEAD", "/b/k", ""), "x-oss-object-worm-mode", "COMPLIANCE",
		"x-oss-object-worm-retain-until-date", "2099-01-02T03:04:05.000Z")
	if r := c.want("GET", "/b/k?retention", ""); r.element("Mode") != "COMPLIANCE" || r.element("RetainUntilDate") != "2099-01-02T03:04:05.000Z" {
		t.Errorf("retained: %s", r.body)
	}
	if o, _ := s.Object("b", "k"); o.WormMode != "COMPLIANCE" || o.RetainUntil.Year() != 2099 {
		t.Errorf("retained: %+v", o)
	}

	wantReply(t, "version deleted", c.do("DELETE", "/b/k?versionId=null", ""), 409, "FileImmutable")
	wantReply(t, "deleted with others", c.do("POST", "/b?delete", "<Delete><Object><Key>other</Key></Object><Object><Key>k</Key><VersionId>null</VersionId></Object></Delete>"), 409, "FileImmutable")
	wantReply(t, "suspended", c.do("PUT", "/b?versioning", "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"), 409, "InvalidBucketStatus")
	wantReply(t, "appended", c.do("POST", "/b/log?append&position=0", "x"), 400, "OperationNotSupported")
	c.want("DELETE", "/b/k", "") // adds a delete marker
	c.want("PUT", "/b/k", "a new version")
	wantHeaders(t, "the new version", c.want("HEAD", "/b/k", ""), "x-oss-object-worm-mode", "")
	wantReply(t, "retention of a version", c.retain("/b/k?retention&versionId=null", "COMPLIANCE", "2099-02-02T03:04:05Z"), 200, "")

	later.Store(int64(100 * inAYear))
	wantHeaders(t, "ended", c.want("HEAD", "/b/k?versionId=null", ""), "x-oss-object-worm-mode", "COMPLIANCE")
	c.want("DELETE", "/b/k?versionId=null", "")
}

func TestRetention_ofNewObjects(t *testing.T) {
	s, c := start(t, Config{})
	s.EnableObjectWorm("b", "GOVERNANCE", 2)
	until := isoIn(inAYear)
	c.want("PUT", "/b/own", "x", "x-oss-object-worm-mode", "COMPLIANCE", "x-oss-object-worm-retain-until-date", until)
	c.want("PUT", "/b/default", "x")
	id := c.initiate("/b/multipart")
	wantReply(t, "complete", c.complete("/b/multipart", id, partList(1, c.part("/b/multipart", id, 1, "x"))), 200, "")
	c.want("PUT", "/b/copy", "", "x-oss-copy-source", "/b/own")
	for key, mode := range map[string]string{"own": "COMPLIANCE", "default": "GOVERNANCE", "multipart": "GOVERNANCE", "copy": "GOVERNANCE"} {
		o, _ := s.Object("b", key)
		if days := time.Until(o.RetainUntil).Hours() / 24; o.WormMode != mode || (days > 2) != (mode == "COMPLIANCE") {
			t.Errorf("%s: %s for %.0f days", key, o.WormMode, days)
		}
		wantReply(t, key, c.do("DELETE", "/b/"+key+"?versionId="+o.VersionID, ""), 409, "FileImmutable")
	}
	wantHeaders(t, "own", c.want("HEAD", "/b/own", ""), "x-oss-object-worm-retain-until-date", until)
	wantReply(t, "mode without a date", c.do("PUT", "/b/k", "x", "x-oss-object-worm-mode", "COMPLIANCE"), 400, "InvalidArgument")
	wantReply(t, "missing object", c.retain("/b/missing?retention", "COMPLIANCE", until), 404, "NoSuchKey")
}

// TestRetention_everyRequest tests that OSS checks the date in any request that
// has one. Source: the provider alicloud, whose refresh failed once the date
// had passed.
func TestRetention_everyRequest(t *testing.T) {
	s, c := start(t, Config{})
	s.AllowViolations()
	s.EnableObjectWorm("b", "", 0)
	s.PutObject("b", "k", nil, nil)
	r := c.do("HEAD", "/b/k", "", "x-oss-object-worm-mode", "COMPLIANCE", "x-oss-object-worm-retain-until-date", isoIn(-time.Hour))
	if r.status != 400 || len(s.Violations()) == 0 {
		t.Errorf("got %d, violations %q", r.status, s.Violations())
	}
}
