// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// asOtherUser calls f with the file permissions of the user otherUser. Without root, it
// calls f as this user.
func asOtherUser(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		for _, set := range []func(int) (int, error){unix.SetfsgidRetGid, unix.SetfsuidRetUid} {
			if _, err := set(otherUser); err != nil {
				t.Error(err)
				return
			}
		}
		f()
	}()
	<-done
}
