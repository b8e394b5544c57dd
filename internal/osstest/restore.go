// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"time"
)

type restoreXML struct {
	XMLName xml.Name `xml:"RestoreRequest"`
	Days    int
}

// frozen objects are archived and not restored, or not any more.
func (v *version) frozen(now time.Time) bool { return v.archived() && !now.Before(v.restoredUntil) }

func errInvalidObjectState(v *version) *ossError {
	return refusal(403, "InvalidObjectState", "", "The operation is not valid for the object's state: %s.", v.storageClass())
}

// restoreObject restores at once, where OSS takes a minute to two days. A
// request for an object that is restored already is 200. Source: API page
// RestoreObject.
func (c *call) restoreObject() (*answer, error) {
	document := restoreXML{Days: 1}
	if c.r.ContentLength != 0 {
		if err := c.decodeXML(&document); err != nil {
			return nil, err
		}
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
		return nil, refusal(400, "OperationNotSupported", "", "The operation is not supported for this resource.")
	}
	now, status := c.s.now(), http.StatusOK
	if v.frozen(now) {
		status = http.StatusAccepted
	}
	v.restoredUntil = now.AddDate(0, 0, document.Days)
	return c.withVersion(newAnswer(status), v), nil
}

// Restore is RestoreObject from the test's side, for so many days. It panics if
// there is no such object.
func (s *Server) Restore(bucket, key string, days int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.mustBucket(bucket).current(key)
	if v == nil {
		panic("osstest: no such object: " + key)
	}
	v.restoredUntil = s.now().AddDate(0, 0, days)
}

// describeRestore is what HeadObject says of it. Source: API page HeadObject.
func (v *version) describeRestore(a *answer, now time.Time) {
	if v.archived() && !v.frozen(now) {
		a.set("x-oss-restore", fmt.Sprintf("ongoing-request=%q, expiry-date=%q", "false", v.restoredUntil.Format(http.TimeFormat)))
	}
}
