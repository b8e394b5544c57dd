// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"sync"
	"time"
)

// window bounds the parts of one upload that are in flight, as TCP bounds its
// segments: it halves when OSS throttles, and grows by one with each windowful
// of acknowledgements until it is as wide as the user allows. Each upload has
// its own, so that uploads which share an account find their shares.
type window struct {
	tokens chan struct{} // one for each part that may be sent now

	mu       sync.Mutex
	widest   int
	width    int
	debt     int       // tokens that are still in flight but no longer part of the width
	acked    int       // since the width changed
	narrowed time.Time // last
}

func newWindow(widest int) *window {
	w := &window{tokens: make(chan struct{}, widest), widest: widest, width: widest}
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
		return
	}
	w.tokens <- struct{}{}
}

// throttle halves the window after OSS throttled a request that was sent at
// started. Requests that were sent before the last halving do not halve it
// again: a whole windowful is refused together.
func (w *window) throttle(started time.Time) (width int, narrower bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !started.After(w.narrowed) || w.width == 1 {
		return w.width, false
	}
	half := max(1, w.width/2)
	w.debt += w.width - half
	w.width, w.acked, w.narrowed = half, 0, time.Now()
	return w.width, true
}

// ack widens the window after a windowful of acknowledgements.
func (w *window) ack() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acked++
	if w.width == w.widest || w.acked < w.width {
		return
	}
	w.width, w.acked = w.width+1, 0
	if w.debt > 0 {
		w.debt--
		return
	}
	w.tokens <- struct{}{}
}
