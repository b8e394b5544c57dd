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

// Journal is the journal of one destination, locked by this process until Close.
// It is not safe for concurrent use.
type Journal struct {
	path  string
	key   Key
	lock  *lock
	state State
	file  *os.File // open for appending; nil until the first append

	unsynced      int
	firstUnsynced time.Time
	failed        error // first error of file, which is not used again until Replace creates another

	// Warnings are for the user, about the journal that was found.
	Warnings []string
}

// Open creates dir if it is absent, waits up to wait for the lock of the
// destination, and reads the journal. It fails with ErrDir, ErrLocked or ErrVersion.
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
	j.removeTemporary()
	if err := j.load(); err != nil {
		lock.release()
		return nil, err
	}
	return j, nil
}

// CheckDir checks whether dir can hold journals. It creates and writes nothing, and
// fails with ErrDir. A later write may still fail, for example on a full disk.
func CheckDir(dir string) error { return private.CheckUsable(dir) }

// Exists reports whether dir has a journal for key.
func Exists(dir string, key Key) (bool, error) {
	_, err := os.Lstat(filepath.Join(dir, key.name()+".journal"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Path returns the path of the journal, which may not exist.
func (j *Journal) Path() string { return j.path }

// State returns the current state. The caller must not change it. The state of a nil
// Journal is empty.
func (j *Journal) State() State {
	if j == nil {
		return State{}
	}
	return j.state
}

// Replace replaces the state by s in one durable step: a crash leaves either the
// old state or s, never a mixture. It fails with ErrDir.
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

// PartStored records a part that OSS acknowledged. It is written immediately and
// synced together with others.
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

// Aborted records that a pending abort is done.
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
		// Never repeated: the kernel may have dropped the pages that it could
		// not write, and then reports success. See package durable.
		j.failed = fmt.Errorf("checkpoint is not durable: %w", err)
	case !private.Names(j.path, j.file):
		j.failed = fmt.Errorf("%s was removed or replaced", j.path)
	}
	return j.failed
}

// Finish removes the open upload from the state, because it was completed or is
// gone. If uploads are still to be aborted, the journal stays with their IDs and
// their object. Otherwise it is removed. A nil Journal has nothing to remove.
func (j *Journal) Finish() error {
	if j == nil {
		return nil
	}
	if len(j.state.PendingAborts) > 0 {
		return j.Replace(State{Begin: j.state.Begin, PendingAborts: j.state.PendingAborts})
	}
	err := j.closeFile()
	j.state = State{}
	return errors.Join(err, durable.Remove(j.path))
}

// Close releases the destination. The journal stays.
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

// append writes one line. After an error, the journal may end in a torn line, so
// nothing is appended any more.
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

// removeTemporary removes temporary files that a crash in Replace left. This process
// holds the lock, so no other process is writing them.
func (j *Journal) removeTemporary() {
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
