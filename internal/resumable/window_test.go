// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"testing"
	"time"
)

// free takes every place that is free, tells how many, and gives them back.
func (w *window) free(t *testing.T) int {
	t.Helper()
	n := 0
	for ; len(w.tokens) > 0; n++ {
		if err := w.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	full, cancel := context.WithCancel(t.Context())
	cancel()
	if w.enter(full) == nil {
		t.Fatal("entered a full window")
	}
	for range n {
		w.leave()
	}
	return n
}

func TestWindow_narrowsAndRecovers(t *testing.T) {
	w := newWindow(8)
	if got := w.free(t); got != 8 {
		t.Fatalf("%d places", got)
	}
	if width, narrower := w.throttle(time.Now()); width != 4 || !narrower {
		t.Fatalf("width %d, %v", width, narrower)
	}
	if width, narrower := w.throttle(w.narrowed.Add(-time.Second)); width != 4 || narrower {
		t.Errorf("a request of the same windowful narrowed it to %d", width)
	}
	for range 4 { // places in flight are withheld as they come back
		if err := w.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		w.leave()
	}
	if got := w.free(t); got != 4 {
		t.Errorf("%d places", got)
	}
	for range 4 + 5 + 6 + 7 {
		w.ack(time.Now(), 1)
	}
	if got := w.free(t); got != 8 || w.width != 8 {
		t.Errorf("%d places, width %d after recovering", got, w.width)
	}
	w.ack(time.Now(), 1)
	if got := w.free(t); got != 8 {
		t.Errorf("%d places, more than allowed", got)
	}
}

func TestWindow_neverCloses(t *testing.T) {
	w := newWindow(3)
	for range 5 {
		w.throttle(time.Now().Add(time.Hour))
	}
	held := 0
	for len(w.tokens) > 0 {
		if err := w.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		held++
	}
	for range held {
		w.leave()
	}
	if got := len(w.tokens); got != 1 || w.width != 1 {
		t.Errorf("%d places, width %d", got, w.width)
	}
}
