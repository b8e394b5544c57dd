// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

func TestResentParts(t *testing.T) {
	for name, test := range map[string]struct {
		resume func(s *Server, c *client, id string) // called between the two requests for part 1
		first  Fault                                 // applied to the first request
		resent int
	}{
		"acknowledged":                 {resent: 1},
		"acknowledged, then listed":    {resume: list, resent: 1},
		"answer lost":                  {first: LoseAnswer(), resent: 0},
		"answer lost, then listed":     {resume: list, first: LoseAnswer(), resent: 1},
		"refused":                      {first: Refuse(503, "ServiceUnavailable"), resent: 0},
		"refused, then listed":         {resume: list, first: Refuse(503, "ServiceUnavailable"), resent: 0},
		"acknowledged, another upload": {resume: func(_ *Server, c *client, _ string) { c.initiate("/b/k") }, resent: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, c := start(t, Config{})
			id := c.initiate("/b/k")
			remove := s.AddRule(Rule{Op: UploadPart, Times: 1, Fault: test.first})
			_, _ = c.try("PUT", partTarget("/b/k", id, 1), nil, 0)
			remove()
			if test.resume != nil {
				test.resume(s, c, id)
			}
			c.part("/b/k", id, 1, "again")
			c.part("/b/k", id, 2, "another part")
			if got := len(s.ResentParts()); got != test.resent {
				t.Errorf("%d resent, want %d", got, test.resent)
			}
		})
	}
}

func list(_ *Server, c *client, id string) { c.want("GET", "/b/k?uploadId="+id, "") }
