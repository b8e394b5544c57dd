// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Package explore looks for sequences of steps after which an object, an upload
// or a file is lost: changes of the configuration, what others do in OSS, and
// faults, in any order, under real Terraform processes. After each step a model
// says what must be there. It holds tests only.
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

// names are those that instances may have: more than there are instances, so
// that one can get a name that no other has.
var names = []string{"a", "b", "c", "d", "e", "f"}

// place is where an object lies.
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
	Alias   int // of the provider: 0 or 1, each a process of its own
	Place   place
	Content int
}

func (i instance) String() string {
	return fmt.Sprintf("%s(provider %d, %s, content %d)", i.Name, i.Alias, i.Place, i.Content)
}

// setup is what stays the same in a sequence.
type setup struct {
	ForEach bool // instances of two resources, not resources of their own
	Before  bool // create_before_destroy, with replace_triggered_by

	Versioned bool // the second bucket is
}

// step changes the configuration, and perhaps more, and applies.
type step struct {
	Do      string     // what the generator meant, for the reader
	Want    []instance // the whole configuration
	Trigger int        // of replace_triggered_by

	Outside   *outside `json:",omitempty"` // what others do in OSS
	Between   bool     `json:",omitempty"` // between plan and apply, not before
	Lose      bool     `json:",omitempty"` // the checkpoint directory is lost before
	LoseAfter bool     `json:",omitempty"` // ... or after the first apply

	Taint     string    `json:",omitempty"`
	Move      [2]string `json:",omitzero"` // state mv
	Target    string    `json:",omitempty"`
	Replace   string    `json:",omitempty"`
	NoRefresh bool      `json:",omitempty"`
	Dependent string    `json:",omitempty"` // what depends on this instance fails
	Duplicate *instance `json:",omitempty"` // applied first, and taken back

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

// plain tells that the first apply of the step is an ordinary one.
func (s step) plain() bool {
	return s.whole() && s.Replace == "" && s.Fault == nil && !s.LoseAfter
}

// whole tells that when the first apply succeeds, all is as configured.
func (s step) whole() bool { return s.Target == "" && s.Dependent == "" && !s.NoRefresh && !s.Between }

// unseen tells that something was done in OSS that no refresh has seen.
func (s step) unseen() bool { return s.Outside != nil && (s.Between || s.NoRefresh) }

// killed tells that the first apply is killed.
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

// resource is the name of the resource that the instances of a provider share.
func resource(alias int) string { return [...]string{"one", "two"}[alias] }

func provider(alias int) string { return [...]string{"ossresumable", "ossresumable.two"}[alias] }

// address is the instance's, as Terraform names it.
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

// config is the configuration of these instances. What depends on dependent, if
// there is one, fails once Terraform knows the object's ETag.
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
