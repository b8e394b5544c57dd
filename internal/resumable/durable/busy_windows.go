// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package durable

import (
	"errors"
	"syscall"
	"time"
)

// busyTimeout is how long a change waits for other processes to close a file. The go
// command uses the same timeout (cmd/internal/robustio).
const busyTimeout = 2 * time.Second

// retryWhileBusy calls change again while another process has the file open. Windows
// does not replace an open file, nor remove one that was opened without
// FILE_SHARE_DELETE. Virus scanners and indexers open files that were just written,
// and the status command reads journals.
func retryWhileBusy(change func() error) error {
	for began, pause := time.Now(), time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		err := change()
		if !busy(err) || time.Since(began) > busyTimeout {
			return err
		}
		time.Sleep(pause)
	}
}

// busy is also true for changes that are never allowed, which have the same error.
func busy(err error) bool {
	const sharingViolation = syscall.Errno(32) // ERROR_SHARING_VIOLATION
	return errors.Is(err, syscall.ERROR_ACCESS_DENIED) || errors.Is(err, sharingViolation)
}
