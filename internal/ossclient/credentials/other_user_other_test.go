// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix && !linux

package credentials

import (
	"os"
	"testing"
)

// asOtherUser calls f as this user, which must not be root: other systems cannot change
// the user of a single thread.
func asOtherUser(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("root has all permissions")
	}
	f()
}
