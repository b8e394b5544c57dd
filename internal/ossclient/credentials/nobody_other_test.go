// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix && !linux

package credentials

import (
	"os"
	"testing"
)

// asNobody calls f with the rights of this user, which must not be root: other
// systems have no rights of a single thread.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("root may do all that is tested here")
	}
	f()
}
