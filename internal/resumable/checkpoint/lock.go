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

// lockPoll is how often a waiting process looks whether the lock is free.
const lockPoll = 100 * time.Millisecond

// lock makes this process the only one that sends to a destination. The
// operating system frees it at any death of the process. Two locks of the same
// file exclude each other within one process too.
type lock struct {
	file   *flock.Flock
	holder string // path of the file that says who we are
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
		_, err := l.file.TryLockContext(waitCtx, lockPoll)
		switch {
		case err == nil && private.Names(l.file.Path(), l.file):
			l.sign()
			return l, nil
		case err == nil:
			// The holder before us removed the file between our open and our
			// lock: others would open another one.
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

// sign writes who holds the lock. It only serves messages, so it may fail.
func (l *lock) sign() {
	host, _ := os.Hostname()
	text, err := json.Marshal(Holder{PID: os.Getpid(), Host: host, Since: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return
	}
	_ = os.Remove(l.holder)
	f, err := os.OpenFile(l.holder, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // never through a link
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

// release frees the lock and leaves no file behind. On Unix the file goes
// while it is still locked, so that a waiting process sees that it was
// replaced; Windows does not let go of an open file, and refuses to remove one
// that somebody else waits for.
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
