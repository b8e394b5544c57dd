// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"sync"
	"time"
)

// window limits the parts of one upload that are in flight:
//
//   - It halves when OSS throttles or the network breaks, so that on an unreliable
//     network few enough parts are in flight for some to arrive between failures.
//     It widens by one after each windowful of acknowledgements, as TCP does, so
//     that uploads that share an account converge to fair shares.
//   - It narrows if fewer parts in flight are as fast; see [gain].
type window struct {
	tokens chan struct{} // one for each part that may be sent now

	mu     sync.Mutex
	width  int
	debt   int  // tokens that are still in flight but no longer part of the width
	gain   gain // determines the width while nothing fails
	target int  // the last result of gain

	parts    int       // total number
	arrived  int       // number of parts that arrived
	lost     int       // parts lost since one arrived
	narrowed time.Time // time of the last halving

	acked int       // parts acknowledged since the width changed
	since time.Time // since this time, no more parts than the width are in flight

	// A measurement of the parts that were sent since then, for [gain].
	sent  int
	bytes int64
	busy  time.Duration
}

// newWindow returns the window of an upload with the given number of parts to
// send.
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

// enter waits for a free place in the window.
func (w *window) enter(ctx context.Context) error {
	select {
	case <-w.tokens:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave frees the place, unless the window has narrowed.
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

// narrow halves the window after a failed request that was sent at started, if
// OSS throttled it, or if most of the window was lost and nothing arrived in
// between. A single lost part among others that arrive does not narrow it.
// Requests that were sent before the last halving do not halve it again, because
// a whole windowful fails together.
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

// ack records that a part that was sent at started has arrived.
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

// measure passes the speed at this width to gain: the speed of one part,
// multiplied by the width. Counting the parts that arrive in a time would be
// wrong, because parts that started together arrive together.
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

// progress returns how many parts have arrived.
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
