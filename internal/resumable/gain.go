// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"cmp"
	"time"
)

// gain finds how many parts in flight are useful. When the network breaks, all
// parts in flight are lost, and on a slow network that 4 parts saturate, 16
// parts take four times as long each. So while a part takes long, gain tries
// half as many parts, and keeps that width if it is as fast. If it is slower,
// for example because each connection has its own limit, gain returns to the
// previous width. If the network becomes faster, gain tries more parts. While
// parts are fast or few are left, it tries nothing, because little can be lost
// and a trial would cost more.
type gain struct {
	widest int
	width  int     // the best known width
	rate   float64 // bytes per second at that width
	trial  int     // the width on trial; 0: none
	wider  bool    // the next trial widens, if possible
	rest   int     // calls of next until the next trial
	pause  int     // the rest after the next trial that fails
}

const (
	// longPart is the duration of a part above which fewer parts are tried.
	longPart = 10 * time.Second

	// A narrower window must reach fastEnough of the speed, and a wider one
	// enoughFaster, because the speed of a network varies.
	fastEnough   = 0.9
	enoughFaster = 1.1

	// enoughParts is the number of parts that a measurement needs.
	enoughParts = 8

	// A failed trial costs about the time of one part. So a trial needs enough parts
	// left, in multiples of the width, and the pauses between failed trials double.
	enoughLeft               = 6
	firstPause, longestPause = 4, 64
)

func newGain(widest int) gain { return gain{widest: widest, width: widest, pause: firstPause} }

// next takes the recent speed in bytes per second, the duration of one part, and
// the number of parts left. It returns the new width of the window.
func (g *gain) next(rate float64, took time.Duration, left int) int {
	switch {
	case g.trial == 0:
		g.rate = rate
	case g.improves(rate):
		g.width, g.rate = g.trial, rate
	default:
		g.wider = !g.wider
		g.rest, g.pause = g.pause, min(2*g.pause, longestPause)
		return g.settle()
	}
	if g.rest > 0 || left < enoughLeft*g.width {
		g.rest = max(0, g.rest-1)
		return g.settle()
	}
	g.trial = g.candidate(took)
	return cmp.Or(g.trial, g.width)
}

func (g *gain) improves(rate float64) bool {
	if g.trial < g.width {
		return rate >= fastEnough*g.rate
	}
	return rate >= enoughFaster*g.rate
}

// candidate returns the next width to try; 0: none.
func (g *gain) candidate(took time.Duration) int {
	narrower, wider := g.width/2, min(2*g.width, g.widest)
	if took < longPart {
		narrower = 0
	}
	if wider == g.width {
		wider = 0
	}
	if g.wider {
		return cmp.Or(wider, narrower)
	}
	return cmp.Or(narrower, wider)
}

// settle ends a trial without a result, and returns the best known width.
func (g *gain) settle() int {
	g.trial = 0
	return g.width
}
