// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/private"
)

// Entry is a journal as List reads it.
type Entry struct {
	Path     string
	State    State     // as far as it can be read
	Modified time.Time // time of the last write

	Held   bool    // a process works on the destination
	Holder *Holder // that process; nil: not held, or unknown

	// Err says why State is incomplete: ErrDamaged, ErrVersion, ErrDir, or an error
	// of the operating system.
	Err error
}

// List reads the journals in dir, in the order of their names. It changes nothing
// and takes no locks, so it may read a journal during a write: an incomplete last
// line is not damage. An absent directory has no journals. List fails with ErrDir
// where Open would.
func List(dir string) ([]Entry, error) {
	if err := private.Check(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDir, err)
	}
	var entries []Entry
	for _, file := range files {
		path := filepath.Join(dir, file.Name())
		switch base, rest, isJournal := strings.Cut(file.Name(), ".journal"); {
		case !isJournal:
		case rest == "":
			if e := lookAt(path, filepath.Join(dir, base)); !errors.Is(e.Err, fs.ErrNotExist) { // it was finished in the meantime
				entries = append(entries, e)
			}
		case strings.HasPrefix(rest, ".damaged-"):
			entries = append(entries, setAsideBefore(path, file))
		}
	}
	return entries, nil
}

// lookAt reads one journal. It checks the lock first, so that a journal whose holder
// finishes in between is absent and does not look interrupted.
func lookAt(path, base string) Entry {
	e := Entry{Path: path, Held: locked(base + ".lock")}
	if e.Held {
		if h, err := readHolder(base + ".holder"); err == nil {
			e.Holder = &h
		}
	}
	text, modified, err := readSettled(path)
	e.Modified = modified
	if err != nil {
		e.Err = err
		return e
	}
	state, good, err := decode(text)
	tail := text[good:]
	switch {
	case err != nil:
		e.Err = err
	case state.Begin != nil && state.Begin.key().name() != filepath.Base(base):
		e.Err = fmt.Errorf("%w: it belongs to another object", ErrDamaged)
	case good == 0 || len(tail) > 0 && !tornTail(tail):
		e.State, e.Err = state, fmt.Errorf("%w from byte %d on", ErrDamaged, good)
	default:
		e.State = state
	}
	return e
}

// maxReplaced is how often a journal may be replaced while it is opened.
const maxReplaced = 3

// readSettled reads a journal that its holder may replace at any time.
func readSettled(path string) (text []byte, modified time.Time, err error) {
	for range maxReplaced {
		var info fs.FileInfo
		if info, err = os.Lstat(path); err != nil {
			return nil, time.Time{}, err
		}
		if text, err = readFile(path); err == nil {
			return text, info.ModTime(), nil
		}
	}
	return nil, modified, err
}

func setAsideBefore(path string, file fs.DirEntry) Entry {
	e := Entry{Path: path, Err: fmt.Errorf("%w and was set aside", ErrDamaged)}
	if info, err := file.Info(); err == nil {
		e.Modified = info.ModTime()
	}
	return e
}
