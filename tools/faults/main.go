// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Faults reads the output of "go test -json" and prints one line per scenario of the
// fault catalogue: its ID, the maximum number of parts that its tests sent again, the
// verdict, and a description. The exit status is 1 if a scenario has neither a passing
// test nor an entry in exceptions, or if any test failed.
//
// A test logs which scenario it covers:
//
//	FAULT F16: journal cut at every byte offset; 3 parts sent again
//
// The number of parts is optional. The result of the test is that of the scenario.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func main() {
	report, err := read(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(2)
	}
	if !report.print(os.Stdout) {
		os.Exit(1)
	}
}

// event is a line of "go test -json", see cmd/test2json.
type event struct{ Action, Package, Test, Output string }

// finding is the result of one test for one scenario.
type finding struct {
	id, text string
	again    int // parts sent again; -1 if not counted
}

// outcome is the result of all tests for one scenario.
type outcome struct {
	texts   []string
	again   int // maximum of parts sent again; -1 if not counted
	passed  bool
	skipped []string // reasons
	failed  []string // tests
}

type report struct {
	outcomes map[string]*outcome
	broken   []string // failed tests without a scenario
}

var (
	logged   = regexp.MustCompile(`^\s+\S+\.go:\d+: (.*)$`) // written by t.Log
	provoked = regexp.MustCompile(`^FAULT (F\d\d): (.*?)(?:[;,] (\d+) parts? sent again(?: in all)?)?$`)
)

// read combines the logs and the results of tests.
func read(r io.Reader) (*report, error) {
	type test struct{ pkg, name string }
	found, said := map[test][]finding{}, map[test]string{}
	failed := map[test]bool{}
	result := &report{outcomes: map[string]*outcome{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("not the output of go test -json: %q", lines.Text())
		}
		t := test{e.Package, e.Test}
		switch e.Action {
		case "output":
			if m := logged.FindStringSubmatch(strings.TrimRight(e.Output, "\n")); m != nil {
				if f, ok := newFinding(m[1]); ok {
					found[t] = append(found[t], f)
				} else {
					said[t] = m[1] // the reason of a skipped test
				}
			}
		case "pass", "fail", "skip":
			for _, f := range found[t] {
				result.add(f, e.Action, e.Test, said[t])
			}
			if e.Action == "fail" {
				if len(found[t]) == 0 && !failed[t] {
					result.broken = append(result.broken, strings.TrimSpace(e.Package+" "+e.Test))
				}
				// The parent of a failed test fails, too, and is not reported.
				failed[test{e.Package, ""}] = true
				for i, char := range e.Test {
					if char == '/' {
						failed[test{e.Package, e.Test[:i]}] = true
					}
				}
			}
			delete(found, t)
		}
	}
	for t, findings := range found { // tests without a result: the process crashed
		for _, f := range findings {
			result.add(f, "fail", t.name, "")
		}
	}
	return result, lines.Err()
}

func newFinding(text string) (f finding, ok bool) {
	m := provoked.FindStringSubmatch(text)
	if m == nil {
		return f, false
	}
	f = finding{id: m[1], text: m[2], again: -1}
	if n, err := strconv.Atoi(m[3]); err == nil {
		f.again = n
	}
	return f, true
}

func (r *report) add(f finding, result, test, reason string) {
	o := r.outcomes[f.id]
	if o == nil {
		o = &outcome{again: -1}
		r.outcomes[f.id] = o
	}
	o.texts = appendNew(o.texts, f.text)
	o.again = max(o.again, f.again)
	switch result {
	case "pass":
		o.passed = true
	case "skip":
		o.skipped = appendNew(o.skipped, reason)
	default:
		o.failed = appendNew(o.failed, test)
	}
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// print writes the table. It reports whether every scenario has a passing test or an
// exception, and no test failed.
func (r *report) print(w io.Writer) bool {
	count := map[string]int{}
	for _, s := range catalogue {
		verdict, again, text := "ok", "-", s.title
		o, exception := r.outcomes[s.id], exceptions[s.id]
		if o != nil {
			text = strings.Join(slices.Sorted(slices.Values(o.texts)), "; ")
			if o.again >= 0 {
				again = strconv.Itoa(o.again)
			}
		}
		switch {
		case o != nil && len(o.failed) > 0:
			verdict = "FAILED"
			text += ": " + strings.Join(o.failed, ", ")
		case o != nil && o.passed:
		case o != nil:
			verdict = "skipped"
			text += ": " + strings.Join(o.skipped, ", ")
		case exception.reason != "":
			verdict = "not tested"
			text += ": " + exception.reason + "; instead: " + exception.instead
		default:
			verdict = "NO TEST"
		}
		count[verdict]++
		_, _ = fmt.Fprintf(w, "%s %5s  %-15s  %s\n", s.id, again, verdict, text)
	}
	unknown := r.unknown()
	for _, id := range unknown {
		_, _ = fmt.Fprintf(w, "%s is not in the catalogue: %s\n", id, strings.Join(r.outcomes[id].texts, "; "))
	}
	for _, name := range r.broken {
		_, _ = fmt.Fprintf(w, "FAILED without a scenario: %s\n", name)
	}
	_, _ = fmt.Fprintf(w, "\n%d scenarios: %d ok, %d not tested, %d skipped, %d failed, %d without a test\n", len(catalogue),
		count["ok"], count["not tested"], count["skipped"], count["FAILED"], count["NO TEST"])
	return count["ok"]+count["not tested"] == len(catalogue) && len(unknown)+len(r.broken) == 0
}

// unknown returns the IDs of tests that are not in the catalogue.
func (r *report) unknown() (ids []string) {
	for id := range r.outcomes {
		if !slices.ContainsFunc(catalogue, func(s scenario) bool { return s.id == id }) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
