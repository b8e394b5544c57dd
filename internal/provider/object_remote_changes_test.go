// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const keep = `remote_changes = "keep"`

// deploy writes an object as a program that knows nothing of Terraform does: without the
// mark and the headers of the resource.
func (w *world) deploy(content string) func() {
	return func() {
		w.oss.PutObject(testBucket, testKey, []byte(content), http.Header{"Content-Type": {"text/plain"}})
	}
}

func TestAccObject_remoteChangesKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	w.test(
		resource.TestStep{Config: w.object(file, keep), Check: w.holds("hello", "text/plain")},
		w.sends(0, resource.TestStep{
			PreConfig:        w.deploy("deployed"),
			Config:           w.object(file, keep),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionNoop)),
			ConfigStateChecks: []statecheck.StateCheck{
				state("source_hash", knownvalue.StringExact(sha256Hello)),
				state("content_length", knownvalue.Int64Exact(8)),
			},
			Check: w.holds("deployed", "text/plain"),
		}),
		w.sends(0, resource.TestStep{ // a copy with other headers
			Config:           w.object(file, keep, `cache_control = "no-cache"`),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), known("content_length", knownvalue.Int64Exact(8))),
			Check:            w.holds("deployed", "text/plain"),
		}),
		w.sends(5, resource.TestStep{
			PreConfig:        func() { w.write("file", "world") },
			Config:           w.object(file, keep),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), knownText("source_hash", sha256World)),
			Check:            w.holds("world", "text/plain"),
		}),
		w.sends(5, resource.TestStep{
			PreConfig:        w.deploy("again"),
			Config:           w.object(file),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), knownText("source_hash", sha256World), unknown("etag")),
			Check:            w.holds("world", "text/plain"),
		}),
	)
}

// The refresh sees the content of another program first, and the argument is removed
// later. The hash in the state must not hide that the content differs.
func TestAccObject_remoteChangesReverted(t *testing.T) {
	t.Parallel()
	for name, hash := range map[string]string{"file read": "", "file not read": fmt.Sprintf("source_hash = %q", sha256Hello)} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			file := w.write("file", "hello")
			w.test(
				resource.TestStep{Config: w.object(file, keep, hash)},
				resource.TestStep{PreConfig: w.deploy("deployed"), RefreshState: true},
				w.sends(0, resource.TestStep{Config: w.object(file, keep, hash), Check: w.holds("deployed", "text/plain")}),
				w.sends(5, resource.TestStep{
					Config:           w.object(file, hash, `remote_changes = "revert"`),
					ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), unknown("etag")),
					Check:            w.holds("hello", "text/plain"),
				}),
			)
		})
	}
}

// The plan that adds the argument is also the first one to see the content.
func TestAccObject_remoteChangesKeptLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	w.test(
		resource.TestStep{Config: w.object(file)},
		w.sends(0, resource.TestStep{
			PreConfig: w.deploy("deployed"),
			Config:    w.object(file, keep),
			Check:     w.holds("deployed", "text/plain"),
		}),
		w.sends(5, resource.TestStep{
			PreConfig: func() { w.write("file", "world") },
			Config:    w.object(file, keep),
			Check:     w.holds("world", "text/plain"),
		}),
	)
}

func TestAccObject_remoteChangesImported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.deploy("deployed")()
	file := w.write("file", "hello")
	w.test(
		w.sends(0, resource.TestStep{
			Config: w.object(file, keep) + importBlock,
			Check:  w.holds("deployed", "text/plain"),
		}),
		w.sends(5, resource.TestStep{
			Config:           w.object(file),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), unknown("etag")),
			Check:            w.holds("hello", "text/plain"),
		}),
	)
}

