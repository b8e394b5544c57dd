// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// line is a network to OSS, in fake time. The parts in flight share its
// bandwidth equally.
type line struct {
	speed float64       // bytes per second of all connections together
	each  float64       // of one connection at most; 0: no limit
	turn  time.Duration // from the end of a part to the next on its connection

	mu       sync.Mutex
	inFlight map[*sending]bool
	broken   chan struct{} // closed when the line breaks
}

type sending struct{ left float64 }

func newLine(speed, each float64) *line {
	return &line{speed: speed, each: each, turn: 50 * time.Millisecond, inFlight: map[*sending]bool{}, broken: make(chan struct{})}
}

const tick = 100 * time.Millisecond

// carry transfers the bytes of all parts until stop is closed.
func (l *line) carry(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(tick):
		}
		l.mu.Lock()
		share := l.speed / float64(max(len(l.inFlight), 1))
		if l.each > 0 {
			share = min(share, l.each)
		}
		for s := range l.inFlight {
			s.left -= share * tick.Seconds()
		}
		l.mu.Unlock()
	}
}

// send reports whether the part arrived.
func (l *line) send(size int64) bool {
	time.Sleep(l.turn)
	l.mu.Lock()
	s, broken := &sending{float64(size) * (0.9 + 0.2*rand.Float64())}, l.broken
	l.inFlight[s] = true
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.inFlight, s)
	}()
	for {
		select {
		case <-broken:
			return false
		case <-time.After(tick):
		}
		l.mu.Lock()
		left := s.left
		l.mu.Unlock()
		if left <= 0 {
			return true
		}
	}
}

// snap breaks all connections.
func (l *line) snap() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.broken)
	l.broken = make(chan struct{})
}

// deliver sends parts through a window, like transfer, and returns the width
// after each part that arrived, and the total time.
func (l *line) deliver(t *testing.T, widest, parts int, size int64, after func(arrived int)) (widths []int, took time.Duration) {
	t.Helper()
	w := newWindow(widest, parts)
	stop, queue := make(chan struct{}), make(chan struct{}, parts)
	for range parts {
		queue <- struct{}{}
	}
	close(queue)
	go l.carry(stop)
	defer close(stop)

	started := time.Now()
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range widest {
		workers.Go(func() {
			for range queue {
				for {
					if err := w.enter(t.Context()); err != nil {
						t.Error(err)
						return
					}
					sent := time.Now()
					arrived := l.send(size)
					if arrived {
						w.ack(sent, size)
					} else {
						w.narrow(sent, false)
					}
					w.leave()
					if arrived {
						break
					}
					time.Sleep(rand.N(500 * time.Millisecond))
					if time.Since(started) > 1000*time.Hour {
						t.Error("nothing arrives")
						return
					}
				}
				w.mu.Lock()
				width := w.width
				w.mu.Unlock()
				mu.Lock()
				widths = append(widths, width)
				n := len(widths)
				mu.Unlock()
				if after != nil {
					after(n)
				}
			}
		})
	}
	workers.Wait()
	return widths, time.Since(started)
}

func median(widths []int) int { return slices.Sorted(slices.Values(widths))[len(widths)/2] }

// A slow network gets no more parts in flight than it needs. A fast one, or one
// that is faster with more connections, gets all.
func TestWindow_gain(t *testing.T) {
	const mib = 1 << 20
	for _, tt := range []struct {
		name        string
		speed, each float64
		least, most int // width
	}{
		{"10 Mbit/s, filled by one", 1.25e6, 0, 1, 2},
		{"20 Mbit/s, each connection 10", 2.5e6, 1.25e6, 2, 4},
		{"each connection 100 KiB/s, as OSS limits it", 1e9, 100 << 10, 16, 16},
		{"each connection 5 MB/s", 1e9, 5e6, 16, 16},
		{"1 Gbit/s, filled by one", 125e6, 0, 16, 16},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine(tt.speed, tt.each)
				const parts, size = 300, 8 * mib
				widths, took := l.deliver(t, 16, parts, size, nil)
				mostly := median(widths[parts/2:])
				best := min(tt.speed, 16*tt.each)
				if tt.each == 0 {
					best = tt.speed
				}
				efficiency := parts * size / took.Seconds() / best
				t.Logf("width %d mostly, %.0f %% of what the line carries", mostly, 100*efficiency)
				if mostly < tt.least || mostly > tt.most {
					t.Errorf("width %d mostly in the second half, want %d to %d", mostly, tt.least, tt.most)
				}
				if efficiency < 0.85 {
					t.Errorf("%.0f %% of what the line carries", 100*efficiency)
				}
			})
		})
	}
}

// In a short upload, a trial would cost half of the speed, so none is made.
func TestWindow_shortUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		widths, took := newLine(1e9, 100<<10).deliver(t, 16, 64, 8<<20, nil)
		if narrowest := slices.Min(widths); narrowest < 16 {
			t.Errorf("width %d, where each connection has a limit of its own; it took %v", narrowest, took)
		}
	})
}

// The window widens when the network becomes faster. At first, each connection
// reaches 200 KB/s and all together twice as much. Later the limit is gone.
func TestWindow_networkBecomesFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(0.4e6, 0.2e6)
		widths, _ := l.deliver(t, 16, 600, 8<<20, func(arrived int) {
			if arrived == 150 {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.speed = 1e9
			}
		})
		if before, after := median(widths[75:150]), median(widths[450:]); before > 4 || after < 16 {
			t.Errorf("width %d before, %d after", before, after)
		}
	})
}

// With 16 parts in flight, no part arrives before a slow network breaks again.
func TestWindow_connectionsBreak(t *testing.T) {
	for _, every := range []time.Duration{15 * time.Second, time.Minute, 10 * time.Minute} {
		t.Run(fmt.Sprint(every), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine(1.25e6, 0)
				stop := make(chan struct{})
				defer close(stop)
				go func() {
					for {
						select {
						case <-stop:
							return
						case <-time.After(every):
							l.snap()
						}
					}
				}()
				const parts, size = 200, 8 << 20
				_, took := l.deliver(t, 16, parts, size, nil)
				efficiency := parts * size / took.Seconds() / 1.25e6
				t.Logf("%.0f %% of what the line carries", 100*efficiency)
				if efficiency < 0.3 {
					t.Errorf("%.0f %% of what the line carries", 100*efficiency)
				}
			})
		})
	}
}
