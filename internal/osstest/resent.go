// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import "time"

// ResentParts returns the requests, since the last ResetLog, that sent a part
// again although their client could know that it was stored: from its own
// acknowledgement, or from the last ListParts before it sent the part again. A
// correct resumption has none.
func (s *Server) ResentParts() (resent []Request) {
	type part struct {
		uploadID string
		number   int
	}
	sent := map[part][]Request{}
	listed := map[string]time.Time{} // the last ListParts of an upload ID
	for _, r := range s.Requests() {
		switch r.Op {
		case ListParts:
			listed[r.UploadID] = r.Time
		case UploadPart:
			p := part{r.UploadID, r.PartNumber}
			for _, earlier := range sent[p] {
				if earlier.knownBefore(r.Time, listed[r.UploadID]) {
					resent = append(resent, r)
					break
				}
			}
			sent[p] = append(sent[p], r)
		}
	}
	return resent
}

// knownBefore reports whether a client that sends the same part at t could
// know that r has stored it. Since the client asked what is stored, that
// answer counts; an acknowledgement may never have reached it.
func (r Request) knownBefore(t, listed time.Time) bool {
	ended := func(by time.Time) bool { return !r.Ended.IsZero() && r.Ended.Before(by) }
	if listed.After(r.Time) {
		return r.Done && ended(listed)
	}
	return r.Status == 200 && r.Fault == "" && ended(t)
}