// A rename copies what was deployed, and not the source.
func TestAccObject_remoteChangesRenamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	config := w.object(file, keep)
	const old = "old.txt"
	w.test(
		resource.TestStep{Config: strings.Replace(config, fmt.Sprintf("%q", testKey), fmt.Sprintf("%q", old), 1)},
		w.sends(0, resource.TestStep{
			PreConfig: func() { w.oss.PutObject(testBucket, old, []byte("deployed"), nil) },
			Config:    config,
			Check:     w.holds("deployed", "text/plain"),
		}),
	)
	if _, exists := w.oss.Object(testBucket, old); exists {
		t.Error("the old object still exists")
	}
}

// If OSS refuses the copy, the source must not take the place of what was deployed.
func TestAccObject_remoteChangesRenameRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	config := w.object(file, keep)
	w.testThen(
		func() error { return w.holds("deployed", "text/plain")(nil) },
		resource.TestStep{Config: strings.Replace(config, "{\n  bucket", "{\n  deletion_policy = \"retain\"\n  bucket", 1)},
		w.sends(0, resource.TestStep{
			PreConfig: func() {
				w.deploy("deployed")()
				w.oss.AddRule(osstest.Rule{Op: osstest.CopyObject, Fault: osstest.Refuse(http.StatusForbidden, "AccessDenied")})
			},
			Config:      strings.Replace(config, fmt.Sprintf("%q", testKey), `"new.txt"`, 1),
			ExpectError: says("AccessDenied"),
		}),
		resource.TestStep{Config: strings.Replace(config, "{\n  bucket", "{\n  deletion_policy = \"retain\"\n  bucket", 1)},
	)
	if _, exists := w.oss.Object(testBucket, "new.txt"); exists {
		t.Error("the rename has sent the source")
	}
}

// A new build of an unchanged source leaves what was deployed.
func TestAccObject_remoteChangesTriggered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "")
	w.test(
		resource.TestStep{Config: w.built(file, "hello", "1", keep)},
		w.sends(0, resource.TestStep{
			PreConfig:        w.deploy("deployed"),
			Config:           w.built(file, "hello", "2", keep),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), unknown("source_hash", "etag")),
			Check:            w.holds("deployed", "text/plain"),
		}),
		w.sends(5, resource.TestStep{
			Config: w.built(file, "world", "3", keep),
			Check:  w.holds("world", "text/plain"),
		}),
	)
}

// Another program writes the object between the last refresh and the destroy. With
// "keep", that is expected.
func TestDelete_remoteChanges(t *testing.T) {
	for _, test := range []struct {
		remoteChanges, policy string
		stays                 bool
	}{
		{remoteRevert, policyDelete, true},
		{remoteKeep, policyDelete, false},
		{remoteKeep, policyDeleteAllVersions, false},
		{remoteKeep, policyDeleteVersion, true},
		{remoteKeep, policyRetain, true},
	} {
		t.Run(test.remoteChanges+", "+test.policy, func(t *testing.T) {
			w := newWorld(t)
			s := w.serve(nil)
			config := objectConfig(w.write("file", "hello"))
			config["remote_changes"], config["deletion_policy"] = text(test.remoteChanges), text(test.policy)
			created := s.applyCreate(t.Context(), config, s.planCreate(config).PlannedState)
			s.check(nil, created.Diagnostics)
			w.deploy("deployed")()
			deleted, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: typeName, PriorState: created.NewState, PlannedState: s.none(), Config: s.none(), PlannedPrivate: created.Private,
			})
			s.check(err, deleted.Diagnostics)
			if _, stays := w.oss.Object(testBucket, testKey); stays != test.stays {
				t.Errorf("the object exists: %t", stays)
			}
			if warned := len(deleted.Diagnostics) > 0; warned != test.stays {
				t.Errorf("diagnostics: %s", show(deleted.Diagnostics))
			}
		})
	}
}

func TestAccObject_remoteChangesInvalid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.test(resource.TestStep{
		Config:      w.object(w.write("file", "hello"), `remote_changes = "ignore"`),
		ExpectError: says(`value must be one of: ["revert" "keep"]`),
	})
}
