// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"slices"
	"time"
)

// rateWindow is the time over which the speed of an upload is measured: long enough
// for several parts, short enough for a network that changes.
const rateWindow = 30 * time.Second

// tracker looks at a directory repeatedly. It adds the current speed of uploads, and
// uploads that have finished since.
type tracker struct {
	dir     string
	samples map[string][]sample // by path of the journal
	last    []upload            // live uploads of the last look
	ended   []upload
}

// sample is how much of an upload was stored at one look.
type sample struct {
	at     time.Time
	stored int64
}

func newTracker(dir string) *tracker { return &tracker{dir: dir, samples: map[string][]sample{}} }

func (t *tracker) look(now time.Time) ([]upload, error) {
	uploads, err := look(t.dir, now)
	if err != nil {
		return nil, err
	}
	for _, u := range uploads {
		t.measure(u, now)
	}
	t.end(uploads)
	t.last = slices.DeleteFunc(slices.Clone(uploads), func(u upload) bool { return u.condition != live })
	return slices.Concat(t.last, t.ended, uploads[len(t.last):]), nil
}

// measure replaces the average rate of the run by the current one.
func (t *tracker) measure(u upload, now time.Time) {
	path := u.entry.Path
	if u.condition != live || u.progress == nil {
		delete(t.samples, path)
		return
	}
	samples := append(t.samples[path], sample{now, u.progress.Stored})
	if n := len(samples); n > 1 && samples[n-1].stored < samples[n-2].stored { // it was restarted
		samples = samples[n-1:]
	}
	for len(samples) > 2 && now.Sub(samples[1].at) >= rateWindow {
		samples = samples[1:]
	}
	t.samples[path] = samples
	if sent := u.progress.Stored - samples[0].stored; sent > 0 && now.Sub(samples[0].at) >= rateWindow {
		u.progress.Rate = float64(sent) / now.Sub(samples[0].at).Seconds()
	}
}

// end records uploads that were live and whose journal is gone, because the object is
// complete.
func (t *tracker) end(uploads []upload) {
	byPath := func(path string) func(upload) bool {
		return func(u upload) bool { return u.entry.Path == path }
	}
	for _, u := range t.last {
		if slices.ContainsFunc(uploads, byPath(u.entry.Path)) {
			continue
		}
		u.condition, u.state = done, "finished"
		if u.progress != nil {
			p := *u.progress
			p.Stored, p.PartsStored, p.Rate = p.Size, p.Parts, 0
			u.progress = &p
		}
		t.ended = append(t.ended, u)
	}
	t.ended = slices.DeleteFunc(t.ended, func(u upload) bool {
		return slices.ContainsFunc(uploads, byPath(u.entry.Path)) // it was restarted
	})
}
