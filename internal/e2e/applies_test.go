// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// startApply starts an apply and waits until the server has acknowledged n
// parts that it had not acknowledged before. The upload continues meanwhile: on
// a busy machine, it may be complete when startApply returns.
func (w *world) startApply(n int) *terraform.Process {
	w.t.Helper()
	before := len(w.acked())
	p := w.startTerraform()
	w.waitForParts(p, n, before)
	return p
}

// startPausing is like startApply, for an apply that the test stops. The upload
// pauses after n parts and those that are being sent. A paused request fails
// when Terraform exits.
func (w *world) startPausing(n int) *terraform.Process {
	w.t.Helper()
	before := len(w.acked())
	p := w.startTerraform()
	testEnds := make(chan struct{})
	w.t.Cleanup(sync.OnceFunc(func() { close(testEnds) })) // the server waits for its requests when it is closed
	pause := osstest.Func(func(osstest.Request) osstest.Fault {
		select {
		case <-p.Done():
			return osstest.Fault{} // a later apply
		default:
		}
		select {
		case <-p.Done():
		case <-testEnds:
		}
		return osstest.CutBody(0)
	})
	continueParts := w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: n + parallel, Fault: pause})
	continueComplete := w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Fault: pause})
	go func() {
		<-p.Done()
		continueParts()
		continueComplete()
	}()
	w.waitForParts(p, n, before)
	return p
}

// killAfter starts an apply, and kills Terraform and the provider when the
// server has n parts or a few more.
func (w *world) killAfter(n int) {
	w.t.Helper()
	p := w.startPausing(n)
	p.Kill()
	w.settle()
}

func (w *world) startTerraform() *terraform.Process {
	w.t.Helper()
	p, err := w.Start(nil, "apply", "-auto-approve", "-input=false", "-no-color")
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// waitForParts waits until the server has acknowledged before+n parts or, if n
// is 0, has received one.
func (w *world) waitForParts(p *terraform.Process, n, before int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx(), time.Minute)
	defer cancel()
	go func() {
		select {
		case <-p.Done():
			cancel()
		case <-ctx.Done():
		}
	}()
	err := w.server.WaitFor(ctx, func(requests []osstest.Request) bool {
		if n == 0 {
			return countOp(requests, osstest.UploadPart) > 0
		}
		return len(ackedIn(requests)) >= before+n
	})
	if err != nil {
		w.t.Fatalf("no %d parts: %v\n%s", n, err, p.Text())
	}
}

func countOp(requests []osstest.Request, op osstest.Op) (n int) {
	for _, r := range requests {
		if r.Op == op {
			n++
		}
	}
	return n
}

// ackedIn returns the parts that the server has confirmed, by upload and number.
func ackedIn(requests []osstest.Request) map[string]bool {
	acked := map[string]bool{}
	for _, r := range requests {
		if r.Op == osstest.UploadPart && r.Status == 200 {
			acked[fmt.Sprintf("%s/%d", r.UploadID, r.PartNumber)] = true
		}
	}
	return acked
}

func (w *world) acked() map[string]bool { return ackedIn(w.server.Requests()) }

// hold lets the server accept n more parts. All further parts wait until release is called.
func (w *world) hold(n int) (release func()) {
	gate := make(chan struct{})
	release = sync.OnceFunc(func() { close(gate) })
	w.t.Cleanup(release) // the server waits for its requests when it is closed
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: n + 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		<-gate
		return osstest.Fault{}
	})})
	return release
}

// startAndHold starts an apply, and returns when the server has accepted n parts. The apply
// waits there until release is called.
func (w *world) startAndHold(n int) (p *terraform.Process, release func()) {
	w.t.Helper()
	release = w.hold(n)
	return w.startApply(n), release
}

// mustEnd waits for an apply, which must succeed, and checks that the next plan is empty.
func (w *world) mustEnd(p *terraform.Process) terraform.Output {
	w.t.Helper()
	out := p.Wait()
	if out.ExitCode != 0 {
		w.t.Fatalf("exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.checkNoChanges()
	return out
}
