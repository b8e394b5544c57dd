// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"errors"
	"io"
	"time"
)

var errBodyCut = errors.New("osstest: body cut by a fault rule")

// faultyBody reads a request's body, counts its bytes, and cuts, stalls or
// throttles it.
type faultyBody struct {
	fault     Fault
	server    *Server
	body      io.Reader
	record    *record
	bandwidth int64 // bytes per second; 0 means unlimited

	read    int64
	started time.Time // when the first bytes were read
	cut     bool
	stalled bool
}

func (b *faultyBody) Read(p []byte) (int, error) {
	if b.reachedCut() {
		return 0, errBodyCut
	}
	if b.fault.bodyStall > 0 && !b.stalled && b.read >= b.fault.stallAt {
		b.stalled = true
		b.server.pause(b.fault.bodyStall)
	}
	n, err := b.body.Read(p[:b.window(int64(len(p)))])
	b.read += int64(n)
	b.record.bodyBytes.Add(int64(n))
	b.throttle()
	if b.reachedCut() {
		err = errBodyCut
	}
	return n, err
}

func (b *faultyBody) reachedCut() bool {
	b.cut = b.fault.cuts && b.read >= b.fault.cutAt
	return b.cut
}

// window limits the length of a read, so that it ends where the body is cut or
// stalls, and so that a throttled body arrives in bursts of at most a tenth of
// a second.
func (b *faultyBody) window(n int64) int64 {
	if b.fault.cuts {
		n = min(n, b.fault.cutAt-b.read)
	}
	if b.fault.bodyStall > 0 && !b.stalled {
		n = min(n, b.fault.stallAt-b.read)
	}
	if b.bandwidth > 0 {
		n = min(n, max(1, b.bandwidth/10))
	}
	return n
}

func (b *faultyBody) throttle() {
	if b.bandwidth == 0 {
		return
	}
	if b.started.IsZero() {
		b.started = time.Now()
	}
	due := time.Duration(float64(b.read) / float64(b.bandwidth) * float64(time.Second))
	b.server.pause(due - time.Since(b.started))
}
