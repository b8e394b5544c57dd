// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"net/http"
	"slices"
	"time"
)

// retention keeps one version from being deleted or overwritten until a time:
// OSS's ObjectWorm. The zero value keeps nothing. One that has ended still
// shows. Sources: API pages PutObjectRetention, GetObjectRetention,
// PutBucketObjectWormConfiguration; the provider alicloud.
type retention struct {
	mode  string // COMPLIANCE, GOVERNANCE
	until time.Time
}

const (
	wormModeHeader  = "X-Oss-Object-Worm-Mode"
	wormUntilHeader = "X-Oss-Object-Worm-Retain-Until-Date"
	compliance      = "COMPLIANCE"
)

// retentionModes: the page PutObjectRetention has COMPLIANCE only; the SDK v2
// and its tests against OSS have both.
var retentionModes = []string{compliance, "GOVERNANCE"}

func (r retention) protects(now time.Time) bool { return now.Before(r.until) }

// newRetention takes seconds and milliseconds; OSS answers the latter.
func newRetention(mode, until string, now time.Time) (retention, error) {
	t, err := time.Parse(time.RFC3339, until)
	switch {
	case !slices.Contains(retentionModes, mode):
		return retention{}, errInvalidArgument("no such retention mode: %q", mode)
	case err != nil:
		return retention{}, errInvalidArgument("The retain until date %q is not ISO 8601.", until)
	case !t.After(now):
		return retention{}, errInvalidArgument("The retain until date must be in the future.")
	}
	return retention{mode: mode, until: t.UTC()}, nil
}

// askedRetention reads the headers of PutObject; no other operation is known to
// have them, but OSS judges the date in any. Source: alicloud, which found that
// a HEAD with a date of the past is InvalidArgument.
func (c *call) askedRetention() (retention, error) {
	h := c.r.Header
	if h.Get(wormModeHeader) == "" && h.Get(wormUntilHeader) == "" {
		return retention{}, nil
	}
	return newRetention(h.Get(wormModeHeader), h.Get(wormUntilHeader), c.s.cfg.Now())
}

func (r retention) describe(a *answer) {
	if r.mode != "" {
		a.set(wormModeHeader, r.mode).set(wormUntilHeader, xmlTime(r.until))
	}
}

// checkChange: what COMPLIANCE protects can only be protected for longer, and
// so with GOVERNANCE, unless it is bypassed. That it is AccessDenied says one
// translation (pt-BR) of the page PutObjectRetention.
//
// The mode of a retention in force is fixed, also against a stricter one:
// FileImmutable, by a live test of another client (salesforce/multicloudj,
// AliBlobStore.java).
func (r retention) checkChange(to retention, bypass bool, now time.Time) error {
	switch {
	case !r.protects(now):
		return nil
	case to.mode != r.mode:
		return errFileImmutable()
	case !to.until.Before(r.until), r.mode != compliance && bypass:
		return nil
	}
	return errAccessDenied("The retention of an object can only be extended.")
}

func errFileImmutable() *ossError {
	return refusal(409, "FileImmutable", "0026-00000005", "The object you specified is immutable.")
}

// errNoObjectWorm: that page and translation again.
func errNoObjectWorm() *ossError {
	return refusal(400, "InvalidRequest", "", "The bucket has no object-level retention policy.")
}

// checkImmutable refuses to put a version in place of "null" if that is
// protected. With versioning, which ObjectWorm needs, nothing is overwritten.
func (b *bucket) checkImmutable(key string, now time.Time) error {
	if b.versioning == "Enabled" {
		return nil
	}
	return b.checkRemovable(key, nullVersion, now)
}

// checkRemovable asks whether one version may be deleted for good. The code is
// that of bucket-level retention; assumed.
func (b *bucket) checkRemovable(key, id string, now time.Time) error {
	if v := b.objects[key].find(id); v != nil && v.retention.protects(now) {
		return errFileImmutable()
	}
	return nil
}

type retentionXML struct {
	XMLName         xml.Name `xml:"Retention"`
	Mode            string
	RetainUntilDate string
}

func (c *call) putObjectRetention() (*answer, error) {
	if c.r.Header.Get("Content-MD5") == "" {
		c.violate("PutObjectRetention without Content-MD5")
	}
	var document retentionXML
	if err := c.decodeXML(&document); err != nil {
		return nil, err
	}
	now := c.s.cfg.Now()
	asked, err := newRetention(document.Mode, document.RetainUntilDate, now)
	if err != nil {
		return nil, err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	v, err := c.lockedRetained()
	if err != nil {
		return nil, err
	}
	if v.kind == "Appendable" {
		return nil, refusal(400, "OperationNotSupported", "", "An appendable object has no retention.") // the code is assumed
	}
	if err := v.retention.checkChange(asked, c.r.Header.Get("x-oss-bypass-governance-retention") == "true", now); err != nil {
		return nil, err
	}
	v.retention = asked
	return c.withVersion(newAnswer(http.StatusOK), v), nil
}

// errNoRetention is a recorded answer, cn-shanghai, June 2026: it has no finer
// code, and does not name the version.
func errNoRetention(key string) *ossError {
	return refusal(404, "NoSuchObjectRetentionConfiguration", "", "The specified object does not have an object retention configuration.").
		about("ObjectName", key)
}

func (c *call) getObjectRetention() (*answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	v, err := c.lockedRetained()
	if err != nil {
		return nil, err
	}
	if v.retention.mode == "" {
		return nil, errNoRetention(c.key)
	}
	document := retentionXML{Mode: v.retention.mode, RetainUntilDate: xmlTime(v.retention.until)}
	return c.withVersion(xmlAnswer(document), v), nil
}

// lockedRetained needs s.mu.
func (c *call) lockedRetained() (*version, error) {
	v, err := c.lockedVersion()
	if err == nil && !c.s.buckets[c.bucket].worm {
		err = errNoObjectWorm()
	}
	return v, err
}

// EnableObjectWorm is PutBucketObjectWormConfiguration from the test's side, for
// ever, and enables versioning, which it needs. New objects are retained in this
// mode for so many days; 0 is none. It panics if there is no such bucket.
func (s *Server) EnableObjectWorm(bucket, mode string, days int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.mustBucket(bucket)
	b.worm, b.versioning, b.wormMode, b.wormDays = true, "Enabled", mode, days
}
