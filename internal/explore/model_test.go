// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Package explore runs random sequences of configuration changes, changes of other programs
// in OSS, and faults, with real Terraform processes. After each step, it compares OSS and
// the files with a model, to find steps that lose an object, an upload or a file. It
// contains only tests.
package explore

import (
	"fmt"
	"slices"
	"strings"
)

const (
	maxInstances = 4
	keys         = 3
	buckets      = 2
	contents     = 4
)

// names are the possible names of instances. There are more names than instances, so that
// an instance can get an unused name.
var names = []string{"a", "b", "c", "d", "e", "f"}

// place is the bucket and key of an object.
type place struct{ Bucket, Key int }

func (p place) String() string      { return fmt.Sprintf("b%d/k%d", p.Bucket, p.Key) }
func (p place) bucket() string      { return fmt.Sprintf("bucket-%d", p.Bucket) }
func (p place) key() string         { return fmt.Sprintf("dir/k%d", p.Key) }
func (p place) is(b, k string) bool { return p.bucket() == b && p.key() == k }

func allPlaces() (places []place) {
	for n := range buckets * keys {
		places = append(places, place{n % buckets, n / buckets})
	}
	return places
}

// instance is a resource instance of the configuration.
type instance struct {
	Name    string
	Alias   int // of the provider: 0 or 1, each a separate process
	Place   place
	Content int
}

func (i instance) String() string {
	return fmt.Sprintf("%s(provider %d, %s, content %d)", i.Name, i.Alias, i.Place, i.Content)
}

// setup is the part of the configuration that does not change in a sequence.
type setup struct {
	ForEach bool // uses instances of two resources instead of separate resources
	Before  bool // create_before_destroy, with replace_triggered_by

	Versioned bool // the second bucket has versioning
}

// step is a change, followed by applies.
type step struct {
	Do      string     // description
	Want    []instance // the whole configuration
	Trigger int        // of replace_triggered_by

	Outside   *outside `json:",omitempty"` // change of another program in OSS
	Between   bool     `json:",omitempty"` // between plan and apply instead of before the plan
	Lose      bool     `json:",omitempty"` // lose the checkpoint directory before the first apply
	LoseAfter bool     `json:",omitempty"` // or after it

	Taint     string    `json:",omitempty"`
	Move      [2]string `json:",omitzero"` // state mv
	Target    string    `json:",omitempty"`
	Replace   string    `json:",omitempty"`
	NoRefresh bool      `json:",omitempty"`
	Dependent string    `json:",omitempty"` // a resource that depends on this instance fails
	Duplicate *instance `json:",omitempty"` // applied first, and then removed again

	Fault *fault `json:",omitempty"` // during the first apply
}

// sequence is a test.
type sequence struct {
	Setup setup
	Steps []step
}

func (s step) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %v", s.Do, s.Want)
	note := func(name, value string) {
		if value != "" && value != "false" {
			fmt.Fprintf(&b, "; %s %s", name, value)
		}
	}
	if s.Trigger > 0 {
		note("trigger", fmt.Sprint(s.Trigger))
	}
	if s.Outside != nil {
		note(map[bool]string{false: "outsider", true: "between plan and apply, outsider"}[s.Between], s.Outside.String())
	}
	note("taint", s.Taint)
	if s.Move != [2]string{} {
		note("state mv", fmt.Sprint(s.Move))
	}
	note("-target", s.Target)
	note("-replace", s.Replace)
	note("-refresh=false", fmt.Sprint(s.NoRefresh))
	note("dependent fails on", s.Dependent)
	if s.Duplicate != nil {
		note("duplicate", s.Duplicate.String())
	}
	note("checkpoint directory lost before", fmt.Sprint(s.Lose))
	note("checkpoint directory lost after the first apply", fmt.Sprint(s.LoseAfter))
	if s.Fault != nil {
		note("fault", s.Fault.String())
	}
	return b.String()
}

