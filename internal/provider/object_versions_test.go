// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// These tests check versions without a destroy.

// A delete marker is not an object. The next apply creates the object again as a newer
// version.
func TestAccObject_deleteMarker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.SetVersioning(testBucket, "Enabled")
	config := w.object(w.write("file", "hello"))
	w.testThen(w.holdsVersions("hello marker hello marker"),
		resource.TestStep{Config: config},
		w.sends(5, resource.TestStep{
			PreConfig:        func() { w.oss.DeleteObject(testBucket, testKey) },
			Config:           config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate)),
			Check:            w.holds("hello", "text/plain"),
		}),
	)
}

// Another program writes a new version. Equal content is not a change. Other content is
// replaced.
func TestAccObject_overwrittenInVersionedBucket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.SetVersioning(testBucket, "Enabled")
	config := w.object(w.write("file", "hello"))
	var theirs string // version ID
	put := func(content string) func() {
		return func() {
			theirs = w.oss.PutObject(testBucket, testKey, []byte(content), http.Header{"Content-Type": {"text/plain"}}).VersionID
		}
	}
	isTheirs := knownvalue.StringFunc(func(id string) error { return knownvalue.StringExact(theirs).CheckValue(id) })
	w.testThen(w.holdsVersions("hello hello olleh hello marker"),
		resource.TestStep{Config: config},
		w.sends(0, resource.TestStep{
			PreConfig:         put("hello"),
			Config:            config,
			ConfigPlanChecks:  planned(plancheck.ExpectEmptyPlan()),
			ConfigStateChecks: []statecheck.StateCheck{state("version_id", isTheirs), state("source_hash", knownvalue.StringExact(sha256Hello))},
		}),
		w.sends(5, resource.TestStep{
			PreConfig:        put("olleh"),
			Config:           config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), knownText("source_hash", sha256Hello), unknown("version_id")),
		}),
	)
}

// In a bucket with suspended versioning, each write is the version "null".
func TestAccObject_suspendedBucket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.SetVersioning(testBucket, "Suspended")
	file := w.write("file", "hello")
	null := []statecheck.StateCheck{state("version_id", knownvalue.StringExact("null"))}
	w.testThen(w.holdsVersions("marker"),
		resource.TestStep{Config: w.object(file), ConfigPlanChecks: planned(unknown("version_id")), ConfigStateChecks: null},
		resource.TestStep{Config: w.object(file, `cache_control = "no-cache"`), ConfigPlanChecks: planned(unknown("version_id")), ConfigStateChecks: null},
		resource.TestStep{
			PreConfig: func() { w.write("file", "world") }, Config: w.object(file),
			ConfigPlanChecks: planned(unknown("version_id")), ConfigStateChecks: null,
		},
	)
}

// If answers are lost, each write still makes one version, and a destroy makes one
// delete marker.
func TestAccObject_answerLostInVersionedBucket(t *testing.T) {
	for name, fault := range map[string]osstest.Fault{"lost": osstest.LoseAnswer(), "cut": osstest.CutAnswer(10)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.oss.SetVersioning(testBucket, "Enabled")
			file := w.write("file", "hello")
			for _, op := range []osstest.Op{osstest.PutObject, osstest.CopyObject, osstest.DeleteObject} {
				w.oss.AddRule(osstest.Rule{Op: op, Times: 1, Fault: fault})
			}
			w.testThen(w.holdsVersions("hello hello world marker"),
				resource.TestStep{Config: w.object(file), ConfigPlanChecks: planned()},
				resource.TestStep{Config: w.object(file, `cache_control = "no-cache"`), ConfigPlanChecks: planned(unknown("version_id"))},
				resource.TestStep{
					PreConfig: func() { w.write("file", "world") },
					Config:    w.object(file, `cache_control = "no-cache"`), ConfigPlanChecks: planned(unknown("version_id")),
				},
			)
		})
	}
}
