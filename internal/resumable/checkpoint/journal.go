// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/durable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/private"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/record"
)

const (
	syncEvery = 64          // parts
	syncAfter = time.Second // since the first part that is not synced
)

// Journal is the journal of one destination, held by this process alone until
// Close. It is not safe for concurrent use: one goroutine owns it.
type Journal struct {
	path  string
	key   Key
	lock  *lock
	state State
	file  *os.File // open for appending; nil until something is appended

	unsynced      int
	firstUnsynced time.Time
	failed        error // of file; it is not touched any more, until Replace makes another

	// Warnings are what a user should know about the journal that was found.
	Warnings []string
}

// Open makes dir when it is absent, waits for the destination's lock, at most
// for wait, and reads the journal. It fails with ErrDir, ErrLocked or ErrVersion.
func Open(ctx context.Context, dir string, key Key, wait time.Duration) (*Journal, error) {
	if err := private.Prepare(dir); err != nil {
		return nil, err
	}
	base := filepath.Join(dir, key.name())
	lock, err := acquire(ctx, base, wait)
	if err != nil {
		return nil, err
	}
	j := &Journal{path: base + ".journal", key: key, lock: lock}
	j.removeTorn()
	if err := j.load(); err != nil {
		lock.release()
		return nil, err
	}
	return j, nil
}

// CheckDir tells whether dir could hold journals, without making or writing
// anything. It fails with ErrDir. A nil error is no promise: disks fill up.
func CheckDir(dir string) error { return private.CheckUsable(dir) }

// Exists reports whether dir holds a journal of key.
func Exists(dir string, key Key) (bool, error) {
	_, err := os.Lstat(filepath.Join(dir, key.name()+".journal"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Path is where the journal is, or would be.
func (j *Journal) Path() string { return j.path }

// State is what the journal tells by now. The caller must not change it. No
// journal tells nothing.
func (j *Journal) State() State {
	if j == nil {
		return State{}
	}
	return j.state
}

// Replace makes the journal say just s, in one durable step: a crash leaves
// either what it said before or s, never a part of both. It fails with ErrDir.
func (j *Journal) Replace(s State) error {
	if s.Parts == nil {
		s.Parts = map[int]Part{}
	}
	var text []byte
	for _, e := range s.events() {
		var err error
		if text, err = record.Append(text, e); err != nil {
			return err
		}
	}
	if err := j.closeFile(); err != nil {
		return err
	}
	if err := durable.WriteFile(j.path, text); err != nil {
		return fmt.Errorf("%w: write checkpoint: %w", ErrDir, err)
	}
	j.state, j.unsynced, j.failed = s, 0, nil
	return nil
}

// Initiated records the upload ID, durably. It fails with ErrDir.
func (j *Journal) Initiated(uploadID string) error {
	err := j.append(event{Type: eventInitiated, UploadID: uploadID})
	if err == nil {
		err = j.Sync()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDir, err)
	}
	return nil
}

// PartStored records a part that OSS acknowledged. It is written at once and
// synced with others.
func (j *Journal) PartStored(p Part) error {
	if err := j.append(event{Type: eventPart, Part: &p}); err != nil {
		return err
	}
	if j.unsynced == 0 {
		j.firstUnsynced = time.Now()
	}
	j.unsynced++
	if j.unsynced < syncEvery && time.Since(j.firstUnsynced) < syncAfter {
		return nil
	}
	return j.Sync()
}

// Aborted records that an upload which was to be aborted is gone.
func (j *Journal) Aborted(uploadID string) error {
	if err := j.append(event{Type: eventAborted, UploadID: uploadID}); err != nil {
		return err
	}
	return j.Sync()
}

// Sync makes everything recorded so far durable.
func (j *Journal) Sync() error {
	if j.failed != nil || j.file == nil {
		return j.failed
	}
	j.unsynced = 0
	switch err := j.file.Sync(); {
	case err != nil:
		// Never tried again: the kernel may have dropped what it could not
		// write, and then says that all is well. See package durable.
		j.failed = fmt.Errorf("checkpoint is not durable: %w", err)
	case !private.Names(j.path, j.file):
		j.failed = fmt.Errorf("%s was removed or replaced", j.path)
	}
	return j.failed
}

// Finish forgets the open upload: it was completed, or is gone. The journal is
// removed, unless uploads that are still to be aborted have to be remembered, and of which
// object they are.
func (j *Journal) Finish() error {
	if len(j.state.PendingAborts) > 0 {
		return j.Replace(State{Begin: j.state.Begin, PendingAborts: j.state.PendingAborts})
	}
	err := j.closeFile()
	j.state = State{}
	return errors.Join(err, durable.Remove(j.path))
}

// Close releases the destination. What was recorded stays.
func (j *Journal) Close() error {
	err := errors.Join(j.Sync(), j.closeFile())
	j.lock.release()
	return err
}

func (j *Journal) closeFile() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}

// append writes one line. After an error the journal may end in a torn line,
// so it is not appended to again.
func (j *Journal) append(e event) error {
	if j.failed != nil {
		return j.failed
	}
	if j.file == nil {
		f, err := private.Open(j.path, os.O_WRONLY|os.O_APPEND)
		if err != nil {
			return fmt.Errorf("open checkpoint: %w", err)
		}
		j.file = f
	}
	line, err := record.Append(nil, e)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(line); err != nil {
		j.failed = fmt.Errorf("write checkpoint: %w", err)
		return j.failed
	}
	j.state.apply(e)
	return nil
}

// removeTorn removes what a crash in Replace has left beside the journal. The
// lock is ours, so nobody is writing it.
func (j *Journal) removeTorn() {
	entries, err := os.ReadDir(filepath.Dir(j.path))
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(j.path)+".tmp-") {
			_ = os.Remove(filepath.Join(filepath.Dir(j.path), e.Name()))
		}
	}
}
