// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"strconv"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// A credential with Parts 2 signs two UploadPart requests and then expires.
func TestCredential_parts(t *testing.T) {
	s := Start(t, Config{})
	s.CreateBucket("b")
	short := Credential{AccessKeyID: "short", AccessKeySecret: "secret", SecurityToken: "token", Parts: 2}
	s.AddCredential(short)
	c := newClient(t, s)
	id := c.initiate("/b/k")
	c.credential = short
	for number, want := range []string{"", "", "SecurityTokenExpired", "SecurityTokenExpired"} {
		r := c.do("PUT", "/b/k?partNumber="+strconv.Itoa(number+1)+"&uploadId="+id, "body")
		if r.code() != want {
			t.Errorf("part %d: %d %s, want %q", number+1, r.status, r.code(), want)
		}
	}
	wantReply(t, "after two parts", c.do("GET", "/b/k?uploadId="+id, ""), 403, "SecurityTokenExpired")
}
