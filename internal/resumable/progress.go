// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"fmt"
	"time"
)

const progressEvery = 5 * time.Second

// progress turns a run's counters into what a person asks: how far, how fast,
// how long.
type progress struct {
	run     *run
	started time.Time
	before  int64 // bytes that this run had sent by then
}

func newProgress(r *run) progress {
	return progress{run: r, started: time.Now(), before: r.stats.BytesSent}
}

func (p progress) log(ctx context.Context) {
	r := p.run
	size, stored := r.fingerprint.Size, bytesOf(r.stored)
	rate := float64(r.stats.BytesSent-p.before) / max(time.Since(p.started).Seconds(), 1e-3)
	left := "unknown"
	if rate > 0 {
		left = time.Duration(float64(size-stored) / rate * float64(time.Second)).Round(time.Second).String()
	}
	what := "uploading"
	if r.src == nil {
		what = "copying inside OSS"
	}
	r.log.InfoContext(ctx, what,
		"percent", fmt.Sprintf("%.1f", 100*float64(stored)/float64(max(size, 1))),
		"parts", fmt.Sprintf("%d/%d", len(r.stored), r.stats.Parts),
		"parts_kept", r.stats.PartsKept,
		"mib_per_second", fmt.Sprintf("%.1f", rate/(1<<20)),
		"time_left", left)
}
