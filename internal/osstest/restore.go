// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"
)

type restoreXML struct {
	XMLName xml.Name `xml:"RestoreRequest"`
	Days    int
	Tier    string `xml:"JobParameters>Tier"`
}

// restoreTimes is how long a restore takes, by storage class and priority.
// Archive has only one priority. Source: user guide "Restore objects", upper
// bounds.
var restoreTimes = map[string]map[string]time.Duration{
	"Archive":         {"Standard": time.Minute},
	"ColdArchive":     {"Expedited": time.Hour, "Standard": 5 * time.Hour, "Bulk": 12 * time.Hour},
	"DeepColdArchive": {"Expedited": 12 * time.Hour, "Standard": 48 * time.Hour},
}

// restore is the restore state of an archived object: in progress until from,
// then readable until until, then frozen. The zero value is frozen.
type restore struct {
	from, until time.Time
}

func (r restore) inProgress(now time.Time) bool { return now.Before(r.from) }

// frozen reports whether the object is archived and not currently restored.
func (v *version) frozen(now time.Time) bool {
	return v.archived() && (v.restore.inProgress(now) || !now.Before(v.restore.until))
}

func errInvalidObjectState(v *version) *ossError {
	return refusal(403, "InvalidObjectState", "", "The operation is not valid for the object's state: %s.", v.storageClass())
}

func errNotArchived() *ossError {
	return refusal(400, "OperationNotSupported", "0016-00000702", "The operation is not supported for this resource")
}

// restoreObject starts a restore, or speeds one up if the request has a higher
// priority. If the object is already restored, the answer is 200. Sources: API
// page RestoreObject, user guide "Restore objects", EC 0016-00000701, SDK v2
// tests.
func (c *call) restoreObject() (*answer, error) {
	var document restoreXML
	if err := c.decodeXML(&document); err != nil {
		if c.record.bodyBytes.Load() > 0 {
			return nil, err
		}
		document.Days = 1 // the document is optional
	}
	if document.Days < 1 {
		return nil, errMalformedXML()
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	v, err := c.lockedVersion()
	if err != nil {
		return nil, err
	}
	if !v.archived() {
		return nil, errNotArchived()
	}
	takes, known := restoreTimes[v.storageClass()][cmp.Or(document.Tier, "Standard")]
	if !known {
		return nil, errMalformedXML() // assumed
	}
	now := c.s.now()
	if !v.frozen(now) {
		v.restore.until = now.AddDate(0, 0, document.Days)
		return c.withVersion(newAnswer(200), v), nil
	}
	ready := now.Add(takes)
	if v.restore.inProgress(now) && !ready.Before(v.restore.from) {
		return nil, refusal(409, "RestoreAlreadyInProgress", "0016-00000701", "The restore operation is in progress.")
	}
	v.restore = restore{from: ready, until: ready.AddDate(0, 0, document.Days)}
	return c.withVersion(newAnswer(202), v), nil
}

// cleanRestoredObject freezes a restored object. Sources: API page
// CleanRestoredObject, EC 0016-00000718 and -719, SDK v2 tests; that it
// requires an archived object is assumed.
func (c *call) cleanRestoredObject() (*answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	v, err := c.lockedVersion()
	if err != nil {
		return nil, err
	}
	now := c.s.now()
	switch {
	case !strings.HasSuffix(v.storageClass(), "ColdArchive"):
		return nil, errNotArchived()
	case v.restore.inProgress(now):
		return nil, refusal(409, "ArchiveRestoreNotFinished", "0016-00000719", "The archive file's restore is not finished.")
	case v.frozen(now):
		return nil, refusal(409, "ArchiveRestoreFileStale", "0016-00000718", "The archive file or restore info stale")
	}
	v.restore = restore{}
	return c.withVersion(newAnswer(200), v), nil
}

// Restore restores an object immediately, for the given number of days. It
// panics if there is no such object.
func (s *Server) Restore(bucket, key string, days int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.mustBucket(bucket).current(key)
	if v == nil {
		panic("osstest: no such object: " + key)
	}
	now := s.now()
	v.restore = restore{from: now, until: now.AddDate(0, 0, days)}
}

// describeRestore adds x-oss-restore to the answer. Source: API page
// HeadObject.
func (v *version) describeRestore(a *answer, now time.Time) {
	switch {
	case !v.archived():
	case v.restore.inProgress(now):
		a.set("x-oss-restore", `ongoing-request="true"`)
	case !v.frozen(now):
		a.set("x-oss-restore", fmt.Sprintf("ongoing-request=%q, expiry-date=%q", "false", v.restore.until.Format(http.TimeFormat)))
	}
}
