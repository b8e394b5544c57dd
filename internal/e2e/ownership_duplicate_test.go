// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// Two resources with one bucket and key, and different bytes, would overwrite each other at
// each apply. The plan fails, names both, and sends nothing.
func TestOwnership_twoResourcesOnOneKey(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	a, b := w.file("a.img"), w.file("b.img")
	w.configure(block("a", "k0", a), block("b", "k0", b))
	for _, command := range [][]string{{"plan"}, {"apply", "-auto-approve"}} {
		out := w.run(append(command, "-input=false", "-no-color")...)
		if out.ExitCode != 1 {
			t.Errorf("%s: exit status %d\n%s", command[0], out.ExitCode, out.Text)
		}
		w.checkNamesBoth(out.Text, a, b)
		if n := w.writes(); n != 0 {
			t.Errorf("%s sent %d requests that write", command[0], n)
		}
	}

	// With different keys, the apply succeeds, and both are in the state.
	w.configure(block("a", "k0", a), block("b", "k1", b))
	w.converge()
	w.configure(block("a", "k0", a), block("b", "k0", b))
	out := w.run("plan", "-input=false", "-no-color")
	if out.ExitCode != 1 {
		t.Errorf("plan of a rename: exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.checkNamesBoth(out.Text, a, b)
}

// checkNamesBoth checks for an error that names the key and two resources, each by its
// address or its source.
func (w *world) checkNamesBoth(text, a, b string) {
	w.t.Helper()
	_, text, found := strings.Cut(text, "Error: ")
	for _, names := range [][]string{{bucket + "/k0"}, {a, "ossresumable_object.a"}, {b, "ossresumable_object.b"}} {
		if !found || !slices.ContainsFunc(names, func(name string) bool { return says(text, name) }) {
			w.t.Errorf("no error names %s", names[0])
		}
	}
}

// A key moves from a resource that is removed to another one, and an object is replaced. At
// no time do two resources have the key.
func TestOwnership_oneKeyAfterAnother(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	a, b := w.file("a.img"), w.file("b.img")
	w.begin(block("a", "k0", a))
	w.configure(block("b", "k0", b))
	w.check(w.plan(), "1 to add, 0 to change, 1 to destroy")
	w.converge()
	w.check(w.plan("-replace=ossresumable_object.b"), "1 to add, 0 to change, 1 to destroy")
	if out := w.run("apply", "-auto-approve", "-input=false", "-no-color", "-replace=ossresumable_object.b"); out.ExitCode != 0 {
		t.Errorf("apply -replace: exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.checkOwned()
	w.configure(block("b", "k1", b), block("a", "k0", a)) // moves away, and another one takes the place
	w.converge()
}
