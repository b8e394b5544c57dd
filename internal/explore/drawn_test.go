// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package explore

import "testing"

// TestSequences checks generated sequences without running them. Every step must be a
// valid configuration, every kind of step, fault and outsider must occur, and a seed must
// always generate the same sequence.
func TestSequences(t *testing.T) {
	seen := map[string]int{}
	for seed := 1; seed <= 2000; seed++ {
		seq := sequences.Example(seed)
		if seed%100 == 0 && seq.String() != sequences.Example(seed).String() {
			t.Fatalf("seed %d generates two different sequences", seed)
		}
		for _, s := range seq.Steps {
			checkDrawn(t, seed, s)
			seen[s.Do]++
			if s.Fault != nil {
				seen[s.Fault.Do]++
				seen["fault of "+string(s.Fault.Op)]++
			}
			if s.Outside != nil {
				seen[s.Outside.Do]++
			}
			for name, drawn := range map[string]bool{
				"between": s.Between, "lose": s.Lose, "lose after": s.LoseAfter, "target": s.Target != "", "no refresh": s.NoRefresh,
				"dependent": s.Dependent != "", "duplicate added": s.Duplicate != nil,
			} {
				if drawn {
					seen[name]++
				}
			}
		}
	}
	for _, kind := range []string{
		"apply", "edit", "rename", "swap", "rotate", "shift", "re-key all", "re-key", "take over", "rename and edit", "remove", "add",
		"duplicate", "replace", "taint", "taint and rename", "state mv", "other provider", "trigger", "dependent fails",
		killed, killedDone, unavailable, denied, answerLost, delayedStart, delayedEnd,
		outsidePut, outsidePutSame, outsideCopy, outsideDelete, outsideArchives,
		"fault of ", "fault of DeleteObject", "between", "lose", "lose after", "target", "no refresh", "dependent", "duplicate added",
	} {
		if seen[kind] < 20 {
			t.Errorf("%q was generated %d times", kind, seen[kind])
		}
	}
}

// checkDrawn checks that each key and each name has at most one instance.
func checkDrawn(t *testing.T, seed int, s step) {
	t.Helper()
	if len(s.Want) > maxInstances {
		t.Errorf("seed %d: %d instances: %s", seed, len(s.Want), s)
	}
	taken := map[string]bool{}
	for _, i := range s.Want {
		if taken[i.Name] || taken[i.Place.String()] {
			t.Errorf("seed %d: two instances with the same name or key: %s", seed, s)
		}
		taken[i.Name], taken[i.Place.String()] = true, true
	}
	if d := s.Duplicate; d != nil && (taken[d.Name] || !taken[d.Place.String()]) {
		t.Errorf("seed %d: no duplicate: %s", seed, s)
	}
}
