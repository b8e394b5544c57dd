// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Progress describes how much of an upload is done, how fast it is, and how long
// it will take.
type Progress struct {
	Size, Stored int64   // bytes of the file, and bytes stored in OSS
	Parts        int     // in the plan
	PartsStored  int     // in OSS
	Kept, Copied int64   // of the stored bytes, those from before the run, and those that OSS copied in it
	ToCopy       int64   // of the other bytes, those that OSS will copy
	Rate         float64 // bytes per second that are sent, or in a copy of a whole object copied; 0: not known
}

// Percent returns a number from 0 to 100, even for an invalid journal.
func (p Progress) Percent() float64 {
	return min(100, 100*float64(max(p.Stored, 0))/float64(max(p.Size, 1)))
}

// Left returns the remaining time to send bytes at the current rate, and whether it is
// known.
func (p Progress) Left() (time.Duration, bool) {
	left := (float64(p.Size) - float64(p.Stored) - float64(p.ToCopy)) / p.Rate // seconds
	if p.Rate <= 0 || left <= 0 && p.ToCopy > 0 || left > float64(999*time.Hour/time.Second) {
		return 0, false
	}
	return time.Duration(max(left, 0) * float64(time.Second)).Round(time.Second), true
}

// String returns the progress in one line: "45.1 % (3.2 of 7.1 GiB, …)".
func (p Progress) String() string {
	return fmt.Sprintf("%.1f %% (%s)", p.Percent(), strings.Join(p.Details(), ", "))
}

// Brief returns what matters most, for a narrow line: "45.1 %, 3.2 of 7.1 GiB,
// 85.0 MiB/s, 48s left".
func (p Progress) Brief() string {
	return strings.Join(slices.Concat([]string{fmt.Sprintf("%.1f %%", p.Percent()), p.size()}, p.speed()), ", ")
}

// Details returns what is known besides the percentage, most important first.
func (p Progress) Details() []string {
	details := []string{p.size(), fmt.Sprintf("%d of %d parts", p.PartsStored, p.Parts)}
	if p.Kept > 0 {
		details = append(details, ByteSize(p.Kept)+" kept")
	}
	if p.Copied > 0 {
		details = append(details, ByteSize(p.Copied)+" copied")
	}
	return append(details, p.speed()...)
}

func (p Progress) size() string {
	unit := unitOf(max(p.Size, p.Stored))
	return fmt.Sprintf("%s of %s", unit.number(p.Stored), unit.text(p.Size))
}

func (p Progress) speed() (details []string) {
	if rate := int64(p.Rate); rate > 0 {
		details = append(details, ByteSize(rate)+"/s")
	}
	if left, known := p.Left(); known && p.Stored < p.Size {
		details = append(details, left.String()+" left")
	}
	return details
}

// ByteSize formats a size for people: "328.0 MiB".
func ByteSize(n int64) string { return unitOf(n).text(n) }

// unit is a power of 1024 and its name.
type unit struct {
	size int64
	name string
}

func unitOf(n int64) unit {
	u := unit{1, "B"}
	for _, name := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if n < 1024*u.size {
			break
		}
		u = unit{u.size * 1024, name}
	}
	return u
}

func (u unit) text(n int64) string { return u.number(n) + " " + u.name }

func (u unit) number(n int64) string {
	if u.size == 1 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%.1f", float64(n)/float64(u.size))
}