func (s sequence) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "for_each: %t, create_before_destroy: %t, second bucket versioned: %t\n", s.Setup.ForEach, s.Setup.Before, s.Setup.Versioned)
	for n, step := range s.Steps {
		fmt.Fprintf(&b, "%d. %s\n", n+1, step)
	}
	return b.String()
}

// plain reports whether the first apply of the step is an ordinary one.
func (s step) plain() bool {
	return s.whole() && s.Replace == "" && s.Fault == nil && !s.LoseAfter
}

// whole reports whether everything is as configured after the first apply succeeds.
func (s step) whole() bool { return s.Target == "" && s.Dependent == "" && !s.NoRefresh && !s.Between }

// unseen reports whether OSS was changed after the last refresh.
func (s step) unseen() bool { return s.Outside != nil && (s.Between || s.NoRefresh) }

// killed reports whether the first apply is killed.
func (s step) killed() bool {
	return s.Fault != nil && (s.Fault.Do == killed || s.Fault.Do == killedDone)
}

func placesOf(instances []instance) (places []place) {
	for _, i := range instances {
		places = append(places, i.Place)
	}
	return places
}

func find(instances []instance, name string) (instance, bool) {
	n := slices.IndexFunc(instances, func(i instance) bool { return i.Name == name })
	if n < 0 {
		return instance{}, false
	}
	return instances[n], true
}

// resource returns the name of the resource for the instances of a provider.
func resource(alias int) string { return [...]string{"one", "two"}[alias] }

func provider(alias int) string { return [...]string{"ossresumable", "ossresumable.two"}[alias] }

// address returns the Terraform address of the instance.
func (s setup) address(i instance) string {
	if s.ForEach {
		return fmt.Sprintf("ossresumable_object.%s[%q]", resource(i.Alias), i.Name)
	}
	return "ossresumable_object." + i.Name
}

const head = `
terraform {
  required_providers {
    ossresumable = {
      source = "ossresumable/ossresumable"
    }
  }
}

provider "ossresumable" {
  part_size           = 102400
  multipart_threshold = 102400
}

provider "ossresumable" {
  alias               = "two"
  part_size           = 102400
  multipart_threshold = 102400
}
`

// config returns the configuration of the instances. If dependent is set, a resource that
// depends on it fails when Terraform knows the ETag of the object.
func (s setup) config(instances []instance, trigger int, dependent string) string {
	var b strings.Builder
	b.WriteString(head)
	lifecycle := ""
	if s.Before {
		fmt.Fprintf(&b, "resource \"terraform_data\" \"trigger\" {\n  input = %d\n}\n", trigger)
		lifecycle = "  lifecycle {\n    create_before_destroy = true\n    replace_triggered_by = [terraform_data.trigger]\n  }\n"
	}
	if s.ForEach {
		for alias := range 2 {
			fmt.Fprintf(&b, "resource \"ossresumable_object\" %q {\n  provider = %s\n  for_each = {\n", resource(alias), provider(alias))
			for _, i := range instances {
				if i.Alias == alias {
					fmt.Fprintf(&b, "    %s = { bucket = %q, key = %q }\n", i.Name, i.Place.bucket(), i.Place.key())
				}
			}
			b.WriteString("  }\n  bucket = each.value.bucket\n  key = each.value.key\n  source = \"${each.key}.bin\"\n" + lifecycle + "}\n")
		}
	} else {
		for _, i := range instances {
			fmt.Fprintf(&b, "resource \"ossresumable_object\" %q {\n  provider = %s\n  bucket = %q\n  key = %q\n  source = \"%s.bin\"\n%s}\n",
				i.Name, provider(i.Alias), i.Place.bucket(), i.Place.key(), i.Name, lifecycle)
		}
	}
	if i, ok := find(instances, dependent); ok {
		fmt.Fprintf(&b, "resource \"terraform_data\" \"dependent\" {\n  lifecycle {\n    precondition {\n"+
			"      condition     = %s.etag == \"never\"\n      error_message = \"The dependent fails.\"\n    }\n  }\n}\n", s.address(i))
	}
	return b.String()
}
