// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// An apply is killed after eight parts, and the file or a header changes. The next apply
// keeps all parts that have the bytes of the file, with or without the checkpoint.
func TestResume_keepsPartsAfterAChange(t *testing.T) {
	const stored = 8
	for _, c := range []struct {
		name   string
		change func(w *world)
		header string // Cache-Control of the object
	}{
		{"one byte more", func(w *world) { w.resize(len(w.content) + 1) }, ""},
		{"one byte less", func(w *world) { w.resize(len(w.content) - 1) }, ""},
		{"another cache_control", func(w *world) {
			if err := w.Configure(w.config(`cache_control = "no-cache"`)); err != nil {
				w.t.Fatal(err)
			}
		}, "no-cache"},
	} {
		for _, checkpoint := range []string{"kept", "lost"} {
			t.Run(c.name+", checkpoint "+checkpoint, func(t *testing.T) {
				w := newWorld(t)
				p, release := w.startAndHold(stored)
				p.Kill()
				release()
				w.settle()
				if checkpoint == "lost" {
					w.forget()
				}
				c.change(w)
				before := w.server.Count(osstest.UploadPart)
				w.mustApply()
				if sent := w.server.Count(osstest.UploadPart) - before; sent > parts-stored {
					t.Errorf("%d of %d parts were sent, though %d were stored", sent, parts, stored)
				}
				w.checkDone()
				object, _ := w.server.Object(bucket, key)
				if got := object.Header.Get("Cache-Control"); got != c.header {
					t.Errorf("Cache-Control is %q, want %q", got, c.header)
				}
			})
		}
	}
}

// Two machines send the same bytes, in one upload that both have found. The first completes
// it. The second gets NoSuchUpload, finds the object, and is done.
func TestResume_anotherMachineCompletes(t *testing.T) {
	const second = "second-machine"
	w := newWorld(t)
	w.server.AddCredential(osstest.Credential{AccessKeyID: second, AccessKeySecret: "secret-of-the-second"})
	other := w.another()
	other.Env = append(slices.Clone(w.Env), "OSSRESUMABLE_CHECKPOINT_DIR="+t.TempDir(),
		"ALIBABA_CLOUD_ACCESS_KEY_ID="+second, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=secret-of-the-second")
	var arrived atomic.Int64 // parts of the first one
	first, gate := make(chan struct{}), make(chan struct{})
	releaseFirst, releaseSecond := sync.OnceFunc(func() { close(first) }), sync.OnceFunc(func() { close(gate) })
	t.Cleanup(releaseFirst) // the server waits for its requests when it is closed
	t.Cleanup(releaseSecond)
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Fault: osstest.Func(func(r osstest.Request) osstest.Fault {
		switch {
		case r.AccessKeyID == second:
			<-gate
		case arrived.Add(1) > 20:
			<-first
		}
		return osstest.Fault{}
	})})
	sentBySecond := func() (n int) {
		for _, r := range w.server.Requests() {
			if r.Op == osstest.UploadPart && r.AccessKeyID == second {
				n++
			}
		}
		return n
	}

	p := w.startApply(20)
	p2, err := other.Start(nil, "apply", "-auto-approve", "-input=false", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.ctx(), time.Minute)
	defer cancel()
	go func() {
		select {
		case <-p2.Done():
			cancel()
		case <-ctx.Done():
		}
	}()
	err = w.server.WaitFor(ctx, func([]osstest.Request) bool { return sentBySecond() > 0 })
	if err != nil {
		t.Fatalf("the second one sends nothing: %v\n%s", err, p2.Text())
	}
	releaseFirst()
	w.mustEnd(p)
	w.checkDone()
	before := sentBySecond()
	releaseSecond()
	out := p2.Wait()
	if out.ExitCode != 0 {
		t.Errorf("the second one: exit status %d\n%s", out.ExitCode, out.Text)
	}
	if sent := sentBySecond() - before; sent > parallel { // those under way may be tried again
		t.Errorf("the second one sent %d parts of an object that was there", sent)
	}
	if n := w.server.Count(osstest.InitiateMultipartUpload); n != 1 {
		t.Errorf("%d uploads were begun", n)
	}
	w.checkOwned()
	w.Workspace = other
	w.checkOwned()
}

// During the upload, the file gets other permissions or another name, or is replaced by a
// copy. The bytes are those of the plan, and every part is verified, so the object is
// published.
func TestResume_onlyTheTimeOfChangeChanges(t *testing.T) {
	for name, change := range map[string]func(w *world) error{
		"chmod":     func(w *world) error { return os.Chmod(w.source, 0o640) },
		"hard link": func(w *world) error { return os.Link(w.source, w.source+".backup") },
		"a hard link that is removed again": func(w *world) error {
			if err := os.Link(w.source, w.source+".backup"); err != nil {
				return err
			}
			return os.Remove(w.source + ".backup")
		},
		"a copy renamed over it": func(w *world) error {
			copied := filepath.Join(filepath.Dir(w.source), "copy")
			if err := os.WriteFile(copied, w.content, 0o600); err != nil {
				return err
			}
			return os.Rename(copied, w.source)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p, release := w.startAndHold(20)
			if err := change(w); err != nil {
				t.Fatal(err)
			}
			release()
			if out := p.Wait(); out.ExitCode != 0 {
				t.Fatalf("exit status %d\n%s", out.ExitCode, out.Text)
			}
			if n := w.server.Count(osstest.UploadPart); n != parts {
				t.Errorf("%d parts were sent", n)
			}
			w.checkOwned()
			w.checkDone()
		})
	}
}
