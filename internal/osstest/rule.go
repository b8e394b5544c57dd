// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import "sync"

// Rule selects the requests to which a fault applies.
type Rule struct {
	Op         Op     // "" matches any
	Key        string // "" matches any
	PartNumber int    // 0 matches any
	Nth        int    // the first matching request that fails, counted from 1; 0 means 1
	Times      int    // how many matching requests fail from then on; 0 means all
	Fault      Fault
}

func (r Rule) matches(request Request) bool {
	return (r.Op == "" || r.Op == request.Op) &&
		(r.Key == "" || r.Key == request.Key) &&
		(r.PartNumber == 0 || r.PartNumber == request.PartNumber)
}

// ruleSet holds the rules in the order in which they were added.
type ruleSet struct {
	mu    sync.Mutex
	rules []*activeRule
}

type activeRule struct {
	Rule
	matched int
}

// due counts a matching request and reports whether the fault applies to it.
func (r *activeRule) due() bool {
	r.matched++
	first := max(r.Nth, 1)
	return r.matched >= first && (r.Times == 0 || r.matched < first+r.Times)
}

// pick returns the fault of the first rule that applies. Later rules do not
// count this request.
func (b *ruleSet) pick(request Request) Fault {
	fault := b.first(request)
	if fault.decide == nil {
		return fault
	}
	return fault.decide(request)
}

func (b *ruleSet) first(request Request) Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.rules {
		if r.matches(request) && r.due() {
			return r.Fault
		}
	}
	return Fault{}
}

// AddRule adds a fault rule, which is active until remove is called. At most
// one fault applies to a request: that of the earliest rule that selects it.
func (s *Server) AddRule(r Rule) (remove func()) {
	b, rule := &s.faults, &activeRule{Rule: r}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = append(b.rules, rule)
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for i := range b.rules {
			if b.rules[i] == rule {
				b.rules = append(b.rules[:i:i], b.rules[i+1:]...)
				return
			}
		}
	}
}

// ClearRules removes all fault rules.
func (s *Server) ClearRules() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.rules = nil
}
