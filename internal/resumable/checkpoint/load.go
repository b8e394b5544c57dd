// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/durable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/record"
)

// maxSize bounds what is read into memory. The largest journal that this
// package writes, 10,000 parts and their heads, is below 2 MiB.
const maxSize = 16 << 20

// load reads the journal, if there is one, and leaves on disk just the lines
// that it could use.
func (j *Journal) load() error {
	text, err := readFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	state, good, err := decode(text)
	if err != nil {
		return fmt.Errorf("%w: %s", err, j.path)
	}
	if state.Begin != nil && state.Begin.key() != j.key {
		return j.setAside("belongs to " + state.Begin.Bucket + "/" + state.Begin.Object)
	}
	if tail := text[good:]; len(tail) > 0 && !tornTail(tail) || good == 0 {
		if err := j.setAside(fmt.Sprintf("is damaged from byte %d on", good)); err != nil {
			return err
		}
		if good == 0 {
			return nil
		}
		j.state = state
		return durable.WriteFile(j.path, text[:good])
	} else if len(tail) > 0 {
		if err := durable.WriteFile(j.path, text[:good]); err != nil {
			return fmt.Errorf("drop torn end of checkpoint: %w", err)
		}
	}
	j.state = state
	return nil
}

// setAside renames a journal that cannot be trusted, for a person to look at.
func (j *Journal) setAside(why string) error {
	aside := fmt.Sprintf("%s.damaged-%d", j.path, time.Now().UnixNano())
	if err := os.Rename(j.path, aside); err != nil {
		return fmt.Errorf("set checkpoint aside: %w", err)
	}
	j.Warnings = append(j.Warnings, fmt.Sprintf("The checkpoint %s %s. It was kept as %s, and OSS was asked what it holds.", j.path, why, aside))
	return nil
}

// decode reads lines up to the first that is not whole, or that this package
// never writes, and tells how many bytes they take. It fails only with ErrVersion.
func decode(text []byte) (s State, good int, err error) {
	rest := text
	for {
		e, next, whole := nextEvent(rest)
		first := len(rest) == len(text)
		if !whole || !s.takes(e) || first && e.Type != eventJournal {
			return s, len(text) - len(rest), nil
		}
		if first && e.Version > Version {
			return State{}, 0, fmt.Errorf("%w (format %d, this one knows %d)", ErrVersion, e.Version, Version)
		}
		s.apply(e)
		rest = next
	}
}

func nextEvent(text []byte) (e event, rest []byte, whole bool) {
	rest, err := record.Next(text, &e)
	return e, rest, err == nil
}

// tornTail reports whether b is what a crash leaves of the last append: one
// line that was not finished.
func tornTail(b []byte) bool { return !slices.Contains(b, '\n') }

func readFile(path string) ([]byte, error) {
	f, err := openFile(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSize {
		return []byte("too large"), nil // not what we wrote: load sets the file aside
	}
	text := make([]byte, info.Size())
	n, err := io.ReadFull(f, text)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil // it is shorter than it was a moment ago: torn
	}
	return text[:n], err
}

// openFile opens an existing file of ours. It never follows a link, nor waits
// for the other end of a pipe.
func openFile(path string, flag int) (*os.File, error) {
	named, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if err := checkOurs(path, named); err != nil {
		return nil, err
	}
	f, err := openPath(path, flag)
	if err != nil {
		return nil, err
	}
	if !names(path, f) {
		_ = f.Close()
		return nil, fmt.Errorf("%w: %s was replaced while it was opened", ErrDir, path)
	}
	return f, nil
}

// names reports whether path is still the name of f.
func names(path string, f interface{ Stat() (fs.FileInfo, error) }) bool {
	named, err := os.Lstat(path)
	if err != nil {
		return false
	}
	open, err := f.Stat()
	return err == nil && os.SameFile(named, open)
}
