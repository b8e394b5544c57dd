// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Package real checks the assumptions of the client, the engine and the test server about
// OSS, with a real bucket. Without a bucket, it uses the test server, to test the questions
// themselves. It contains only tests; CONTRIBUTING.md describes how to run them.
package real

import (
	"context"
	"fmt"
	"log"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

const (
	reportVariable   = "OSSRESUMABLE_TEST_REPORT"   // path of the report
	revisionVariable = "OSSRESUMABLE_TEST_REVISION" // the tested commit, for the report
)

// notAskedHere are the questions that the test server cannot answer like OSS. The table
// contains the reasons.
var notAskedHere = []string{"A9a", "C11", "D1e", "D4", "D5", "D6"}

// answersOtherwise are the questions for which the test server is known to answer differently
// from OSS. Remove an entry when the server is corrected.
var answersOtherwise []string

// The requests of Terraform are counted on the test server, because Terraform does not
// report them.
const (
	maxTerraformRequests = 250
	maxTerraformBytes    = 24 << 20
)

var installation *terraform.Installation

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "ossresumable-real-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if installation, err = terraform.Install(ctx, dir); err != nil {
		log.Print(err)
		return 1
	}
	return m.Run()
}

// TestQuestions asks all questions, one after the other, and writes the report. An unexpected
// answer does not affect other questions.
func TestQuestions(t *testing.T) {
	w := newWorld(t)
	t.Cleanup(w.finish)
	// After Ctrl-C, the run removes what it has created.
	var stop func()
	w.ctx, stop = signal.NotifyContext(w.ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()

	whole := w.askUploads()
	w.askLists()
	w.askAddresses()
	w.askChanges(whole)
	w.askLarge()
	w.askHeaders(whole)
	w.askRetention()
	w.askVersions()
	w.askFailures()
	w.askTerraform()
	if w.server != nil {
		w.checkHere()
	}
}

// finish removes everything that was created, and writes the report.
func (w *world) finish() {
	ctx, cancel := context.WithTimeout(w.costs.watch(context.Background()), 5*time.Minute)
	defer cancel()
	r := report{where: "OSS, " + w.config.Region + ", endpoint " + w.endpoint(), rows: w.rows}
	if w.server != nil {
		r.where = "**The test server**, not OSS: this report shows only that the questions work"
	}
	for _, kind := range []string{plain, versioned, encrypted, protected, hiding, worm} {
		if w.buckets[kind] == "" {
			continue
		}
		if kind == worm && !w.retainedUntil.IsZero() {
			w.passes(ctx, w.retainedUntil)
		}
		r.left = append(r.left, w.removeAll(ctx, kind)...)
	}
	for _, left := range r.left {
		w.t.Errorf("could not be removed: %s", left)
	}
	r.costs = fmt.Sprintf("Sent %d requests with %s, and by Terraform at most %d requests with %s.", w.costs.requests.Load(),
		resumable.ByteSize(w.costs.bytes.Load()), maxTerraformRequests, resumable.ByteSize(maxTerraformBytes))
	text := redact(r.markdown(), w.private())
	if path := os.Getenv(reportVariable); path == "" {
		w.t.Log("\n" + text)
	} else if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Error(err)
	}
	if w.server != nil {
		for name := range w.private() {
			if name != "" && strings.Contains(text, name) {
				w.t.Errorf("the report contains the private name %q", name)
			}
		}
		w.checkLeftNothing()
		w.checkCosts()
	}
}

// checkHere checks that a run with the test server asks all questions except notAskedHere.
func (w *world) checkHere() {
	verdicts := map[string][]string{}
	for _, r := range w.rows {
		verdicts[r.verdict] = append(verdicts[r.verdict], r.id)
	}
	for verdict, want := range map[string][]string{notAsked: notAskedHere, no: answersOtherwise} {
		if got := slices.Sorted(slices.Values(verdicts[verdict])); !slices.Equal(got, want) {
			w.t.Errorf("%s on the test server: %q, want %q", verdict, got, want)
		}
	}
	// The questions of the list are A1 to A13, B1 to B10, C1 to C11 and D1 to D7.
	asked := map[string]int{}
	for _, r := range w.rows {
		asked[r.id]++
	}
	for group, n := range map[string]int{"A": 14, "B": 10, "C": 11, "D": 7, "T": 2} {
		for i := range n {
			if id := fmt.Sprint(group, i+1); asked[id] != 1 {
				w.t.Errorf("the question %s has %d rows", id, asked[id])
			}
		}
	}
	for id, n := range asked {
		if n != 1 {
			w.t.Errorf("the question %s has %d rows", id, n)
		}
	}
	w.t.Logf("rows: %d, by verdict: %v", len(w.rows), maps.Collect(func(yield func(string, int) bool) {
		for verdict, ids := range verdicts {
			if !yield(verdict, len(ids)) {
				return
			}
		}
	}))
}

// checkLeftNothing checks the contents of the test server directly.
func (w *world) checkLeftNothing() {
	for kind, bucket := range w.buckets {
		if n := len(w.server.OpenUploads(bucket)); n > 0 {
			w.t.Errorf("%s: %d uploads are left", kind, n)
		}
		for _, r := range w.server.Requests() {
			if r.Bucket == bucket && r.Key != "" && len(w.server.Versions(bucket, r.Key)) > 0 {
				w.t.Errorf("%s: %q is left", kind, r.Key)
			}
		}
	}
}

// checkCosts compares the reported costs with the requests that the server received.
func (w *world) checkCosts() {
	if got, want := int(w.costs.requests.Load())+w.terraformRequests, w.served(); got != want {
		w.t.Errorf("counted %d requests, including %d of Terraform, but the server received %d", got, w.terraformRequests, want)
	}
	ofPlain := 0
	for _, r := range w.server.Requests() {
		if r.Bucket == w.buckets[plain] && !strings.Contains(r.Key, "/large/") {
			ofPlain++
		}
	}
	byTerraform := w.server.BodyBytes() - w.costs.bytes.Load()
	w.t.Logf("with only the plain bucket: %d requests; by Terraform: %d and %s", ofPlain-w.terraformRequests, w.terraformRequests, resumable.ByteSize(byTerraform))
	if w.terraformRequests > maxTerraformRequests {
		w.t.Errorf("Terraform sent %d requests", w.terraformRequests)
	}
	if byTerraform > maxTerraformBytes {
		w.t.Errorf("Terraform sent %d bytes", byTerraform)
	}
}

// served returns how many requests the test server has received.
func (w *world) served() int {
	if w.server == nil {
		return 0
	}
	return len(w.server.Requests())
}
