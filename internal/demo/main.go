// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Demo shows what the provider is for, with real Terraform processes and an OSS
// server in this process that counts what it receives: an upload is killed
// midway, and the next apply sends the rest. It then plans, imports and
// destroys. Every claim it prints is checked; the exit status is 1 if one is
// not so.
//
// With the environment variable KEEP set, the server goes on afterwards and the
// demo tells how to use it, until Ctrl-C. Nothing is left behind either way.
package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// limit is far beyond what a slow machine needs; the demo itself takes half a
// minute, a first build another one.
const limit = 10 * time.Minute

func main() {
	// With SIGPIPE among them, "make demo | head" cleans up too.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	err := run(ctx, os.Getenv("KEEP") != "")
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

// run makes the stage, plays, and clears the stage away, whatever happens.
func run(ctx context.Context, keep bool) error {
	dir, err := os.MkdirTemp("", "ossresumable-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	d := &demo{screen: newScreen(os.Stdout), dir: dir, requests: gate{to: os.Stdout}}
	defer d.close()
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := d.play(limited); err != nil {
		switch {
		case ctx.Err() != nil:
			return errors.New("interrupted; nothing is left behind")
		case limited.Err() != nil:
			return fmt.Errorf("not done after %v: %w", limit, err)
		}
		return err
	}
	if keep {
		d.keepServing(ctx)
	}
	return nil
}

// play is the story. A step fails when there is no sense in going on; a claim
// that is not so is remembered and fails the demo at its end.
func (d *demo) play(ctx context.Context) error {
	started := time.Now()
	steps := []struct {
		title string
		play  func(context.Context) error
	}{
		{"Build the provider, start an OSS server, make a file", d.prepare},
		{"Apply, and kill -9 terraform and the provider midway", d.killMidway},
		{"Apply again", d.resume},
		{"Plan", d.planNothing},
		{"Import the object into a second state", d.importElsewhere},
		{"Destroy", d.destroy},
	}
	d.printf("An upload to OSS is killed and goes on.\n")
	for i, step := range steps {
		d.printf("\n%d. %s\n", i+1, step.title)
		if err := step.play(ctx); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	d.summarize(time.Since(started))
	if d.broken > 0 {
		return fmt.Errorf("claims above that are NOT SO: %d", d.broken)
	}
	return nil
}

// killMidway lets half of the parts arrive, and some bytes of the next ones: a
// kill between two parts would cost nothing.
func (d *demo) killMidway(ctx context.Context) error {
	p, err := d.start(ctx, d.first, "apply")
	if err != nil {
		return err
	}
	d.watch(ctx, p, func(c count) bool {
		return len(c.stored) >= parts/2-1 && c.bytes >= int64(len(c.stored)+1)*partSize
	})
	p.SignalGroup(syscall.SIGKILL)
	if out := p.Wait(); out.ExitCode != -1 {
		return fmt.Errorf("terraform ended by itself before it could be killed:\n%s", out.Text)
	}
	if err := d.settle(ctx); err != nil {
		return err
	}
	d.killed = d.count()
	d.printf("%s\n     | Killed\n", drawBar(len(d.killed.stored), d.killed.bytes))
	_, published := d.server.Object(bucket, key)
	d.claim(!published && len(d.server.OpenUploads(bucket)) == 1,
		"%d of %d parts are stored in OSS; there is no object yet", len(d.killed.stored), parts)
	return nil
}

// resume is the point of it all.
func (d *demo) resume(ctx context.Context) error {
	p, err := d.start(ctx, d.first, "apply")
	if err != nil {
		return err
	}
	d.watch(ctx, p, func(count) bool { return false })
	if out := p.Wait(); out.ExitCode != 0 {
		return fmt.Errorf("exit status %d:\n%s", out.ExitCode, out.Text)
	}
	d.total = d.count()
	kept, sent := len(d.killed.stored), d.total.requests-d.killed.requests
	d.claim(kept+sent == parts, "%d parts kept, the other %d sent", kept, parts-kept)
	d.claim(len(d.total.again) == 0, "no part that OSS held was sent again")
	d.claim(d.resent() >= 0 && d.resent() <= parallelism*partSize,
		"sent twice: %s, of the %d parts that were under way at the kill (at most %s)",
		mib(d.resent()), d.killed.requests-kept, mib(parallelism*partSize))
	sum, err := d.objectSHA256()
	if err != nil {
		return err
	}
	d.claim(sum == d.sha256, "the object's bytes are the file's: SHA-256 %s…", sum[:16])
	d.claimNothingOpen()
	return nil
}

func (d *demo) planNothing(ctx context.Context) error {
	return d.claimNoChanges(ctx, d.first)
}

// importElsewhere lets another state take the object over.
func (d *demo) importElsewhere(ctx context.Context) error {
	second, err := d.workspace(ctx, "second", d.config()+importBlock)
	if err != nil {
		return err
	}
	d.server.ResetLog()
	if err := d.finish(ctx, second, "apply"); err != nil {
		return err
	}
	d.say("(what changes is the state, which learns source and source_hash)")
	d.claim(d.server.BodyBytes() == 0, "%d bytes sent", d.server.BodyBytes())
	d.claimOnlyReads()
	return d.claimNoChanges(ctx, second)
}

func (d *demo) destroy(ctx context.Context) error {
	if err := d.finish(ctx, d.first, "destroy"); err != nil {
		return err
	}
	_, found := d.server.Object(bucket, key)
	d.claim(!found, "the object is gone")
	d.claimNothingOpen()
	violations := d.server.Violations()
	d.claim(len(violations) == 0, "the server, which is strict, saw no request that OSS would call illegal%s", list(violations))
	return nil
}

// claimNoChanges plans and expects nothing to do.
func (d *demo) claimNoChanges(ctx context.Context, w *terraform.Workspace) error {
	d.server.ResetLog()
	p, err := d.start(ctx, w, "plan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	out := p.Wait()
	if out.ExitCode != 0 && out.ExitCode != 2 {
		return fmt.Errorf("exit status %d:\n%s", out.ExitCode, out.Text)
	}
	d.claim(out.ExitCode == 0, "the plan is empty")
	d.claimOnlyReads()
	return nil
}

// claimOnlyReads looks at all requests since the log was reset.
func (d *demo) claimOnlyReads() {
	times := map[osstest.Op]int{}
	onlyReads := true
	for _, r := range d.server.Requests() {
		times[r.Op]++
		onlyReads = onlyReads && !r.Op.Writes()
	}
	var asked []string
	for _, op := range slices.Sorted(maps.Keys(times)) {
		asked = append(asked, fmt.Sprintf("%d %s", times[op], op))
	}
	d.claim(onlyReads, "OSS was asked for %s, and wrote nothing", strings.Join(asked, ", "))
}

// claimNothingOpen looks for what an upload could leave behind. The folder of
// fingerprints is the hash cache, which is meant to stay.
func (d *demo) claimNothingOpen() {
	left, err := os.ReadDir(d.checkpoints())
	entries := []string{}
	for _, e := range left {
		if e.Name() != "fingerprints" {
			entries = append(entries, filepath.Join(d.checkpoints(), e.Name()))
		}
	}
	d.claim(err == nil && len(entries) == 0 && len(d.server.OpenUploads(bucket)) == 0,
		"no upload is open in OSS, no checkpoint is left%s", list(entries))
}
