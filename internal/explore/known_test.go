// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package explore

import (
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// Sequences that lost objects in the past.
var known = map[string]sequence{
	"instances get other names, and each removal is refused once": {
		Setup: setup{ForEach: true},
		Steps: []step{
			{Do: "create", Want: objects("a@00", "b@10", "c@01", "d@11")},
			{Do: "re-key all", Want: objects("e@00", "f@10", "g@01", "h@11"), Fault: eachDelete(unavailable)},
		},
	},
	"instances get other names under another provider, and each removal is late": {
		Setup: setup{ForEach: true},
		Steps: []step{
			{Do: "create", Want: objects("a@00", "b@10", "c@01", "d@11")},
			{
				Do: "re-key all", Want: under(1, objects("e@00", "f@10", "g@01", "h@11")),
				Fault: &fault{Do: delayedStart, Op: osstest.DeleteObject, Each: true, Millis: 800},
			},
		},
	},
	"an object moves to the key of a removed one, whose removal is refused once": {
		Steps: []step{
			{Do: "create", Want: objects("a@00", "b@01")},
			{Do: "take over", Want: objects("a@01"), Fault: &fault{Do: unavailable, Op: osstest.DeleteObject, Nth: 1}},
		},
	},
	"two keys are exchanged, one after the other": {
		Steps: []step{
			{Do: "create", Want: objects("a@00", "b@01")},
			{Do: "swap", Want: objects("a@01", "b@00"), Target: "a"},
		},
	},
	"two keys are exchanged, and one half fails": {
		Steps: []step{
			{Do: "create", Want: objects("a@00", "b@01")},
			{Do: "swap", Want: objects("a@01", "b@00"), Fault: &fault{Do: denied, Op: osstest.PutObject, Nth: 1}},
		},
	},
	"keys are shifted, one after the other": {
		Steps: []step{
			{Do: "create", Want: objects("a@00", "b@01")},
			{Do: "shift", Want: objects("a@01", "b@02"), Target: "a"},
		},
	},
	"an object is replaced, and the old one is destroyed by a later apply": {
		Setup: setup{Before: true},
		Steps: []step{
			{Do: "create", Want: objects("a@00")},
			{Do: "dependent fails", Want: objects("a@00"), Trigger: 1, Dependent: "a"},
		},
	},
	"another program has written to an old key since the plan": {
		Steps: []step{
			{Do: "create", Want: objects("a@00", "b@01")},
			{Do: "remove", Want: objects("b@01"), Outside: &outside{outsidePut, place{0, 0}}, Between: true},
		},
	},
}

// objects parses instances such as "a@01": the name, the index of the bucket and that of
// the key. The name also selects the bytes.
func objects(all ...string) (instances []instance) {
	for _, text := range all {
		p := place{Bucket: int(text[2] - '0'), Key: int(text[3] - '0')}
		instances = append(instances, instance{Name: text[:1], Place: p, Content: int(text[0]-'a') % contents})
	}
	return instances
}

// under assigns the instances to another provider configuration.
func under(alias int, instances []instance) []instance {
	for n := range instances {
		instances[n].Alias = alias
	}
	return instances
}

func eachDelete(do string) *fault { return &fault{Do: do, Op: osstest.DeleteObject, Each: true} }

func TestKnown(t *testing.T) {
	for name, seq := range known {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mustHold(t, seq)
		})
	}
}
