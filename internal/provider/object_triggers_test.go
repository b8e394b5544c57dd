// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// built returns a configuration that writes content to file in each new build, and the
// object of the file.
func (w *world) built(file, content, build string, more ...string) string {
	return fmt.Sprintf(`
resource "terraform_data" "build" {
  triggers_replace = %q
  provisioner "local-exec" {
    command = "printf %%s '%s' > '%s'"
  }
}
`, build, content, file) + w.object(file, append(more, "triggers = { build = terraform_data.build.id }")...)
}

func TestAccObject_triggers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("built", "stale")
	remove := func() {
		if err := os.Remove(file); err != nil {
			w.Error(err)
		}
	}
	afterApply := unknown("source_hash", "crc64", "content_length", "etag", "version_id", "last_modified")
	sameETag := statecheck.CompareValue(compare.ValuesSame())
	w.test(
		resource.TestStep{ // the file of an earlier checkout exists
			Config:           w.built(file, "hello", "1"),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate), afterApply, kept("id", "content_type")),
			Check:            w.holds("hello", "text/plain"),
		},
		resource.TestStep{
			Config:            w.built(file, "world", "2"),
			ConfigPlanChecks:  planned(action(plancheck.ResourceActionUpdate), afterApply),
			ConfigStateChecks: []statecheck.StateCheck{state("source_hash", knownvalue.StringExact(sha256World)), sameETag.AddStateValue(testAddress, tfjsonpath.New("etag"))},
			Check:             w.holds("world", "text/plain"),
		},
		w.sends(0, resource.TestStep{ // another build of the same bytes
			Config:            w.built(file, "world", "3"),
			ConfigPlanChecks:  planned(action(plancheck.ResourceActionUpdate), afterApply),
			ConfigStateChecks: []statecheck.StateCheck{sameETag.AddStateValue(testAddress, tfjsonpath.New("etag"))},
			PostApplyFunc: func() {
				if n := w.oss.Count(osstest.CopyObject); n > 0 {
					w.Errorf("%d copies", n)
				}
			},
		}),
		resource.TestStep{ // a machine that did not build
			PreConfig: remove,
			Config:    w.built(file, "world", "3"),
			PlanOnly:  true,
		},
		w.sends(0, resource.TestStep{
			Config:           w.built(file, "world", "3", `cache_control = "no-cache"`),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), knownText("source_hash", sha256World)),
			Check:            w.holds("world", "text/plain"),
		}),
	)
}

// A build and a new key in one apply: the object is sent only if the build changed it.
func TestAccObject_triggersRenamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := filepath.Join(w.dir, "built")
	at := func(key, content, build string) string {
		return strings.Replace(w.built(file, content, build), fmt.Sprintf("%q", testKey), fmt.Sprintf("%q", key), 1)
	}
	w.test(
		resource.TestStep{Config: at("first.txt", "hello", "1")},
		w.sends(0, resource.TestStep{
			Config:           at("second.txt", "hello", "2"),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), unknown("source_hash", "etag")),
		}),
		w.sends(5, resource.TestStep{
			Config:           at(testKey, "world", "3"),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), unknown("source_hash", "etag")),
			Check:            w.holds("world", "text/plain"),
		}),
	)
	for _, key := range []string{"first.txt", "second.txt"} {
		if _, exists := w.oss.Object(testBucket, key); exists {
			t.Errorf("%s still exists", key)
		}
	}
}

// After an import, nothing is known about the build.
func TestAccObject_triggersImported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.PutObject(testBucket, testKey, []byte("hello"), nil)
	file := filepath.Join(w.dir, "built")
	w.test(w.sends(0, resource.TestStep{
		Config:           w.built(file, "hello", "1") + importBlock,
		ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), unknown("source_hash", "crc64", "etag")),
		Check:            w.holds("hello", "text/plain"),
	}))
}

var importBlock = fmt.Sprintf(`
import {
  to = %s
  id = "%s/%s"
}
`, testAddress, testBucket, testKey)

