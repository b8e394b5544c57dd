// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"sync"
	"time"
)

// window bounds the parts of one upload that are in flight. It is no wider than
// is good for anything:
//
//   - It halves when OSS throttles, and when the line breaks, so that on a line
//     which breaks often few enough are in flight for some to arrive in between.
//     It widens again by one with each windowful of acknowledgements, as TCP does,
//     so that uploads which share an account find their shares.
//   - It narrows where fewer parts at once are as fast, see [gain].
type window struct {
	tokens chan struct{} // one for each part that may be sent now

	mu     sync.Mutex
	width  int
	debt   int  // tokens that are still in flight but no longer part of the width
	gain   gain // how wide it is to be when nothing fails
	target int  // what gain said last

	parts    int       // in all
	arrived  int       // of them
	lost     int       // since the last that arrived
	narrowed time.Time // last, because parts failed

	acked int       // parts since the width changed
	since time.Time // the parts in flight are no more than the width

	// What the parts that were sent since then have cost, for [gain].
	sent  int
	bytes int64
	busy  time.Duration
}

// newWindow is for an upload that has so many parts to send.
func newWindow(widest, parts int) *window {
	w := &window{
		tokens: make(chan struct{}, widest),
		width:  widest, target: widest, gain: newGain(widest), parts: parts,
		since: time.Now(),
	}
	for range widest {
		w.tokens <- struct{}{}
	}
	return w
}

// enter waits for a place in the window.
func (w *window) enter(ctx context.Context) error {
	select {
	case <-w.tokens:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave gives the place back, unless the window has narrowed.
func (w *window) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.debt > 0 {
		w.debt--
		w.since = time.Now()
		return
	}
	w.tokens <- struct{}{}
}

// narrow halves the window after a request failed that was sent at started: when
// OSS throttled it, or when most of the window was lost and nothing arrived
// meanwhile. One part that is lost among others that arrive says nothing about
// their number. Requests that were sent before the last halving do not halve it
// again: a whole windowful fails together.
func (w *window) narrow(started time.Time, throttled bool) (width int, narrower bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !started.After(w.narrowed) {
		return w.width, false
	}
	w.lost++
	if w.width == 1 || !throttled && w.lost <= w.width/2 {
		return w.width, false
	}
	w.narrowed, w.lost = time.Now(), 0
	w.target = w.gain.settle()
	w.resize(max(1, w.width/2))
	return w.width, true
}

// ack takes note of a part that was sent at started and has arrived.
func (w *window) ack(started time.Time, bytes int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.arrived, w.lost = w.arrived+1, 0
	if w.debt > 0 {
		return
	}
	w.acked++
	switch {
	case w.width < w.target:
		if w.acked >= w.width {
			w.resize(w.width + 1)
		}
	case !started.Before(w.since):
		w.measure(time.Since(started), bytes)
	}
}

// measure tells gain how fast the line is at this width: as many times as fast as
// a part is. What arrives in a time would not tell: parts that began together
// arrive together.
func (w *window) measure(took time.Duration, bytes int64) {
	w.sent, w.bytes, w.busy = w.sent+1, w.bytes+bytes, w.busy+took
	if w.sent < max(w.width, enoughParts) {
		return
	}
	rate := float64(w.width) * float64(w.bytes) / max(w.busy, time.Microsecond).Seconds()
	each := w.busy / time.Duration(w.sent)
	w.sent, w.bytes, w.busy = 0, 0, 0
	if w.target = w.gain.next(rate, each, w.parts-w.arrived); w.target != w.width {
		w.resize(w.target)
	}
}

// progress is how many parts have arrived.
func (w *window) progress() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.arrived
}

func (w *window) resize(width int) {
	for ; w.width > width; w.width-- {
		w.debt++
	}
	for ; w.width < width; w.width++ {
		if w.debt > 0 {
			w.debt--
			continue
		}
		w.tokens <- struct{}{}
	}
	w.acked, w.since = 0, time.Now()
	w.sent, w.bytes, w.busy = 0, 0, 0
}
