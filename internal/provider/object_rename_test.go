// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const otherKey = "other dir/page+.html"

// elsewhere returns a configuration with the other key.
func elsewhere(config string) string { return strings.ReplaceAll(config, testKey, otherKey) }

// places checks the content at the two keys. "" means no object.
func (w *world) places(here, there string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if gotHere, gotThere := w.versions(testKey), w.versions(otherKey); gotHere != here || gotThere != there {
			return fmt.Errorf("OSS holds %q and %q, want %q and %q", gotHere, gotThere, here, there)
		}
		return nil
	}
}

// A new key is a copy inside OSS with all attributes of the configuration. The file is not
// needed.
func TestAccObject_renamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	config := w.object(file, `metadata = { a = "b" }`, `tags = { "c d" = "e" }`, `acl = "private"`,
		`storage_class = "IA"`, `server_side_encryption = "AES256"`, `forbid_overwrite = true`)
	w.test(
		resource.TestStep{Config: config},
		w.sends(0, resource.TestStep{
			PreConfig: func() {
				if err := os.Remove(file); err != nil { // as on another machine: see source_hash
					t.Error(err)
				}
			},
			Config: elsewhere(strings.Replace(config, "metadata", fmt.Sprintf("source_hash = %q\n  metadata", sha256Hello), 1)),
			ConfigPlanChecks: planned(
				action(plancheck.ResourceActionUpdate),
				knownText("id", testBucket+"/"+otherKey), knownText("content_type", "text/html"), knownText("storage_class", "IA"),
				kept("source_hash", "crc64", "content_length"),
				unknown("etag", "version_id", "last_modified"),
			),
			Check: func(*terraform.State) error {
				info, _ := w.oss.Object(testBucket, otherKey)
				got := strings.Join([]string{
					info.Header.Get("Content-Type"), info.Header.Get("x-oss-meta-a"), tagsOf(info), info.ACL,
					info.Header.Get("x-oss-storage-class"), info.Header.Get("x-oss-server-side-encryption"),
				}, "; ")
				if want := "text/html; b; c d=e; private; IA; AES256"; got != want {
					return fmt.Errorf("OSS holds %q, want %q", got, want)
				}
				for _, op := range []osstest.Op{osstest.CopyObject, osstest.DeleteObject} {
					if n := w.oss.Count(op); n != 1 {
						return fmt.Errorf("%d %s", n, op)
					}
				}
				return w.places("", "hello")(nil)
			},
		}),
	)
	if err := w.places("", "")(nil); err != nil {
		t.Error(err)
	}
}

// A new bucket is a rename as well, even if it is known only during the apply.
func TestAccObject_renamedBucket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.CreateBucket("other-bucket")
	config := w.object(w.write("file", "hello"))
	made := `
resource "terraform_data" "bucket" {
  input = "other-bucket"
}
`
	w.test(
		resource.TestStep{Config: config},
		w.sends(0, resource.TestStep{
			Config:           made + strings.Replace(config, `"`+testBucket+`"`, "terraform_data.bucket.output", 1),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), unknown("bucket", "id", "etag"), kept("crc64")),
			ConfigStateChecks: []statecheck.StateCheck{
				state("bucket", knownvalue.StringExact("other-bucket")), state("id", knownvalue.StringExact("other-bucket/"+testKey)),
			},
			Check: w.places("", ""),
		}),
		resource.TestStep{ // turns out to be the same
			Config: strings.Replace(made, "}", "  triggers_replace = 1\n}", 1) +
				strings.Replace(config, `"`+testBucket+`"`, "terraform_data.bucket.output", 1),
			ConfigPlanChecks: planned(unknown("bucket", "id", "etag")),
			Check: func(*terraform.State) error {
				if _, exists := w.oss.Object("other-bucket", testKey); !exists {
					return fmt.Errorf("the object is gone")
				}
				return nil
			},
		},
	)
}

// If the content changes as well, or OSS refuses the copy, the file is sent.
func TestAccObject_renamedWithUpload(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		bytes   string
		lines   string
		prepare func(w *world)
	}{
		"other bytes": {"world", "", func(w *world) { w.write("file", "world") }},
		"refused": {"hello", "", func(w *world) {
			w.oss.AddRule(osstest.Rule{Op: osstest.CopyObject, Fault: osstest.Refuse(403, "AccessDenied")})
		}},
		"archived": {"hello", `storage_class = "Archive"`, func(*world) {}},
		"written by another program in between": {"hello", "", func(w *world) {
			w.oss.AddRule(osstest.Rule{Op: osstest.CopyObject, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
				w.oss.PutObject(testBucket, testKey, []byte("theirs"), nil)
				return osstest.Fault{}
			})})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			config := w.object(w.write("file", "hello"), test.lines)
			here := ""
			if strings.HasPrefix(name, "written") {
				here = "theirs" // the resource does not own it
			}
			w.testThen(func() error { return w.places(here, "")(nil) },
				resource.TestStep{Config: config},
				w.sends(5, resource.TestStep{
					PreConfig:        func() { test.prepare(w) },
					Config:           elsewhere(config),
					ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), unknown("etag")),
					Check:            w.places(here, test.bytes),
				}),
			)
		})
	}
}

