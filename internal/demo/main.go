// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Demo shows the purpose of the provider, with real Terraform processes and an OSS
// server in this process that counts what it receives. It kills an upload, and the next
// apply sends the remaining parts. Then it plans, imports and destroys. It checks
// everything that it claims; if a check fails, the exit status is 1.
//
// If the environment variable KEEP is set, the server keeps running, and the demo
// explains how to use it, until Ctrl-C. The demo removes all its files in the end.
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

// limit is the maximum duration. The demo takes half a minute, and the first build
// another minute.
const limit = 10 * time.Minute

func main() {
	// SIGPIPE is included so that "make demo | head" removes its files, too.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	err := run(ctx, os.Getenv("KEEP") != "")
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

// run runs the demo in a temporary directory, and removes it in any case.
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
			return errors.New("interrupted; all files of the demo were removed")
		case limited.Err() != nil:
			return fmt.Errorf("not finished after %v: %w", limit, err)
		}
		return err
	}
	if keep {
		d.keepServing(ctx)
	}
	return nil
}

// play runs all steps. It returns an error if a step fails, or if a check has failed.
func (d *demo) play(ctx context.Context) error {
	started := time.Now()
	steps := []struct {
		title string
		play  func(context.Context) error
	}{
		{"Build the provider, start an OSS server, create a file", d.prepare},
		{"Apply, and kill Terraform and the provider (kill -9) during the upload", d.killMidway},
		{"Apply again, which resumes the upload", d.resume},
		{"Plan", d.planNothing},
		{"Import the object into a second state", d.importElsewhere},
		{"Destroy", d.destroy},
	}
	d.printf("This demo kills an upload to OSS and resumes it.\n")
	for i, step := range steps {
		d.printf("\n%d. %s\n", i+1, step.title)
		if err := step.play(ctx); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	d.summarize(time.Since(started))
	if d.failed > 0 {
		return fmt.Errorf("%d checks failed, see FAILED above", d.failed)
	}
	return nil
}

// killMidway kills Terraform when half of the parts have been stored, and some bytes of
// the next parts have been received, which must be sent again.
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
		return fmt.Errorf("terraform exited before it was killed:\n%s", out.Text)
	}
	if err := d.settle(ctx); err != nil {
		return err
	}
	d.killed = d.count()
	d.printf("%s\n     | Killed\n", drawBar(len(d.killed.stored), d.killed.bytes))
	_, published := d.server.Object(bucket, key)
	d.claim(!published && len(d.server.OpenUploads(bucket)) == 1,
		"OSS has stored %d of %d parts, and there is no object yet", len(d.killed.stored), parts)
	return nil
}

// resume applies again and checks that only the remaining parts are sent.
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
	d.claim(kept+sent == parts, "%d parts were kept, and the other %d were sent", kept, parts-kept)
	d.claim(len(d.total.again) == 0, "no stored part was sent again")
	d.claim(d.resent() >= 0 && d.resent() <= parallelism*partSize,
		"sent twice: %s of the %d parts in progress at the time of the kill (at most %s)",
		mib(d.resent()), d.killed.requests-kept, mib(parallelism*partSize))
	sum, err := d.objectSHA256()
	if err != nil {
		return err
	}
	d.claim(sum == d.sha256, "the object has the bytes of the file: SHA-256 %s…", sum[:16])
	d.claimNothingOpen()
	return nil
}

func (d *demo) planNothing(ctx context.Context) error {
	return d.claimNoChanges(ctx, d.first)
}

// importElsewhere imports the object into another state.
func (d *demo) importElsewhere(ctx context.Context) error {
	second, err := d.workspace(ctx, "second", d.config()+importBlock)
	if err != nil {
		return err
	}
	d.server.ResetLog()
	if err := d.finish(ctx, second, "apply"); err != nil {
		return err
	}
	d.say("(the change only adds source and source_hash to the state)")
	d.claim(d.server.BodyBytes() == 0, "%d bytes were sent", d.server.BodyBytes())
	d.claimOnlyReads()
	return d.claimNoChanges(ctx, second)
}

func (d *demo) destroy(ctx context.Context) error {
	if err := d.finish(ctx, d.first, "destroy"); err != nil {
		return err
	}
	_, found := d.server.Object(bucket, key)
	d.claim(!found, "the object was deleted")
	d.claimNothingOpen()
	violations := d.server.Violations()
	d.claim(len(violations) == 0, "the server received no invalid request%s", list(violations))
	return nil
}

// claimNoChanges checks that a plan has no changes.
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
	d.claim(out.ExitCode == 0, "the plan has no changes")
	d.claimOnlyReads()
	return nil
}

// claimOnlyReads checks all requests since the log was reset.
func (d *demo) claimOnlyReads() {
	times := map[osstest.Op]int{}
	onlyReads := true
	for _, r := range d.server.Requests() {
		times[r.Op]++
		onlyReads = onlyReads && !r.Op.Writes()
	}
	var requests []string
	for _, op := range slices.Sorted(maps.Keys(times)) {
		requests = append(requests, fmt.Sprintf("%d %s", times[op], op))
	}
	d.claim(onlyReads, "OSS received only read requests: %s", strings.Join(requests, ", "))
}

// claimNothingOpen checks that no upload and no checkpoint is left. The directory
// "fingerprints" is the hash cache, which stays.
func (d *demo) claimNothingOpen() {
	left, err := os.ReadDir(d.checkpoints())
	entries := []string{}
	for _, e := range left {
		if e.Name() != "fingerprints" {
			entries = append(entries, filepath.Join(d.checkpoints(), e.Name()))
		}
	}
	d.claim(err == nil && len(entries) == 0 && len(d.server.OpenUploads(bucket)) == 0,
		"OSS has no unfinished upload, and no checkpoint is left%s", list(entries))
}
