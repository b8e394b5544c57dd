// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const progressEvery = 5 * time.Second

// Progress tells what a person asks about an upload: how far, how fast, how
// long.
type Progress struct {
	Size, Stored int64   // bytes: of the file, and of it in OSS
	Parts        int     // in the plan
	PartsStored  int     // in OSS
	PartsKept    int     // of those, what OSS held before the run began
	PartsCopied  int     // of those, what OSS took from the old object in this run
	Rate         float64 // bytes per second; 0: not known
}

// Percent is from 0 to 100, whatever a journal says.
func (p Progress) Percent() float64 {
	return min(100, 100*float64(max(p.Stored, 0))/float64(max(p.Size, 1)))
}

// Left is how long the rest takes at this rate; false: nobody knows.
func (p Progress) Left() (time.Duration, bool) {
	left := (float64(p.Size) - float64(p.Stored)) / p.Rate // seconds
	if p.Rate <= 0 || left > float64(999*time.Hour/time.Second) {
		return 0, false
	}
	return time.Duration(max(left, 0) * float64(time.Second)).Round(time.Second), true
}

// String is the progress in one line: "45.1 % (3.2 of 7.1 GiB, …)".
func (p Progress) String() string {
	return fmt.Sprintf("%.1f %% (%s)", p.Percent(), strings.Join(p.Details(), ", "))
}

// Details are what is known beside the percentage, most wanted first.
func (p Progress) Details() []string {
	unit := unitOf(max(p.Size, p.Stored))
	details := []string{
		fmt.Sprintf("%s of %s", unit.number(p.Stored), unit.text(p.Size)),
		fmt.Sprintf("%d of %d parts", p.PartsStored, p.Parts),
	}
	if p.PartsKept > 0 {
		details = append(details, fmt.Sprintf("%d kept", p.PartsKept))
	}
	if p.PartsCopied > 0 {
		details = append(details, fmt.Sprintf("%d copied", p.PartsCopied))
	}
	if rate := int64(p.Rate); rate > 0 {
		details = append(details, ByteSize(rate)+"/s")
	}
	if left, known := p.Left(); known && p.Stored < p.Size {
		details = append(details, left.String()+" left")
	}
	return details
}

// ByteSize is a size for people: "328.0 MiB".
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

// progress turns a run's counters into a [Progress].
type progress struct {
	run     *run
	started time.Time
	before  int64 // bytes that OSS held by then
}

func newProgress(r *run) progress {
	return progress{run: r, started: time.Now(), before: bytesOf(r.stored)}
}

func (p progress) now() Progress {
	r := p.run
	stored := bytesOf(r.stored)
	return Progress{
		Size: r.fingerprint.Size, Stored: stored,
		Parts: r.stats.Parts, PartsStored: len(r.stored), PartsKept: r.stats.PartsKept, PartsCopied: r.stats.PartsCopied,
		Rate: float64(stored-p.before) / max(time.Since(p.started).Seconds(), 1e-3),
	}
}

// report says it in the log, and to whoever else wants to know.
func (p progress) report(ctx context.Context) {
	r, now := p.run, p.now()
	left := "unknown"
	if duration, known := now.Left(); known {
		left = duration.String()
	}
	what := "uploading"
	if r.src == nil {
		what = "copying inside OSS"
	}
	r.log.InfoContext(ctx, what,
		"percent", fmt.Sprintf("%.1f", now.Percent()),
		"parts", fmt.Sprintf("%d/%d", now.PartsStored, now.Parts),
		"parts_kept", now.PartsKept,
		"parts_copied", now.PartsCopied,
		"mib_per_second", fmt.Sprintf("%.1f", now.Rate/(1<<20)),
		"time_left", left)
	if r.cfg.Progress != nil {
		r.cfg.Progress(r.req.Object, now)
	}
}
