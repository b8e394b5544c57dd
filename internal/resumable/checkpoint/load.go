// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/durable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/private"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/record"
)

// maxSize limits what is read into memory. The largest journal that this package
// writes, with 10,000 parts, is smaller than 2 MiB.
const maxSize = 16 << 20

// load reads the journal, if it exists, and removes the lines that it cannot use from
// the file.
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

// setAside renames a journal that cannot be trusted, so that a user can inspect it.
func (j *Journal) setAside(why string) error {
	aside := fmt.Sprintf("%s.damaged-%d", j.path, time.Now().UnixNano())
	if err := os.Rename(j.path, aside); err != nil {
		return fmt.Errorf("set checkpoint aside: %w", err)
	}
	j.Warnings = append(j.Warnings, fmt.Sprintf("The checkpoint %s %s. It was renamed to %s, and the stored parts were read from OSS.", j.path, why, aside))
	return nil
}

// decode reads lines up to the first one that is incomplete, or that this package
// never writes, and returns their length in bytes. It fails only with ErrVersion.
func decode(text []byte) (s State, good int, err error) {
	rest := text
	for {
		e, next, whole := nextEvent(rest)
		first := len(rest) == len(text)
		if !whole || !s.takes(e) || first && e.Type != eventJournal {
			return s, len(text) - len(rest), nil
		}
		if first && e.Version > Version {
			return State{}, 0, fmt.Errorf("%w (format %d, this version reads up to %d)", ErrVersion, e.Version, Version)
		}
		s.apply(e)
		rest = next
	}
}

func nextEvent(text []byte) (e event, rest []byte, whole bool) {
	rest, err := record.Next(text, &e)
	return e, rest, err == nil
}

// tornTail reports whether b is one incomplete line, as a crash leaves it.
func tornTail(b []byte) bool { return !slices.Contains(b, '\n') }

func readFile(path string) ([]byte, error) {
	text, err := private.ReadFile(path, maxSize)
	if errors.Is(err, private.ErrTooLarge) {
		return []byte("too large"), nil // not written by this package: load sets it aside
	}
	return text, err
}
