// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package durable

import (
	"errors"
	"syscall"
	"time"
)

// patience is how long a change waits for others to let go of a file. The go
// command waits as long for the same (cmd/internal/robustio).
const patience = 2 * time.Second

// whenFree makes a change, and makes it again while somebody has the file
// open. Windows replaces no file that is open, and removes none that was opened
// without leave to do so. Virus scanners and indexers open what was just
// written, and our own status command looks at journals.
func whenFree(change func() error) error {
	for began, pause := time.Now(), time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		err := change()
		if !busy(err) || time.Since(began) > patience {
			return err
		}
		time.Sleep(pause)
	}
}

// busy is also true for what will never be allowed: Windows says no more.
func busy(err error) bool {
	const sharingViolation = syscall.Errno(32) // ERROR_SHARING_VIOLATION
	return errors.Is(err, syscall.ERROR_ACCESS_DENIED) || errors.Is(err, sharingViolation)
}