// Access to the new key is denied. The provider does not send the file instead.
func TestAccObject_renameFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"))
	w.testThen(func() error { return w.places("", "")(nil) },
		resource.TestStep{Config: config},
		w.sends(0, resource.TestStep{
			PreConfig: func() {
				w.oss.AddRule(osstest.Rule{Op: osstest.CopyObject, Fault: osstest.Refuse(409, "FileImmutable")})
			},
			Config:      elsewhere(config),
			ExpectError: says("FileImmutable"),
		}),
		w.sends(0, resource.TestStep{
			PreConfig:        w.oss.ClearRules,
			Config:           elsewhere(config),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate)),
			Check:            w.places("", "hello"),
		}),
	)
}

// The new key already has an object, with other content or with the same.
func TestAccObject_renamedOntoAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	forbids := w.object(file, "forbid_overwrite = true")
	w.test(
		resource.TestStep{Config: forbids},
		w.sends(0, resource.TestStep{
			PreConfig:   func() { w.oss.PutObject(testBucket, otherKey, []byte("theirs"), nil) },
			Config:      elsewhere(forbids),
			ExpectError: says("Object already exists"),
		}),
		w.sends(0, resource.TestStep{
			PreConfig: func() {
				if err := w.places("hello", "theirs")(nil); err != nil {
					t.Error(err)
				}
				w.oss.PutObject(testBucket, otherKey, []byte("hello"), http.Header{"Content-Type": {"text/css"}})
			},
			Config:           elsewhere(forbids),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate)),
			Check:            w.places("", "hello"),
		}),
		w.sends(0, resource.TestStep{
			PreConfig:        func() { w.oss.PutObject(testBucket, testKey, []byte("theirs"), nil) },
			Config:           w.object(file),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate)),
			Check:            w.places("hello", ""),
		}),
	)
}

// The old object cannot be removed. The error names both objects, and the next apply
// removes the old one or leaves it in OSS.
func TestAccObject_renamedButNotRemoved(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{policyDelete, policyRetain} {
		w := newWorld(t)
		config := w.object(w.write("file", "hello"))
		var allow func()
		left := ""
		if policy == policyRetain {
			left = "hello"
		}
		w.testThen(func() error { return w.places(left, left)(nil) },
			resource.TestStep{Config: config},
			w.sends(0, resource.TestStep{
				PreConfig:   func() { allow = w.oss.DenyActions("oss:DeleteObject") },
				Config:      elsewhere(config),
				ExpectError: says("Old object could not be removed ... AccessDenied ... The object exists at both keys ... deletion_policy"),
			}),
			w.sends(0, resource.TestStep{
				PreConfig: func() {
					if err := w.places("hello", "hello")(nil); err != nil {
						t.Error(err)
					}
					if policy == policyDelete {
						allow()
					}
				},
				Config:           elsewhere(w.object(w.dir+"/file", fmt.Sprintf("deletion_policy = %q", policy))),
				ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate)),
				Check:            w.places(left, "hello"),
				PostApplyFunc: func() {
					if n := w.oss.Count(osstest.CopyObject); n != 0 {
						t.Errorf("%d copies of what is there", n)
					}
					allow()
				},
			}),
		)
	}
}

// After a kill between the removal of the old object and the new state, the next apply
// adopts the copy.
func TestAccObject_renamedWithoutState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"))
	w.test(
		resource.TestStep{Config: config},
		w.sends(0, resource.TestStep{
			PreConfig: func() {
				w.oss.PutObject(testBucket, otherKey, []byte("hello"), http.Header{"Content-Type": {"text/html"}})
				w.oss.DeleteObject(testBucket, testKey)
			},
			Config:           elsewhere(config),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate)),
			Check:            w.places("", "hello"),
		}),
	)
}

