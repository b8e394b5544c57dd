// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"net/http"
	"slices"
	"time"
)

// retention protects one version from being deleted or overwritten until a
// time, as OSS's ObjectWorm does. The zero value protects nothing. OSS reports
// a retention even after it has ended. Sources: API pages PutObjectRetention,
// GetObjectRetention, PutBucketObjectWormConfiguration; the provider alicloud.
type retention struct {
	mode  string // "COMPLIANCE" or "GOVERNANCE"
	until time.Time
}

const (
	wormModeHeader  = "X-Oss-Object-Worm-Mode"
	wormUntilHeader = "X-Oss-Object-Worm-Retain-Until-Date"
	compliance      = "COMPLIANCE"
)

// retentionModes are the modes that OSS accepts. The page PutObjectRetention
// lists COMPLIANCE only; the SDK v2 and its tests against OSS use both.
var retentionModes = []string{compliance, "GOVERNANCE"}

func (r retention) protects(now time.Time) bool { return now.Before(r.until) }

// newRetention accepts dates with seconds or milliseconds; OSS returns
// milliseconds.
func newRetention(mode, until string, now time.Time) (retention, error) {
	t, err := time.Parse(time.RFC3339, until)
	switch {
	case !slices.Contains(retentionModes, mode):
		return retention{}, errInvalidArgument("unknown retention mode: %q", mode)
	case err != nil:
		return retention{}, errInvalidArgument("The retain until date must be in ISO 8601 format, not %q.", until)
	case !t.After(now):
		return retention{}, errInvalidArgument("The retain until date must be in the future.")
	}
	return retention{mode: mode, until: t.UTC()}, nil
}

// requestedRetention parses the retention headers of PutObject. No other
// operation is known to have them, but OSS checks the date in any request.
// Source: the provider alicloud, where a HEAD with a past date failed with
// InvalidArgument.
func (c *call) requestedRetention() (retention, error) {
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

// checkChange checks whether to may replace r. A COMPLIANCE retention can only
// be extended; so can a GOVERNANCE one, unless it is bypassed. That the error
// is AccessDenied is only in one translation (pt-BR) of the page
// PutObjectRetention.
//
// The mode of a retention in force cannot be changed, not even to a stricter
// one. That the error is FileImmutable is from a live test of another client
// (salesforce/multicloudj, AliBlobStore.java).
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

// errNoObjectWorm has the same source as AccessDenied in checkChange.
func errNoObjectWorm() *ossError {
	return refusal(400, "InvalidRequest", "", "The bucket has no object-level retention policy.")
}

// checkImmutable returns an error if a write would replace a protected "null"
// version. With versioning, which ObjectWorm requires, nothing is overwritten.
func (b *bucket) checkImmutable(key string, now time.Time) error {
	if b.versioning == "Enabled" {
		return nil
	}
	return b.checkRemovable(key, nullVersion, now)
}

// checkRemovable returns an error if retention protects the version from
// permanent deletion. That the code is that of bucket-level retention is
// assumed.
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
		c.violate("PutObjectRetention requires Content-MD5")
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
		return nil, refusal(400, "OperationNotSupported", "", "An appendable object cannot be retained.") // the code is assumed
	}
	if err := v.retention.checkChange(asked, c.r.Header.Get("x-oss-bypass-governance-retention") == "true", now); err != nil {
		return nil, err
	}
	v.retention = asked
	return c.withVersion(newAnswer(http.StatusOK), v), nil
}

// errNoRetention is a recorded answer, cn-shanghai, June 2026. It has no EC and
// does not name the version.
func errNoRetention(key string) *ossError {
	return refusal(404, "NoSuchObjectRetentionConfiguration", "", "The specified object does not have an object retention configuration.").
		withDetail("ObjectName", key)
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

// lockedRetained returns the version that the request names if its bucket
// supports retention. s.mu must be held.
func (c *call) lockedRetained() (*version, error) {
	v, err := c.lockedVersion()
	if err == nil && !c.s.buckets[c.bucket].worm {
		err = errNoObjectWorm()
	}
	return v, err
}

// EnableObjectWorm enables object-level retention for a bucket, as
// PutBucketObjectWormConfiguration does, and versioning, which it requires. It
// cannot be disabled. New objects are retained in this mode for the given
// number of days; 0 means no default retention. It panics if there is no such
// bucket.
func (s *Server) EnableObjectWorm(bucket, mode string, days int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.mustBucket(bucket)
	b.worm, b.versioning, b.wormMode, b.wormDays = true, "Enabled", mode, days
}
