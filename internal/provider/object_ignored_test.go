// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

func ignoring(changes string) string {
	return fmt.Sprintf("lifecycle {\n    ignore_changes = %s\n  }", changes)
}

func TestAccObject_ignoresAllChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	unchanged := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	w.test(
		resource.TestStep{Config: w.object(file, ignoring("all"))},
		w.sends(0, resource.TestStep{
			PreConfig:        w.deploy("deployed"),
			Config:           w.object(file, ignoring("all")),
			ConfigPlanChecks: unchanged,
			Check:            w.holds("deployed", "text/plain"),
		}),
		w.sends(0, resource.TestStep{
			PreConfig:        func() { w.write("file", "world"); w.oss.SetHeader(testBucket, testKey, "Content-Type", "text/html") },
			Config:           w.object(file, ignoring("all"), `cache_control = "no-cache"`),
			ConfigPlanChecks: unchanged,
			Check:            w.holds("deployed", "text/html"),
		}),
		w.sends(5, resource.TestStep{
			Config:           w.object(file),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), knownText("source_hash", sha256World)),
			Check:            w.holds("world", "text/plain"),
		}),
	)
}

// A replacement creates the object again. By then, the object of the program that
// deploys is deleted, and only the source is left.
func TestAccObject_ignoresAllChangesReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	w.test(
		resource.TestStep{Config: w.object(file, ignoring("all"))},
		resource.TestStep{
			PreConfig: func() { w.write("file", "world") },
			Taint:     []string{testAddress},
			Config:    w.object(file, ignoring("all")),
			Check:     w.holds("world", "text/plain"),
		},
	)
}

func TestAccObject_ignoredImport(t *testing.T) {
	t.Parallel()
	for _, changes := range []string{"all", "[source]", "[source, source_hash]"} {
		t.Run(changes, func(t *testing.T) {
			w := newWorld(t)
			w.deploy("deployed")()
			file := w.write("file", "hello")
			w.test(
				w.sends(0, resource.TestStep{
					Config:           w.object(file, ignoring(changes)) + importBlock,
					ConfigPlanChecks: planned(),
					Check:            w.holds("deployed", "text/plain"),
				}),
				w.sends(0, resource.TestStep{
					PreConfig: w.deploy("deployed again"),
					Config:    w.object(file, ignoring(changes)),
					Check:     w.holds("deployed again", "text/plain"),
				}),
			)
		})
	}
}

func TestAccObject_idCannotBeSet(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"known": `"test-bucket/key"`, "unknown": "terraform_data.id.output"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.test(resource.TestStep{
				Config:      w.object(w.write("file", "hello"), "id = "+value) + `resource "terraform_data" "id" { input = "x" }`,
				ExpectError: says("Attribute id must not be set"),
			})
		})
	}
}
