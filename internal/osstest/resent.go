// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import "time"

// ResentParts returns the requests since the last ResetLog that sent a part
// again although the client could know that it was stored: from the answer to
// the first request, or from a ListParts in between. A client that resumes
// correctly sends no such requests.
func (s *Server) ResentParts() (resent []Request) {
	type part struct {
		uploadID string
		number   int
	}
	sent := map[part][]Request{}
	listed := map[string]time.Time{} // time of the last ListParts, by upload ID
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

// knownBefore reports whether a client that sends the same part at t could know
// that r stored it. If the client listed the parts since r, the listing
// decides; otherwise the answer to r does, if it reached the client.
func (r Request) knownBefore(t, listed time.Time) bool {
	ended := func(by time.Time) bool { return !r.Ended.IsZero() && r.Ended.Before(by) }
	if listed.After(r.Time) {
		return r.Done && ended(listed)
	}
	return r.Status == 200 && r.Fault == "" && ended(t)
}
