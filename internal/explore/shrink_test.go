// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package explore

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// explore runs the sequence of a seed. If it fails, rapid looks for a shorter sequence with
// the same failure, and both are printed.
func explore(t *testing.T, seed int) {
	if found, ok := hold(t, seed); !ok {
		shrink(t, seed, found)
	}
}

// hold runs the sequence of a seed, and reports its failure.
func hold(t *testing.T, seed int) (found verdict, ok bool) {
	seq := sequences.Example(seed)
	n, f := run(seq)
	if f != nil {
		tally.failures.Add(1)
		t.Errorf("EXPLORE_SEED=%d fails %s", seed, report(seq, n, f))
	}
	return verdict{seq, n, f}, f == nil
}

// verdict is the result of a sequence.
type verdict struct {
	seq  sequence
	step int // that failed
	f    *failure
}

// same reports whether both have the same failure: a step with the same description and the
// same kind.
func (v verdict) same(w verdict) bool {
	return v.f != nil && w.f != nil && v.f.Kind == w.f.Kind && v.seq.Steps[v.step-1].Do == w.seq.Steps[w.step-1].Do
}

// verdicts stores the results of sequences. rapid tries many sequences again, and many that
// begin like one that has failed.
type verdicts struct {
	like   verdict // the failure to find
	known  map[string]verdict
	runs   int
	latest verdict // that failed
}

// repeats is how often a sequence is run before it counts as passed, because some failures
// are races.
const repeats = 2

// fails reports whether the sequence has the failure to find.
func (v *verdicts) fails(seq sequence) bool {
	for n := range seq.Steps {
		if known, ok := v.known[prefix(seq, n+1)]; ok && known.f != nil {
			v.latest = known
			return true
		}
	}
	if _, ok := v.known[seq.String()]; ok {
		return false
	}
	for range repeats {
		v.runs++
		n, f := run(seq)
		if now := (verdict{seq, n, f}); now.same(v.like) {
			v.latest = now
			v.known[prefix(seq, n)] = v.latest
			return true
		}
	}
	v.known[seq.String()] = verdict{seq: seq}
	return false
}

// prefix returns the sequence up to a step.
func prefix(seq sequence, n int) string {
	seq.Steps = seq.Steps[:n]
	return seq.String()
}

// The settings of rapid are command-line flags.
var shrinking sync.Mutex

// shrink uses rapid to find a shorter sequence that fails. rapid generates the sequence of
// the seed again, and reports to a separate test.
func shrink(t *testing.T, seed int, found verdict) {
	shrinking.Lock()
	defer shrinking.Unlock()
	seconds, err := strconv.Atoi(cmp.Or(os.Getenv("EXPLORE_SHRINK"), "120"))
	if err != nil || seconds <= 0 {
		return
	}
	until := time.Now().Add(time.Duration(seconds) * time.Second)
	for name, value := range map[string]string{
		"rapid.seed": strconv.Itoa(seed), "rapid.checks": "1", "rapid.nofailfile": "true", "rapid.shrinktime": fmt.Sprintf("%ds", seconds/2),
	} {
		if err := flag.Set(name, value); err != nil {
			t.Error(err)
			return
		}
	}
	v := &verdicts{like: found, latest: found, known: map[string]verdict{prefix(found.seq, found.step): found}}
	quiet := &quietTest{T: t}
	check(quiet, func(rt *rapid.T) {
		if v.fails(sequences.Draw(rt, "sequence")) {
			rt.Fatalf("%s", found.f.Kind)
		}
	})
	if !quiet.failed {
		t.Errorf("rapid generated another sequence from seed %d", seed)
		return
	}
	v.simplify(until)
	seq := v.latest.until()
	t.Logf("EXPLORE_SEED=%d shrunk after %d runs; it fails %s", seed, v.runs, report(seq, v.latest.step, v.latest.f))
}

// until returns the sequence up to the failed step.
func (v verdict) until() sequence {
	seq := v.seq
	seq.Steps = slices.Clone(seq.Steps[:v.step])
	return seq
}

// simplify removes parts of steps, which rapid cannot do.
func (v *verdicts) simplify(until time.Time) {
	for again := true; again; {
		again = false
		for _, seq := range simpler(v.latest.until()) {
			if time.Now().After(until) {
				return
			}
			if again = v.fails(seq); again {
				break
			}
		}
	}
}

// simpler returns sequences with one part removed.
func simpler(seq sequence) (all []sequence) {
	add := func(change func(*sequence)) {
		less := sequence{Setup: seq.Setup, Steps: slices.Clone(seq.Steps)}
		if change(&less); less.String() != seq.String() {
			all = append(all, less)
		}
	}
	for n := range len(seq.Steps) - 1 {
		add(func(s *sequence) { s.Steps = slices.Delete(s.Steps, n, n+1) })
	}
	for n := range seq.Steps {
		for _, change := range []func(*step){
			func(s *step) { s.Outside, s.Between = nil, false },
			func(s *step) { s.Lose, s.LoseAfter = false, false },
			func(s *step) { s.Fault = nil },
			func(s *step) { s.Target, s.Replace, s.NoRefresh = "", "", false },
			func(s *step) { s.Dependent, s.Taint = "", "" },
		} {
			add(func(s *sequence) { change(&s.Steps[n]) })
		}
	}
	for _, name := range names {
		add(func(s *sequence) {
			for n := range s.Steps {
				s.Steps[n].Want = slices.DeleteFunc(slices.Clone(s.Steps[n].Want), func(i instance) bool { return i.Name == name })
			}
		})
	}
	for _, change := range []func(*instance){
		func(i *instance) { i.Alias = 0 },
		func(i *instance) { i.Content %= 2 },
	} {
		add(func(s *sequence) {
			for n := range s.Steps {
				s.Steps[n].Want = slices.Clone(s.Steps[n].Want)
				for i := range s.Steps[n].Want {
					change(&s.Steps[n].Want[i])
				}
			}
		})
	}
	add(func(s *sequence) { s.Setup.Before = false })
	add(func(s *sequence) { s.Setup.ForEach = false })
	return all
}

// check is rapid.Check, which stops its test when it fails.
func check(t *quietTest, property func(*rapid.T)) {
	defer func() {
		if stop := recover(); stop != nil && stop != errStopped { //nolint:errorlint // a panic of ours, not wrapped
			panic(stop)
		}
	}()
	rapid.Check(t, property)
}

// quietTest receives the output of rapid for a test that is known to fail.
type quietTest struct {
	*testing.T
	failed bool
	said   strings.Builder
}

var errStopped = fmt.Errorf("stopped by rapid")

func (q *quietTest) Name() string                   { return "explore" }
func (q *quietTest) Helper()                        {}
func (q *quietTest) Log(args ...any)                { fmt.Fprintln(&q.said, args...) }
func (q *quietTest) Logf(format string, a ...any)   { fmt.Fprintf(&q.said, format+"\n", a...) }
func (q *quietTest) Error(args ...any)              { q.Log(args...); q.failed = true }
func (q *quietTest) Errorf(format string, a ...any) { q.Logf(format, a...); q.failed = true }
func (q *quietTest) Fatal(args ...any)              { q.Error(args...); q.FailNow() }
func (q *quietTest) Fatalf(format string, a ...any) { q.Errorf(format, a...); q.FailNow() }
func (q *quietTest) Fail()                          { q.failed = true }
func (q *quietTest) Failed() bool                   { return q.failed }
func (q *quietTest) FailNow()                       { q.failed = true; panic(errStopped) }
