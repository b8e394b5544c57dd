// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package explore

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// A sequence is generated in two stages. First come drafts of its steps, which do not depend
// on each other, so that rapid can omit any of them to find a shorter sequence. Then each
// draft becomes a step, which depends on the result of the previous one.

// draft is a step without its instances.
type draft struct {
	do         string
	a, b, c    int // choose instances, names, places
	content    int
	alias      int
	outside    outside
	outsideHow int
	how        string
	fault      *fault
	lose       int
}

// evenly generates a number below n with almost uniform distribution. The numbers of rapid
// are mostly small. Zero is the simplest.
func evenly(t *rapid.T, n int, label string) int {
	bits := rapid.Custom(func(t *rapid.T) int {
		v := 0
		for range 10 {
			v <<= 1
			if rapid.Bool().Draw(t, "bit") {
				v++
			}
		}
		return v
	}).Draw(t, label)
	return bits * n / (1 << 10)
}

// choice is a value with its weight.
type choice[V any] struct {
	value  V
	weight int
}

func weighted[V any](t *rapid.T, label string, choices ...choice[V]) V {
	sum := 0
	for _, c := range choices {
		sum += c.weight
	}
	n := evenly(t, sum, label)
	for _, c := range choices {
		if n -= c.weight; n < 0 {
			return c.value
		}
	}
	panic("unreachable")
}

var drafts = rapid.Custom(func(t *rapid.T) draft {
	d := draft{
		do: weighted(t, "do",
			choice[string]{"apply", 1}, choice[string]{"edit", 3}, choice[string]{"rename", 3}, choice[string]{"swap", 6},
			choice[string]{"rotate", 3}, choice[string]{"shift", 4}, choice[string]{"re-key all", 5}, choice[string]{"re-key", 3},
			choice[string]{"take over", 6}, choice[string]{"rename and edit", 2}, choice[string]{"remove", 2}, choice[string]{"add", 3},
			choice[string]{"duplicate", 1}, choice[string]{"replace", 1}, choice[string]{"taint", 1}, choice[string]{"taint and rename", 1},
			choice[string]{"state mv", 1}, choice[string]{"other provider", 2}, choice[string]{"trigger", 2}, choice[string]{"dependent fails", 3}),
		a: evenly(t, 12, "a"), b: evenly(t, 12, "b"), c: evenly(t, 12, "c"),
		content: evenly(t, contents, "content"), alias: evenly(t, 2, "alias"),
		how:        weighted(t, "how", choice[string]{"", 14}, choice[string]{"target", 4}, choice[string]{"no refresh", 2}),
		lose:       evenly(t, 16, "lose"),
		outsideHow: evenly(t, 12, "outside"),
	}
	d.outside = outside{
		Do: weighted(t, "outside do", choice[string]{outsidePut, 2}, choice[string]{outsidePutSame, 1}, choice[string]{outsideCopy, 1},
			choice[string]{outsideDelete, 1}, choice[string]{outsideArchives, 2}),
	}
	if evenly(t, 2, "faulty") == 1 {
		d.fault = drawFault(t)
	}
	return d
})

func drawFault(t *rapid.T) *fault {
	f := &fault{
		Do: weighted(t, "fault", choice[string]{unavailable, 5}, choice[string]{denied, 5}, choice[string]{answerLost, 2},
			choice[string]{killed, 3}, choice[string]{killedDone, 3}, choice[string]{delayedStart, 3}, choice[string]{delayedEnd, 2}),
		Op: weighted(t, "op", choice[osstest.Op]{osstest.DeleteObject, 7}, choice[osstest.Op]{"", 8}, choice[osstest.Op]{osstest.CopyObject, 2},
			choice[osstest.Op]{osstest.PutObject, 3}, choice[osstest.Op]{osstest.CompleteMultipartUpload, 1},
			choice[osstest.Op]{osstest.InitiateMultipartUpload, 1}, choice[osstest.Op]{osstest.UploadPart, 1}),
		Each: evenly(t, 3, "each") == 2,
	}
	most := 2
	if f.Op == "" {
		most, f.Each = 30, false // of some 20 requests of an apply
	}
	f.Nth = 1 + evenly(t, most, "nth")
	if f.Nth > 20 {
		f.Writes, f.Nth = true, (f.Nth-19)/2 // one to five
	}
	if f.Each {
		f.Nth = 0
	}
	if f.Do == killed || f.Do == killedDone {
		f.Nth, f.Each = max(1, f.Nth), false
	}
	if f.Do == delayedStart || f.Do == delayedEnd {
		f.Millis = 300 + 100*evenly(t, 8, "millis")
	}
	return f
}

