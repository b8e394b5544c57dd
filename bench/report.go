// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// table is one table of the report.
type table struct {
	title, note string
	header      []string
	rows        [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "## %s\n\n", t.title)
	if t.note != "" {
		fmt.Fprintf(&text, "%s\n\n", t.note)
	}
	fmt.Fprintf(&text, "| %s |\n|%s\n", strings.Join(t.header, " | "), strings.Repeat("---|", len(t.header)))
	for _, row := range t.rows {
		fmt.Fprintf(&text, "| %s |\n", strings.Join(row, " | "))
	}
	return text.String()
}

// report writes the tables to a file and the plots to its directory, and prints the tables.
func (b *bench) report(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var text strings.Builder
	runs := fmt.Sprintf("Medians of %d alternating runs", b.rounds)
	if b.rounds == 1 {
		runs = "One run"
	}
	fmt.Fprintf(&text, "# Results\n\n%s on %s/%s, %d cores, %s. Compare the ratios; absolute values depend on the machine.\n",
		runs, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if b.short {
		text.WriteString("\nThis is the short version, with small files.\n")
	}
	for _, t := range b.tables {
		text.WriteString("\n" + t.markdown())
	}
	if len(b.plots) > 0 {
		text.WriteString("\n## Plots\n\n")
	}
	for _, p := range b.plots {
		fmt.Fprintf(&text, "![%s](%s)\n\n", p.title, p.file)
		if err := os.WriteFile(filepath.Join(dir, p.file), []byte(p.svg()), 0o644); err != nil {
			return err
		}
	}
	report := strings.TrimRight(text.String(), "\n") + "\n"
	fmt.Print(report)
	return os.WriteFile(path, []byte(report), 0o644)
}

func format(verb string, v float64) string { return fmt.Sprintf(verb, v) }

// ratio formats v with its ratio to base.
func ratio(verb string, v, base float64) string {
	return fmt.Sprintf(verb+" (%.2f)", v, v/base)
}

// above formats the peak memory minus that of an idle process.
func above(c, idle cost) string {
	if c.Peak == 0 {
		return "not measured"
	}
	return fmt.Sprintf("%.1f", float64(c.Peak-idle.Peak)/float64(mib))
}
