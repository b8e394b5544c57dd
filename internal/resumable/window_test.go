// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"testing"
	"time"
)

// free returns the number of free places.
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
	w := newWindow(8, 1000)
	if got := w.free(t); got != 8 {
		t.Fatalf("%d places", got)
	}
	if width, narrower := w.narrow(time.Now(), true); width != 4 || !narrower {
		t.Fatalf("width %d, %v", width, narrower)
	}
	if width, narrower := w.narrow(w.narrowed.Add(-time.Second), true); width != 4 || narrower {
		t.Errorf("a request of the same windowful narrowed it to %d", width)
	}
	for range 4 { // returned places are withheld
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

// A broken network loses all parts in flight and halves the window once. A
// single lost part among others that arrive does not.
func TestWindow_losses(t *testing.T) {
	w := newWindow(8, 1000)
	before := time.Now()
	lose := func(started time.Time, times int) {
		for range times {
			w.narrow(started, false)
		}
	}
	for range 20 {
		lose(before, 4)
		w.ack(before, 1)
	}
	if w.width != 8 {
		t.Fatalf("width %d after losing every other part", w.width)
	}
	lose(time.Now(), 5)
	lose(before, 3)
	if w.width != 4 {
		t.Errorf("width %d after losing all 8", w.width)
	}
	later := w.narrowed.Add(time.Millisecond)
	lose(later, 2)
	if w.width != 4 {
		t.Errorf("width %d after losing two more", w.width)
	}
	if lose(later, 1); w.width != 2 {
		t.Errorf("width %d after losing most of 4", w.width)
	}
	if w.progress() != 20 {
		t.Errorf("%d parts arrived, of 20", w.progress())
	}
}

func TestWindow_neverCloses(t *testing.T) {
	w := newWindow(3, 1000)
	for range 5 {
		w.narrow(time.Now().Add(time.Hour), true)
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