var sequences = rapid.Custom(func(t *rapid.T) sequence {
	seq := sequence{Setup: setup{
		ForEach: evenly(t, 3, "for_each") > 0, Before: evenly(t, 3, "create_before_destroy") == 2, Versioned: evenly(t, 4, "versioned") == 3,
	}}
	have := drawStart(t)
	trigger := 0
	seq.Steps = append(seq.Steps, step{Do: "create", Want: have})
	for _, d := range rapid.SliceOfN(drafts, 3, 7).Draw(t, "steps") {
		s := d.step(seq.Setup, have, trigger)
		have, trigger = s.Want, s.Trigger
		seq.Steps = append(seq.Steps, s)
	}
	return seq
})

// drawStart generates two to four instances.
func drawStart(t *rapid.T) (have []instance) {
	for n := range 2 + evenly(t, maxInstances-1, "instances") {
		have = append(have, instance{
			Name: names[n], Alias: max(0, evenly(t, 4, "alias")-2), Place: free(have, evenly(t, 12, "place")),
			Content: evenly(t, contents, "content"),
		})
	}
	return have
}

// free returns a place that no instance has.
func free(have []instance, n int) place {
	places := slices.DeleteFunc(allPlaces(), func(p place) bool { return slices.Contains(placesOf(have), p) })
	return places[n%len(places)]
}

// fresh returns a name that no instance has.
func fresh(have []instance, n int) string {
	unused := slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, used := find(have, name); return used })
	return unused[n%len(unused)]
}

// step returns the step for a draft. If the draft is not applicable, it is a plain apply.
func (d draft) step(s setup, have []instance, trigger int) step {
	next := step{Do: d.do, Want: slices.Clone(have), Trigger: trigger}
	d.change(&next, s, have)
	switch {
	case d.how == "target" && len(next.Want) > 0:
		next.Target = next.Want[d.c%len(next.Want)].Name
	case d.how == "no refresh":
		next.NoRefresh = true
	}
	if next.Duplicate != nil {
		next.Target, next.NoRefresh = "", false
		return next
	}
	if d.outsideHow < 3 {
		places := append(placesOf(have), placesOf(next.Want)...)
		places = append(places, free(have, d.a))
		next.Outside, next.Between = &outside{Do: d.outside.Do, Place: places[d.c%len(places)]}, d.outsideHow == 1
	}
	next.Fault = d.fault
	next.Lose, next.LoseAfter = d.lose == 14, d.lose == 15
	return next
}

// change applies the draft to the configuration.
func (d draft) change(next *step, s setup, have []instance) {
	want, n := next.Want, len(have)
	if d.do == "add" && n < maxInstances {
		next.Want = append(want, instance{Name: fresh(have, d.a), Alias: d.alias, Place: free(have, d.b), Content: d.content})
	}
	if n == 0 {
		return
	}
	one, other := d.a%n, d.b%n
	if one == other && (d.do == "swap" || d.do == "take over") {
		other = (other + 1) % n
	}
	switch d.do {
	case "edit":
		want[one].Content = d.content
	case "rename", "rename and edit":
		want[one].Place = free(have, d.b)
		if d.do == "rename and edit" {
			want[one].Content = d.content
		}
	case "swap":
		want[one].Place, want[other].Place = want[other].Place, want[one].Place
	case "rotate", "shift": // in a shift, the last instance gets a new place
		for i := range want {
			want[i].Place = have[(i+1)%n].Place
		}
		if d.do == "shift" {
			want[n-1].Place = free(have, d.b)
		}
	case "re-key all":
		for i := range want {
			want[i].Name = names[(slices.Index(names, have[i].Name)+1+d.a%2)%len(names)]
			want[i].Alias ^= d.alias & d.b & 1
		}
	case "re-key":
		want[one].Name, want[one].Alias = fresh(have, d.b), d.alias
	case "other provider":
		want[one].Alias ^= 1
	case "take over":
		if one != other {
			want[one].Place = have[other].Place
			next.Want = slices.Delete(want, other, other+1)
		}
	case "remove":
		next.Want = slices.Delete(want, one, one+1)
	case "replace":
		next.Replace = want[one].Name
	case "taint", "taint and rename":
		next.Taint = want[one].Name
		if d.do == "taint and rename" {
			want[one].Place = free(have, d.b)
		}
	case "state mv":
		want[one].Name = fresh(have, d.b)
		next.Move = [2]string{have[one].Name, want[one].Name}
	case "trigger", "dependent fails":
		next.Trigger++
		if d.do == "dependent fails" && s.Before {
			next.Dependent = want[one].Name
		}
	case "duplicate":
		next.Duplicate = &instance{Name: fresh(have, d.b), Alias: want[one].Alias, Place: want[one].Place, Content: d.content}
	}
}
