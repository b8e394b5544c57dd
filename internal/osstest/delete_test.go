// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// TestDeleteMultipleObjects_controls deletes keys with characters that XML 1.0
// does not allow. Source: SDK v2, which writes them as character references.
func TestDeleteMultipleObjects_controls(t *testing.T) {
	s, c := start(t, Config{})
	s.PutObject("b", "k\x01\x1f\n", nil, nil)
	s.PutObject("b", "k", nil, nil)
	r := c.want("POST", "/b?delete&encoding-type=url", "<Delete><Object><Key>k&#x01;&#x1F;&#xA;</Key></Object></Delete>")
	if got, want := r.element("Key"), "k%01%1F%0A"; got != want {
		t.Errorf("deleted %q, want %q", got, want)
	}
	if _, exists := s.Object("b", "k\x01\x1f\n"); exists {
		t.Error("the object still exists")
	}
	if _, exists := s.Object("b", "k"); !exists {
		t.Error("another object was deleted")
	}
}