// The plan of a new object, and of one that has the content "hello" in the state.
func TestPlan_triggers(t *testing.T) {
	str := func(s string) map[string]tftypes.Value { return map[string]tftypes.Value{"build": text(s)} }
	pending := map[string]tftypes.Value{"build": unknownValue}
	for _, test := range []struct {
		name          string
		content       string // an argument for the content; "" for source
		absent        bool
		before, after map[string]tftypes.Value // triggers; before is nil for a create
		create        bool
		drifted       bool   // OSS has other content than the state, so the hash is not known
		want          string // the planned hash; "" if unknown
		warns         bool
	}{
		{name: "create", create: true, after: str("1")},
		{name: "create without triggers", create: true, want: sha256World},
		{name: "create with an empty map", create: true, after: map[string]tftypes.Value{}, want: sha256World},
		{name: "create, not built yet", create: true, absent: true, after: pending},
		{name: "same", before: str("1"), after: str("1"), want: sha256World},
		{name: "changed", before: str("1"), after: str("2")},
		{name: "not known yet", before: str("1"), after: pending},
		{name: "added", after: str("1")},
		{name: "removed", before: str("1"), want: sha256World},
		{name: "same, absent file", absent: true, before: str("1"), after: str("1"), want: sha256Hello},
		{name: "same, absent file, drifted", absent: true, drifted: true, before: str("1"), after: str("1"), warns: true},
		{name: "changed, absent file", absent: true, before: str("1"), after: str("2")},
		{name: "removed, absent file", absent: true, before: str("1"), warns: true},
		{name: "content", content: "content", create: true, after: pending, want: sha256World},
		{name: "content, changed", content: "content", before: str("1"), after: str("2"), want: sha256World},
		{name: "source_hash", content: "source_hash", create: true, after: pending, want: sha256World},
		{name: "source_hash, changed", content: "source_hash", absent: true, before: str("1"), after: str("2"), want: sha256World},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			s := w.serve(nil)
			file := filepath.Join(w.dir, "file")
			if !test.absent {
				w.write("file", "world")
			}
			config := objectConfig(file)
			switch test.content {
			case "content":
				delete(config, "source")
				config["content"] = text("world")
			case "source_hash":
				config["source_hash"] = text(sha256World)
			}
			triggers := func(values map[string]tftypes.Value) tftypes.Value {
				typ := tftypes.Map{ElementType: tftypes.String}
				if values == nil {
					return tftypes.NewValue(typ, nil)
				}
				return tftypes.NewValue(typ, values)
			}
			config["triggers"] = triggers(test.after)
			var resp *tfprotov6.PlanResourceChangeResponse
			if test.create {
				resp = s.planCreate(config)
			} else {
				prior := maps.Clone(config)
				prior["triggers"] = triggers(test.before)
				prior["source_hash"], prior["etag"] = text(sha256Hello), text("etag")
				prior["content_type"] = text("text/plain")
				if test.drifted {
					delete(prior, "source_hash")
				}
				proposed := maps.Clone(prior)
				maps.Copy(proposed, config)
				var err error
				resp, err = s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
					TypeName: typeName, PriorState: s.encode(prior), ProposedNewState: s.encode(proposed), Config: s.encode(config),
				})
				s.check(err, nil)
			}
			s.check(nil, resp.Diagnostics)
			if warned := len(resp.Diagnostics) > 0; warned != test.warns {
				t.Errorf("diagnostics: %s", show(resp.Diagnostics))
			}
			planned := s.attributes(resp.PlannedState)
			var hash string
			if planned["source_hash"].IsKnown() {
				s.check(planned["source_hash"].As(&hash), nil)
			}
			if hash != test.want {
				t.Errorf("planned hash %q, want %q", hash, test.want)
			}
			if written := !planned["etag"].IsKnown(); written != (test.want != sha256Hello) {
				t.Errorf("planned ETag: unknown %t", written)
			}
		})
	}
}
