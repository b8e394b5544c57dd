// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"slices"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// TestAppendObject tests that the first append determines the encryption, and
// that each answer reports it. Source: SDK v2 tests.
func TestAppendObject(t *testing.T) {
	s, c := start(t, Config{})
	kms := []string{"x-oss-server-side-encryption", "KMS", "x-oss-server-side-data-encryption", "SM4"}
	shown := append(slices.Clip(kms), "x-oss-server-side-encryption-key-id", DefaultKMSKeyID)
	for key, header := range map[string][]string{"plain": nil, "kms": kms} {
		target := "/b/" + key + "?append&position="
		first := c.want("POST", target+"0", "one", header...)
		second := c.want("POST", target+"3", "two", kms...)
		wantHeaders(t, key, second, "x-oss-next-append-position", "6")
		if got := content(t, s, key); got != "onetwo" {
			t.Errorf("%s: stored %q", key, got)
		}
		want := shown
		if header == nil {
			want = []string{"x-oss-server-side-encryption", "", "x-oss-server-side-encryption-key-id", ""}
		}
		wantHeaders(t, key+" first", first, want...)
		wantHeaders(t, key+" second", second, want...)
		r := c.do("POST", target+"0", "three")
		wantReply(t, key+" at the wrong position", r, 409, "PositionNotEqualToLength")
		wantHeaders(t, key+" at the wrong position", r, "x-oss-next-append-position", "6")
	}
	c.want("PUT", "/b/normal", "")
	wantReply(t, "seal", c.do("POST", "/b/kms?seal&position=6", ""), 400, "OperationNotSupported")
	wantReply(t, "normal", c.do("POST", "/b/normal?append&position=0", ""), 409, "ObjectNotAppendable")
	wantReply(t, "copy", c.do("PUT", "/b/copy", "", "x-oss-copy-source", "/b/plain"), 409, "OperationNotSupported")
}
