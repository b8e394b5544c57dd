// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package explore

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// The faults of a request.
const (
	killed       = "kill before the request takes effect"
	killedDone   = "kill after the request took effect"
	unavailable  = "503"
	denied       = "403"
	answerLost   = "answer lost"
	delayedStart = "stall"
	delayedEnd   = "late answer"
)

// fault applies to the Nth request: of an operation, of all that write, or of all.
type fault struct {
	Do     string
	Op     osstest.Op `json:",omitempty"`
	Writes bool       `json:",omitempty"`
	Nth    int        `json:",omitempty"`
	Each   bool       `json:",omitempty"` // instead of Nth: the first request of each key
	Millis int        `json:",omitempty"` // of a delay
}

func (f *fault) String() string {
	which := fmt.Sprintf("at request %d", f.Nth)
	if f.Each {
		which = "at the first request of each key"
	}
	if f.Op != "" {
		which += " of " + string(f.Op)
	}
	if f.Writes {
		which += " of those that write"
	}
	if f.Millis > 0 {
		return fmt.Sprintf("%s of %d ms %s", f.Do, f.Millis, which)
	}
	return f.Do + " " + which
}

// trap is a fault that is active.
type trap struct {
	fault  *fault
	server *osstest.Server
	struck chan osstest.Request // receives the first request with the fault
	killed chan struct{}        // closed after the processes have exited

	mu    sync.Mutex
	count int
	keys  []string
	met   int
}

// arm activates a fault for the next apply, if it is not nil.
func arm(server *osstest.Server, f *fault) *trap {
	t := &trap{fault: f, server: server, struck: make(chan osstest.Request, 1), killed: make(chan struct{})}
	if f != nil {
		server.AddRule(osstest.Rule{Op: f.Op, Fault: osstest.Func(t.decide)})
	}
	return t
}

// due counts a request, and reports whether the fault applies to it.
func (t *trap) due(r osstest.Request) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fault.Writes && !r.Op.Writes() {
		return false
	}
	t.count++
	due := t.count == t.fault.Nth
	if t.fault.Each {
		key := r.Bucket + "/" + r.Key
		due = !slices.Contains(t.keys, key)
		t.keys = append(t.keys, key)
	}
	if due {
		t.met++
	}
	return due
}

func (t *trap) decide(r osstest.Request) osstest.Fault {
	if !t.due(r) {
		return osstest.Fault{}
	}
	select {
	case t.struck <- r:
	default:
	}
	delay := time.Duration(t.fault.Millis) * time.Millisecond
	switch t.fault.Do {
	case killed:
		<-t.killed
		return osstest.Refuse(503, "ServiceUnavailable") // the processes are killed before they read it, and the request has no effect
	case killedDone:
		return osstest.Delay(time.Minute)
	case unavailable:
		return osstest.Refuse(503, "ServiceUnavailable")
	case denied:
		return osstest.Refuse(403, "AccessDenied")
	case answerLost:
		return osstest.LoseAnswer()
	case delayedStart:
		return osstest.Stall(delay)
	case delayedEnd:
		return osstest.Delay(delay)
	}
	panic("no such fault: " + t.fault.Do)
}

// watch kills the process when the fault requires it, and returns after it has exited.
func (t *trap) watch(ctx context.Context, p *terraform.Process) {
	defer close(t.killed)
	if t.fault == nil || t.fault.Do != killed && t.fault.Do != killedDone {
		<-p.Done()
		return
	}
	select {
	case <-p.Done():
		return
	case r := <-t.struck:
		if t.fault.Do == killedDone {
			_ = t.server.WaitFor(ctx, func(requests []osstest.Request) bool {
				return slices.ContainsFunc(requests, func(now osstest.Request) bool {
					return now.Seq == r.Seq && (now.Done || !now.Ended.IsZero())
				})
			})
		}
		p.SignalGroup(syscall.SIGKILL)
		<-p.Done()
	}
}

// disarm deactivates the fault, and returns the number of requests with it.
func (t *trap) disarm() int {
	t.server.ClearRules()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.met
}

// settle waits until the server has processed the requests of a killed apply. A request that
// took effect counts as processed, even if its answer is delayed.
func settle(ctx context.Context, server *osstest.Server) error {
	return server.WaitFor(ctx, func(requests []osstest.Request) bool {
		return !slices.ContainsFunc(requests, func(r osstest.Request) bool {
			return r.Ended.IsZero() && !(r.Done && r.Fault == "Delay")
		})
	})
}
