// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import "sync"

// Rule says which requests a fault meets.
type Rule struct {
	Op         Op     // "" matches any
	Key        string // "" matches any
	PartNumber int    // 0 matches any
	Nth        int    // the first matching request to be met; 0 and 1 are the first
	Times      int    // how many are met from then on; 0 is all
	Fault      Fault
}

func (r Rule) matches(request Request) bool {
	return (r.Op == "" || r.Op == request.Op) &&
		(r.Key == "" || r.Key == request.Key) &&
		(r.PartNumber == 0 || r.PartNumber == request.PartNumber)
}

// ruleBook holds the rules in the order they were added.
type ruleBook struct {
	mu    sync.Mutex
	rules []*activeRule
}

type activeRule struct {
	Rule
	matched int
}

// due counts a matching request and reports whether it is one to be met.
func (r *activeRule) due() bool {
	r.matched++
	first := max(r.Nth, 1)
	return r.matched >= first && (r.Times == 0 || r.matched < first+r.Times)
}

// pick returns the fault of the first rule that is due. Rules after it neither
// fire nor count this request.
func (b *ruleBook) pick(request Request) Fault {
	fault := b.first(request)
	if fault.decide == nil {
		return fault
	}
	return fault.decide(request)
}

func (b *ruleBook) first(request Request) Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.rules {
		if r.matches(request) && r.due() {
			return r.Fault
		}
	}
	return Fault{}
}

// AddRule arms a fault rule until remove is called. A request is met by one
// fault at most, that of the rule added first.
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

// ClearRules disarms all fault rules.
func (s *Server) ClearRules() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.rules = nil
}
