// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"cmp"
	"time"
)

// gain finds out how many parts at once are worth it. All that are in flight
// are lost when the line breaks, and on a slow line that 4 parts fill, 16 take
// four times as long to arrive. So while a part takes long, it tries half
// as many, and keeps to that if they are as fast; where they are not, as with
// connections that each have a limit of their own, it goes back. A line that
// becomes faster gets more again. Where parts are quick, or few are left, nothing
// is tried: little is lost there, and the trial would cost more.
type gain struct {
	widest int
	width  int     // the best that is known
	rate   float64 // bytes per second at that width
	trial  int     // the width that is being tried; 0: none
	wider  bool    // which way the next trial goes, if it can
	rest   int     // calls of next until then
	pause  int     // how many they will be after the next trial that fails
}

const (
	// longPart is how long a part may take before fewer at once are tried.
	longPart = 10 * time.Second

	// asFast is what narrower windows must reach of the speed, and worthMore what
	// wider ones must: a line is not equally fast all the time.
	asFast    = 0.9
	worthMore = 1.1

	// enoughParts must have arrived for their speed to mean anything.
	enoughParts = 8

	// A trial that fails costs what arrives in the time of one part. So there must
	// be enough left, in windowfuls, and the pauses between such trials double.
	enoughLeft               = 6
	firstPause, longestPause = 4, 64
)

func newGain(widest int) gain { return gain{widest: widest, width: widest, pause: firstPause} }

// next takes how fast the line was of late, in bytes per second, how long one part
// took, and how many are left. It returns how wide the window shall be from now on.
func (g *gain) next(rate float64, took time.Duration, left int) int {
	switch {
	case g.trial == 0:
		g.rate = rate
	case g.pays(rate):
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

func (g *gain) pays(rate float64) bool {
	if g.trial < g.width {
		return rate >= asFast*g.rate
	}
	return rate >= worthMore*g.rate
}

// candidate is the next width to try; 0: none.
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

// settle ends a trial without a result, and returns the best width that is known.
func (g *gain) settle() int {
	g.trial = 0
	return g.width
}
