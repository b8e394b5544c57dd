// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if len(os.Args) == 3 && os.Args[1] == "trial" {
		err = serveTrial(ctx, os.Args[2])
	} else {
		err = run(ctx, os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is a run of the benchmark.
type bench struct {
	dir    string // directory for files; removed at the end
	short  bool
	rounds int
	pairs  string // directory of pairs of files; "": none
	tables []table
	plots  []plot
}

// section is one table of a report.
type section struct {
	name    string
	measure func(*bench, context.Context) error
}

// sections are the tables, in the order of the report.
var sections = []section{
	{"upload", (*bench).uploads},
	{"wan", (*bench).wan},
	{"parts", (*bench).parts},
	{"memory", (*bench).memory},
	{"resume", (*bench).resumes},
	{"fingerprint", (*bench).fingerprints},
	{"journal", (*bench).journals},
	{"plan", (*bench).plans},
}

// deltaSections are the tables of the command delta.
var deltaSections = []section{
	{"pairs", (*bench).realPairs},
	{"edits", (*bench).edited},
}

func run(ctx context.Context, args []string) (err error) {
	name, sections := "results.md", sections
	if len(args) > 0 && args[0] == "delta" {
		name, sections, args = "delta.md", deltaSections, args[1:]
	}
	b := &bench{short: os.Getenv("BENCH") == "short"}
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	out := flags.String("out", "bench/results", "`directory` for the report")
	only := flags.String("only", "", "comma-separated `names` of tables to measure (default all)")
	flags.IntVar(&b.rounds, "rounds", 5, "`number` of runs of each measurement; the median is reported")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b.pairs = flags.Arg(0)
	if b.short {
		b.rounds = min(b.rounds, 3)
	}
	if b.dir, err = os.MkdirTemp(cmp.Or(os.Getenv("BENCH_DIR"), os.TempDir()), "bench-*"); err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, os.RemoveAll(b.dir)) }()

	chosen := strings.FieldsFunc(*only, func(r rune) bool { return r == ',' })
	for _, s := range sections {
		if len(chosen) > 0 && !slices.Contains(chosen, s.name) {
			continue
		}
		if err := s.measure(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return b.report(filepath.Join(*out, name))
}
