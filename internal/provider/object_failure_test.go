// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

func TestAccObject_failedCreateLeavesNoState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"))
	w.test(
		resource.TestStep{
			PreConfig: func() {
				w.oss.AddRule(osstest.Rule{Op: osstest.PutObject, Fault: osstest.Refuse(403, "AccessDenied")})
			},
			Config:      config,
			ExpectError: says("Access denied ... oss://test-bucket/dir/file.txt ... oss:PutObject"),
		},
		resource.TestStep{
			PreConfig:        w.oss.ClearRules,
			Config:           config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate)), // a tainted object would be replaced
		},
	)
}

func TestAccObject_failedUpdateKeepsPriorState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"))
	again := planned(action(plancheck.ResourceActionUpdate), knownText("source_hash", sha256World), unknown("etag"))
	w.test(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				w.write("file", "world")
				w.oss.AddRule(osstest.Rule{Op: osstest.PutObject, Fault: osstest.Refuse(403, "AccessDenied")})
			},
			Config:      config,
			ExpectError: says("Access denied"),
		},
		resource.TestStep{
			PreConfig:        w.oss.ClearRules,
			Config:           config,
			ConfigPlanChecks: again,
			Check:            w.holds("world", "text/plain"),
		},
	)
}

func TestAccObject_failedHeaderChangeKeepsPriorState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	config := w.object(file, `content_type = "text/html"`)
	w.test(
		resource.TestStep{Config: w.object(file)},
		resource.TestStep{
			PreConfig: func() {
				w.oss.AddRule(osstest.Rule{Op: osstest.CopyObject, Fault: osstest.Refuse(403, "AccessDenied")})
			},
			Config:      config,
			ExpectError: says("Access denied"),
		},
		w.sends(0, resource.TestStep{
			PreConfig:        w.oss.ClearRules,
			Config:           config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate)),
			Check:            w.holds("hello", "text/html"),
		}),
	)
}

func TestAccObject_timeout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.test(resource.TestStep{
		Config:      w.object(w.write("file", "hello"), `timeouts { create = "1ns" }`),
		ExpectError: says("Upload timed out ... The checkpoint of the upload is kept"),
	})
}

func TestAccObject_unusableCheckpointDir(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	large := w.write("large", strings.Repeat("x", 102400))
	unusable := fmt.Sprintf("checkpoint_dir = %q\n  multipart_threshold = 102400", filepath.Join(large, "checkpoints"))
	w.test(resource.TestStep{
		Config:      w.object(large, unusable),
		ExpectError: says("Checkpoint directory cannot be used ... checkpoint_dir = ... Nothing was sent"),
	})
	for _, r := range w.oss.Requests() {
		if r.Op.Writes() {
			t.Errorf("the apply sent %v", r)
		}
	}

	// One request needs no checkpoint, neither for a file nor for content. Nor does a
	// copy, or a destroy.
	small := w.write("file", "hello")
	w.test(
		resource.TestStep{Config: w.object(small, unusable), Check: w.holds("hello", "text/plain")},
		resource.TestStep{Config: w.providerBlock() + w.resource(`content = "hi"`, unusable), Check: w.holds("hi", "text/plain")},
		resource.TestStep{Config: strings.Replace(w.providerBlock()+w.resource(`content = "hi"`, unusable), testKey, "renamed", 1)},
	)
}

// The plan must refuse all of these, with an error at the argument.
func TestAccObject_refusedAtPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	replaced := func(from, to string) string {
		return regexp.MustCompile(from).ReplaceAllString(w.object(file), to)
	}
	expect := func(config, text string) resource.TestStep {
		return resource.TestStep{Config: config, PlanOnly: true, ExpectError: says(text)}
	}
	w.test(
		expect(w.object(w.dir), `Source is not a regular file ... source = ... is a directory`),
		expect(replaced(`bucket = .*`, `bucket = "No_Bucket"`), `Attribute bucket must have 3 to 63 lowercase`),
		expect(replaced(`key    = .*`, `key = "/rooted"`), `The key must not begin with '/'`),
		expect(w.object(file, `source_hash = "ABC"`), `Attribute source_hash must be a SHA-256 digest`),
		expect(w.object(file, `part_size = 1`), `Attribute part_size value must be between 102400 and 5368709120`),
		expect(w.object(file, `parallelism = 65`), `Attribute parallelism value must be between 1 and 64`),
		expect(w.object(file, `multipart_threshold = 1`), `Attribute multipart_threshold value must be between`),
		expect(w.object(file, `content_type = ""`), `Attribute content_type must be printable ASCII`),
		expect(w.providerBlock(`part_size = 1`)+w.resource(fmt.Sprintf("source = %q", file)), `Attribute part_size value must be between`),
		expect(replaced(`region .*`, ""), `Missing region`),
		expect(replaced(`secret_key .*`, ""), `secret_key is not set`),
		expect(replaced(`endpoint .*`, `endpoint = "ftp://example.com"`), `The endpoint must have the scheme https or http`),
	)
}

func TestAccObject_sourceHashMismatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.test(resource.TestStep{
		Config:      w.object(w.write("file", "hello"), fmt.Sprintf("source_hash = %q", sha256World)),
		ExpectError: says("Source file does not match the plan ... " + sha256Hello + " ... " + sha256World),
	})
}