// In a bucket with versioning, each policy has the same effect on the old key as a
// destroy.
func TestAccObject_renamedVersions(t *testing.T) {
	t.Parallel()
	for policy, left := range map[string]string{
		policyDelete: "first hello marker", policyDeleteVersion: "first", policyDeleteAllVersions: "", policyRetain: "first hello",
	} {
		w := newWorld(t)
		w.oss.SetVersioning(testBucket, "Enabled")
		w.oss.PutObject(testBucket, testKey, []byte("first"), nil)
		config := w.object(w.write("file", "hello"), fmt.Sprintf("deletion_policy = %q", policy))
		w.testThen(func() error { return nil },
			resource.TestStep{Config: config},
			w.sends(0, resource.TestStep{
				Config:           elsewhere(config),
				ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), unknown("version_id")),
				Check:            w.places(left, "hello"),
			}),
		)
	}
}

// Two resources exchange their keys in one apply, with equal or different content.
// Nothing is lost in any order of the requests.
func TestObjects_renamedSwap(t *testing.T) {
	t.Parallel()
	for _, second := range []string{"world", "hello"} {
		w := newWorld(t)
		config := func(first, other string) string {
			block := func(name, key, file string) string {
				return fmt.Sprintf("resource \"ossresumable_object\" %q {\n bucket = %q\n key = %q\n source = \"%s/%s\"\n}\n",
					name, testBucket, key, w.dir, file)
			}
			return w.providerBlock() + block("test", first, "hello") + block("second", other, "world")
		}
		w.write("hello", "hello")
		w.write("world", second)
		var steps []resource.TestStep
		for i := range 4 {
			first, other := testKey, otherKey
			here, there := "hello", second
			if i%2 == 1 {
				first, other, here, there = other, first, there, here
			}
			steps = append(steps, resource.TestStep{Config: config(first, other), Check: w.places(here, there)})
		}
		w.test(steps...)
	}
}

// A retained version cannot be deleted permanently. The user can decide afterwards to
// keep it.
func TestAccObject_renamedRetained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.EnableObjectWorm(testBucket, "COMPLIANCE", 30)
	config := func(policy string) string {
		return w.object(w.dir+"/file", fmt.Sprintf("deletion_policy = %q", policy))
	}
	w.write("file", "hello")
	w.testThen(func() error { return w.places("hello", "hello")(nil) },
		resource.TestStep{Config: config(policyDeleteVersion)},
		w.sends(0, resource.TestStep{
			Config:      elsewhere(config(policyDeleteVersion)),
			ExpectError: says("Old object could not be removed ... FileImmutable ... exists at both keys"),
		}),
		w.sends(0, resource.TestStep{
			Config:           elsewhere(config(policyRetain)),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate)),
			Check:            w.places("hello", "hello"),
		}),
	)
}

// The plan warns of an object at the new key and of an old one that stays, and contains
// the new identity.
func TestRename_plan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(nil)
	config := objectConfig(w.write("file", "hello"))
	config["deletion_policy"] = text(policyRetain)
	created := s.applyCreate(t.Context(), config, s.planCreate(config).PlannedState)
	s.check(nil, created.Diagnostics)
	proposed := s.attributes(created.NewState)
	plan := func(key tftypes.Value) *tfprotov6.PlanResourceChangeResponse {
		config["key"], proposed["key"] = key, key
		resp, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: typeName, PriorState: created.NewState, ProposedNewState: s.encode(proposed), Config: s.encode(config),
			PriorIdentity: created.NewIdentity,
		})
		s.check(err, nil)
		return resp
	}
	identity := func(resp *tfprotov6.PlanResourceChangeResponse) string {
		value, err := resp.PlannedIdentity.IdentityData.Unmarshal(identityType)
		s.check(err, nil)
		return value.String()
	}

	w.oss.PutObject(testBucket, otherKey, []byte("theirs"), nil)
	resp := plan(text(otherKey))
	s.expectDiagnostic(resp.Diagnostics[:1], tfprotov6.DiagnosticSeverityWarning, "Object exists and will be overwritten", "key", "other dir/page+.html")
	s.expectDiagnostic(resp.Diagnostics[1:], tfprotov6.DiagnosticSeverityWarning, "Object stays in OSS", "", testKey)
	if len(resp.RequiresReplace) != 0 || !strings.Contains(identity(resp), otherKey) {
		t.Errorf("replaces %v, identity %s", resp.RequiresReplace, identity(resp))
	}
	w.oss.PutObject(testBucket, otherKey, []byte("hello"), nil)
	if resp := plan(text(otherKey)); len(resp.Diagnostics) != 1 {
		t.Errorf("of the same bytes: %s", show(resp.Diagnostics))
	}
	if resp := plan(tftypes.NewValue(tftypes.String, tftypes.UnknownValue)); !strings.Contains(identity(resp), testKey) {
		t.Errorf("identity %s, before the new one is known", identity(resp))
	}
}
