// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/private"
)

// lockPoll is how often a waiting process tries the lock.
const lockPoll = 100 * time.Millisecond

// lock makes this process the only one that sends to a destination. The operating
// system releases it when the process ends, however it ends. Two locks of the same
// file also exclude each other within one process.
type lock struct {
	file   *flock.Flock
	holder string // path of the file that describes this process
}

// Holder is a process that works on a destination.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

func acquire(ctx context.Context, base string, wait time.Duration) (*lock, error) {
	l := &lock{holder: base + ".holder"}
	waitCtx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		if info, err := os.Lstat(base + ".lock"); err == nil {
			if err := private.CheckFile(base+".lock", info); err != nil {
				return nil, err
			}
		}
		l.file = flock.New(base+".lock", flock.SetFlag(os.O_CREATE|os.O_RDWR|private.NoFollow), flock.SetPermissions(0o600))
		locked, err := l.file.TryLock() // also if the wait is over before it begins, on a busy machine
		if err == nil && !locked {
			_, err = l.file.TryLockContext(waitCtx, lockPoll)
		}
		switch {
		case err == nil && private.Names(l.file.Path(), l.file):
			l.sign()
			return l, nil
		case err == nil:
			// The previous holder removed the file between our open and our lock.
			// Other processes would create and lock a new one.
			_ = l.file.Close()
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, context.DeadlineExceeded):
			return nil, fmt.Errorf("%w: waited %v for %s", ErrLocked, wait, l.describeHolder())
		default:
			return nil, fmt.Errorf("%w: lock %s (its file system must support locks): %w", ErrDir, base+".lock", err)
		}
	}
}

// sign describes this process in the holder file. It is used only in messages, so it may fail.
func (l *lock) sign() {
	host, _ := os.Hostname()
	text, err := json.Marshal(Holder{PID: os.Getpid(), Host: host, Since: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return
	}
	_ = os.Remove(l.holder)
	f, err := os.OpenFile(l.holder, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // never follow a link
	if err != nil {
		return
	}
	_, _ = f.Write(text)
	_ = f.Close()
}

func (l *lock) describeHolder() string {
	h, err := readHolder(l.holder)
	if err != nil {
		return "an unknown process that holds " + l.file.Path()
	}
	return fmt.Sprintf("process %d on %s, which started %s (lock file %s)", h.PID, h.Host, h.Since.Format(time.RFC3339), filepath.Base(l.file.Path()))
}

func readHolder(path string) (h Holder, err error) {
	text, err := readFile(path)
	if err != nil {
		return Holder{}, err
	}
	return h, json.Unmarshal(text, &h)
}

// release releases the lock and removes its files. On Unix, the file is removed while
// it is still locked, so that a waiting process notices the removal. Windows does not
// remove an open file, and not one that another process has open.
func (l *lock) release() {
	_ = os.Remove(l.holder)
	if runtime.GOOS != "windows" {
		_ = os.Remove(l.file.Path())
	}
	_ = l.file.Close()
	if runtime.GOOS == "windows" {
		_ = os.Remove(l.file.Path())
	}
}
