// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// generator returns a resource that writes content to file during the apply. Its
// output, the hash of the content, is unknown before.
func generator(file, content, hash string) string {
	return fmt.Sprintf(`
resource "terraform_data" "generator" {
  input            = %q
  triggers_replace = %q
  provisioner "local-exec" {
    command = "printf %%s '%s' > '%s'"
  }
}
`, hash, content, content, file)
}

// The path is known, but the content is not, even if the file exists at plan.
func TestAccObject_sourceCreatedInSameApply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := filepath.Join(w.dir, "generated")
	config := func(content, hash string) string {
		return generator(file, content, hash) + w.object(file, "source_hash = terraform_data.generator.output")
	}
	allUnknown := unknown("source_hash", "crc64", "content_length", "etag", "version_id", "last_modified")
	w.test(
		resource.TestStep{
			Config:            config("hello", sha256Hello),
			ConfigPlanChecks:  planned(action(plancheck.ResourceActionCreate), allUnknown),
			ConfigStateChecks: []statecheck.StateCheck{state("source_hash", knownvalue.StringExact(sha256Hello))},
			Check:             w.holds("hello", "text/plain"),
		},
		resource.TestStep{ // now the file exists at plan, with the old content
			Config:           config("world", sha256World),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), allUnknown),
			Check:            w.holds("world", "text/plain"),
		},
	)
}

func TestAccObject_unknownSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := filepath.Join(w.dir, "generated")
	w.test(resource.TestStep{
		Config: generator(file, "hello", file) + w.providerBlock() + w.resource("source = terraform_data.generator.output"),
		ConfigPlanChecks: planned(
			action(plancheck.ResourceActionCreate),
			unknown("source", "source_hash", "crc64", "content_length", "etag"),
			kept("id", "content_type"),
		),
		Check: w.holds("hello", "text/plain"),
	})
}

func TestAccObject_absentSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := filepath.Join(w.dir, "generated")
	dependent := w.object(file, "depends_on = [terraform_data.generator]")
	w.test(
		resource.TestStep{
			Config:      w.object(filepath.Join(w.dir, "never")),
			ExpectError: says("Source file does not exist"),
		},
		resource.TestStep{
			Config:           generator(file, "hello", "") + dependent,
			ConfigPlanChecks: planned(unknown("source_hash", "crc64", "content_length", "etag")),
			Check:            w.holds("hello", "text/plain"),
		},
	)
}

// A plan with source_hash needs no file and reads nothing.
func TestAccObject_sourceHashOfAbsentFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := filepath.Join(w.dir, "generated")
	config := w.object(file, fmt.Sprintf("source_hash = %q", sha256Hello))
	w.test(
		resource.TestStep{
			Config:             config,
			PlanOnly:           true,
			ExpectNonEmptyPlan: true,
		},
		resource.TestStep{
			PreConfig:        func() { w.write("generated", "hello") },
			Config:           config,
			ConfigPlanChecks: planned(knownText("source_hash", sha256Hello), unknown("crc64", "content_length")),
			Check:            w.holds("hello", "text/plain"),
		},
	)
}

// The region is an attribute of a resource, so there is no client at plan.
func TestAccProvider_unknownRegion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := regexp.MustCompile(`"cn-hangzhou"`).ReplaceAllString(w.providerBlock(), "terraform_data.region.output")
	w.test(resource.TestStep{
		Config: `resource "terraform_data" "region" { input = "cn-hangzhou" }` + provider +
			w.resource(fmt.Sprintf("source = %q", w.write("file", "hello"))),
		ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate), knownText("source_hash", sha256Hello)),
		Check:            w.holds("hello", "text/plain"),
	})
}
