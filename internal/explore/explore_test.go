// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package explore

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// Environment variables:
//
//	EXPLORE_SECONDS   duration of TestExplore with new sequences; 0 if unset
//	EXPLORE_SEED      comma-separated seeds for TestExplore, instead of new ones
//	EXPLORE_SEQUENCE  path of a sequence in JSON, as printed by a failure, for TestExplore
//	EXPLORE_SHRINK    number of seconds to look for a shorter sequence that fails; defaults to 120
//	EXPLORE_IGNORE    known kinds of failure, as comma-separated parts of their texts: such a failure
//	                  ends a sequence, except for files; for duplicates, the check is skipped
//	EXPLORE_TRACE     print each step, also of sequences that pass
var (
	ignored = os.Getenv("EXPLORE_IGNORE")
	traced  = os.Getenv("EXPLORE_TRACE") != ""
)

var (
	installation *terraform.Installation
	template     *terraform.Workspace // initialized once for all sequences
	scratch      string
)

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	// With nohup, Terraform would ignore SIGHUP, too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	flag.Parse()
	dir, err := os.MkdirTemp("", "ossresumable-explore-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	scratch = dir
	if installation, err = terraform.Install(ctx, dir); err == nil {
		template, err = installation.Workspace(ctx, filepath.Join(dir, "template"), setup{}.config(nil, 0, ""), terraform.Quick...)
	}
	if err != nil {
		log.Print(err)
		return 1
	}
	return m.Run()
}

// ignores reports whether EXPLORE_IGNORE contains a kind of failure.
func ignores(kind string) bool {
	for part := range strings.SplitSeq(ignored, ",") {
		if part != "" && strings.Contains(kind, part) {
			return true
		}
	}
	return false
}

// workers is the number of concurrent sequences, which mostly wait for processes.
const workers = 3

// TestSeeds runs the sequences of fixed seeds. If one fails, TestExplore can find a shorter
// sequence.
func TestSeeds(t *testing.T) {
	for _, seed := range fixedSeeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			hold(t, seed)
		})
	}
}

// fixedSeeds are the seeds of TestSeeds. Their sequences contain most kinds of steps.
var fixedSeeds = []int{1, 7, 11, 14, 18, 20}

// TestExplore runs new sequences for EXPLORE_SECONDS, or the sequences that the environment
// selects.
func TestExplore(t *testing.T) {
	if path := os.Getenv("EXPLORE_SEQUENCE"); path != "" {
		replay(t, path)
		return
	}
	seeds := make(chan int)
	if list := os.Getenv("EXPLORE_SEED"); list != "" {
		go func() {
			defer close(seeds)
			for text := range strings.SplitSeq(list, ",") {
				seed, err := strconv.Atoi(text)
				if err != nil {
					t.Errorf("EXPLORE_SEED: %v", err)
					return
				}
				seeds <- seed
			}
		}()
	} else {
		seconds, _ := strconv.Atoi(os.Getenv("EXPLORE_SECONDS"))
		if seconds <= 0 {
			t.Skip("set EXPLORE_SECONDS, EXPLORE_SEED or EXPLORE_SEQUENCE to explore; TestSeeds always runs")
		}
		until := time.Now().Add(time.Duration(seconds) * time.Second)
		go func() {
			defer close(seeds)
			for time.Now().Before(until) {
				seeds <- 1 + rand.IntN(1_000_000_000)
			}
		}()
	}
	began := time.Now()
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for seed := range seeds {
				explore(t, seed)
			}
		})
	}
	wait.Wait()
	fmt.Printf("%d sequences, %d steps, %d applies, %d requests with faults, %d seeds failed, in %s, including the search for shorter sequences\n",
		tally.sequences.Load(), tally.steps.Load(), tally.applies.Load(), tally.faults.Load(), tally.failures.Load(), time.Since(began).Round(time.Second))
}

// replay runs one sequence from a file.
func replay(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var seq sequence
	if err := json.Unmarshal(text, &seq); err != nil {
		t.Fatal(err)
	}
	mustHold(t, seq)
}

// mustHold runs a sequence that must pass.
func mustHold(t *testing.T, seq sequence) {
	t.Helper()
	if n, f := run(seq); f != nil {
		t.Errorf("%s", report(seq, n, f))
	}
}

// report describes a failure, with the sequence for EXPLORE_SEQUENCE.
func report(seq sequence, n int, f *failure) string {
	text, err := json.Marshal(seq)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("after step %d: %s\n%s\n%s\n%s", n, f.Kind, seq, text, f.Detail)
}
