// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

var policies = []string{policyDelete, policyDeleteVersion, policyDeleteAllVersions, policyRetain}

// versions returns the versions of a key, oldest first.
func (w *world) versions(key string) string {
	w.Helper()
	var list []string
	for _, v := range w.oss.Versions(testBucket, key) {
		if v.DeleteMarker {
			list = append(list, "marker")
			continue
		}
		body, err := v.Open()
		if err != nil {
			w.Fatal(err)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			w.Fatal(err)
		}
		_ = body.Close()
		list = append(list, string(content))
	}
	return strings.Join(list, " ")
}

// holdsVersions checks the versions that remain after a destroy.
func (w *world) holdsVersions(want string) func() error {
	return func() error {
		if got := w.versions(testKey); got != want {
			return fmt.Errorf("OSS holds %q, want %q", got, want)
		}
		return nil
	}
}

// neighbours are keys that share the test key, or most of it, as a prefix.
var neighbours = []string{testKey + ".bak", testKey + "/b", testKey + "a", "dir/", "dir/file.tx"}

// withNeighbours stores two versions of each, and returns a check that they are
// unchanged.
func (w *world) withNeighbours() (untouched func()) {
	show := func() (all []string) {
		for _, key := range neighbours {
			for _, v := range w.oss.Versions(testBucket, key) {
				all = append(all, v.Key+" "+v.VersionID)
			}
		}
		return all
	}
	for _, key := range neighbours {
		w.oss.PutObject(testBucket, key, []byte("1"), nil)
		w.oss.PutObject(testBucket, key, []byte("2"), nil)
	}
	before := show()
	return func() {
		w.Helper()
		if after := show(); !slices.Equal(after, before) {
			w.Errorf("other keys hold %v, before %v", after, before)
		}
	}
}

func TestAccObject_deletionPolicy(t *testing.T) {
	for versioning, left := range map[string]map[string]string{
		"": {
			policyDelete: "", policyDeleteVersion: "", policyDeleteAllVersions: "", policyRetain: "hello",
		},
		"Enabled": {
			policyDelete: "old marker old hello marker", policyDeleteVersion: "old marker old",
			policyDeleteAllVersions: "", policyRetain: "old marker old hello",
		},
		"Suspended": { // the object and the delete marker both have the version ID "null"
			policyDelete: "old marker old marker", policyDeleteVersion: "old marker old",
			policyDeleteAllVersions: "", policyRetain: "old marker old hello",
		},
	} {
		for _, policy := range policies {
			t.Run(versioning+" "+policy, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				if versioning != "" {
					w.oss.SetVersioning(testBucket, "Enabled")
					w.oss.PutObject(testBucket, testKey, []byte("old"), nil)
					w.oss.DeleteObject(testBucket, testKey)
					w.oss.PutObject(testBucket, testKey, []byte("old"), nil)
				}
				untouched := w.withNeighbours()
				if versioning == "Suspended" {
					w.oss.SetVersioning(testBucket, versioning)
				}
				w.testThen(w.holdsVersions(left[policy]), resource.TestStep{
					Config:           w.object(w.write("file", "hello"), fmt.Sprintf("deletion_policy = %q", policy)),
					ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate), knownText("deletion_policy", policy)),
				})
				untouched()
			})
		}
	}
}

// A change of the policy sends nothing, and has an effect after its apply.
func TestAccObject_deletionPolicyChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.SetVersioning(testBucket, "Enabled")
	file := w.write("file", "hello")
	with := func(policy string) string { return w.object(file, fmt.Sprintf("deletion_policy = %q", policy)) }
	w.testThen(w.holdsVersions(""),
		resource.TestStep{Config: w.object(file), ConfigPlanChecks: planned(knownText("deletion_policy", policyDelete))},
		resource.TestStep{Config: with("destroy"), PlanOnly: true, ExpectError: says("Attribute deletion_policy value must be one of")},
		w.sends(0, resource.TestStep{
			Config: with(policyDeleteAllVersions),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), knownText("deletion_policy", policyDeleteAllVersions),
				kept("etag", "version_id", "last_modified", "source_hash")),
			PostApplyFunc: func() {
				for _, r := range w.oss.Requests() {
					if r.Op != osstest.HeadObject {
						t.Errorf("sent %v", r)
					}
				}
			},
		}),
		resource.TestStep{Config: with(policyRetain), PlanOnly: true, ExpectNonEmptyPlan: true}, // not applied
	)
}

// The policy also applies to a change of the key.
func TestAccObject_deletionPolicyOfRenamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	config := w.object(file, `deletion_policy = "retain"`)
	w.testThen(w.holdsVersions("hello"),
		resource.TestStep{Config: config},
		resource.TestStep{
			Config:           strings.Replace(config, testKey, "elsewhere", 1),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate)),
		},
	)
	if got := w.versions("elsewhere"); got != "hello" {
		t.Errorf("elsewhere holds %q", got)
	}
}

// delete applies a destroy without Terraform.
func (s *server) delete(state map[string]tftypes.Value) *tfprotov6.ApplyResourceChangeResponse {
	s.Helper()
	resp, err := s.ApplyResourceChange(s.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: s.encode(state), PlannedState: s.none(), Config: s.none(),
	})
	s.check(err, nil)
	return resp
}

func (s *server) mustDelete(state map[string]tftypes.Value) {
	s.Helper()
	if resp := s.delete(state); len(resp.Diagnostics) > 0 || !s.isNull(resp.NewState) {
		s.Errorf("the delete failed: %s", show(resp.Diagnostics))
	}
}

// stateOf returns the state of the current object, with a policy.
func (w *world) stateOf(policy string) map[string]tftypes.Value {
	w.Helper()
	state := objectConfig(w.dir + "/file")
	state["deletion_policy"] = text(policy)
	info, _ := w.oss.Object(testBucket, testKey)
	state["etag"] = text(strings.Trim(info.ETag, `"`))
	state["last_modified"] = text(info.LastModified.UTC().Format(time.RFC3339))
	if info.VersionID != "null" {
		state["version_id"] = text(info.VersionID)
	}
	return state
}

// Versioning was enabled after the last refresh.
func TestDelete_versionWithoutID(t *testing.T) {
	for _, versioning := range []string{"", "Enabled", "Suspended"} {
		w := newWorld(t)
		s := w.serve(nil)
		w.oss.PutObject(testBucket, testKey, []byte("hello"), nil)
		state := w.stateOf(policyDeleteVersion)
		if versioning != "" {
			w.oss.SetVersioning(testBucket, versioning)
		}
		s.mustDelete(state)
		if got := w.versions(testKey); got != "" {
			t.Errorf("%q: OSS holds %q", versioning, got)
		}
	}
}

// An object that another program has written since the last refresh stays, with any
// policy, and so do its older versions.
func TestDelete_changedSinceRefresh(t *testing.T) {
	for _, versioning := range []string{"", "Enabled"} {
		for _, policy := range policies[:3] {
			w := newWorld(t)
			s := w.serve(nil)
			if versioning != "" {
				w.oss.SetVersioning(testBucket, versioning)
			}
			w.oss.PutObject(testBucket, testKey, []byte("hello"), nil)
			state := w.stateOf(policy)
			w.oss.PutObject(testBucket, testKey, []byte("other"), nil)
			before := w.versions(testKey)
			resp := s.delete(state)
			s.expectDiagnostic(resp.Diagnostics, tfprotov6.DiagnosticSeverityWarning, "Object stays in OSS", "", "has changed")
			if got := w.versions(testKey); got != before || !s.isNull(resp.NewState) {
				t.Errorf("%q, %s: OSS holds %q, before %q", versioning, policy, got, before)
			}
		}
	}
}

// A missing object is not an error.
func TestDelete_missingObject(t *testing.T) {
	for _, versioning := range []string{"", "Enabled"} {
		for _, policy := range policies[:3] {
			w := newWorld(t)
			s := w.serve(nil)
			if versioning != "" {
				w.oss.SetVersioning(testBucket, versioning)
			}
			w.oss.PutObject(testBucket, testKey, []byte("hello"), nil)
			state := w.stateOf(policy)
			s.mustDelete(state)
			s.mustDelete(state)

			state["bucket"] = text("no-such-bucket")
			s.mustDelete(state)
		}
	}
}

// Thousands of versions and delete markers are deleted, and none of a neighbor's. The
// current version is deleted last.
func TestDelete_manyVersions(t *testing.T) {
	w := newWorld(t)
	w.oss.SetVersioning(testBucket, "Enabled")
	for n := range 2500 {
		if n%5 == 0 {
			w.oss.DeleteObject(testBucket, testKey)
		} else {
			w.oss.PutObject(testBucket, testKey, nil, nil)
		}
	}
	current, _ := w.oss.Object(testBucket, testKey)
	untouched := w.withNeighbours()
	s := w.serve(nil)
	state := w.stateOf(policyDeleteAllVersions)

	allow := w.oss.AddRule(osstest.Rule{Op: osstest.DeleteObject, Nth: 1200, Fault: osstest.Refuse(403, "AccessDenied")})
	failed := s.delete(state)
	s.expectDiagnostic(failed.Diagnostics, tfprotov6.DiagnosticSeverityError, "Access denied", "bucket", "after 1199 of 2500")
	if s.isNull(failed.NewState) {
		t.Error("the state is lost")
	}
	if now, exists := w.oss.Object(testBucket, testKey); !exists || now.VersionID != current.VersionID {
		t.Errorf("the current version is %+v, was %+v", now, current)
	}
	if n := len(w.oss.Versions(testBucket, testKey)); n != 1301 {
		t.Errorf("%d versions are left, want 1301", n)
	}

	allow()
	w.oss.AddRule(osstest.Rule{Op: osstest.DeleteObject, Nth: 7, Times: 2, Fault: osstest.LoseAnswer()})
	w.oss.AddRule(osstest.Rule{Op: osstest.ListObjectVersions, Times: 1, Fault: osstest.LoseAnswer()})
	w.oss.ResetLog()
	s.mustDelete(state)
	if got := w.versions(testKey); got != "" {
		t.Errorf("OSS holds %q", got)
	}
	if n := w.oss.Count(osstest.DeleteObject); n != 1301+2 {
		t.Errorf("%d versions were deleted by %d requests", 1301, n)
	}
	untouched()
}

// A refusal keeps the state and names the missing permission, and the next destroy
// continues.
func TestDelete_refused(t *testing.T) {
	for name, test := range map[string]struct {
		policy   string
		deny     string
		summary  string
		argument string
		says     string
	}{
		"delete":                {policyDelete, "oss:DeleteObject", "Access denied", "bucket", "oss:DeleteObject"},
		"version":               {policyDeleteVersion, "oss:DeleteObjectVersion", "Access denied", "bucket", "oss:DeleteObjectVersion"},
		"all versions":          {policyDeleteAllVersions, "oss:DeleteObjectVersion", "Access denied", "bucket", "after 0 of 2"},
		"list of versions":      {policyDeleteAllVersions, "oss:ListObjectVersions", "Access denied", "bucket", "oss:ListObjectVersions"},
		"version retained":      {policyDeleteVersion, "", "Object is protected by a retention policy", "key", "FileImmutable"},
		"all versions retained": {policyDeleteAllVersions, "", "Object is protected by a retention policy", "key", `deletion_policy = "retain"`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.serve(nil)
			w.oss.EnableObjectWorm(testBucket, "COMPLIANCE", 0)
			w.oss.PutObject(testBucket, testKey, []byte("old"), nil)
			w.oss.PutObject(testBucket, testKey, []byte("hello"), nil)
			state := w.stateOf(test.policy)
			allow := func() { w.oss.SetRetention(testBucket, testKey, "", time.Time{}) }
			if test.deny != "" {
				allow = w.oss.DenyActions(test.deny)
			} else {
				w.oss.SetRetention(testBucket, testKey, "COMPLIANCE", time.Now().Add(time.Hour))
			}

			failed := s.delete(state)
			s.expectDiagnostic(failed.Diagnostics, tfprotov6.DiagnosticSeverityError, test.summary, test.argument, test.says)
			if s.isNull(failed.NewState) {
				t.Error("the state is lost")
			}
			if info, _ := w.oss.Object(testBucket, testKey); info.Size != int64(len("hello")) {
				t.Errorf("the current version is %+v", info)
			}
			allow()
			s.mustDelete(state)
		})
	}
}

// A delete marker does not affect the retained version below it.
func TestDelete_markerOverRetained(t *testing.T) {
	w := newWorld(t)
	s := w.serve(nil)
	w.oss.EnableObjectWorm(testBucket, "COMPLIANCE", 1)
	w.oss.PutObject(testBucket, testKey, []byte("hello"), nil)
	s.mustDelete(w.stateOf(policyDelete))
	if got := w.versions(testKey); got != "hello marker" {
		t.Errorf("OSS holds %q", got)
	}
}

// With any policy, a destroy aborts an unfinished upload.
func TestDelete_unfinishedUploadByPolicy(t *testing.T) {
	for _, policy := range policies {
		w := newWorld(t)
		s := w.serve(nil)
		config := tenParts(w)
		config["deletion_policy"] = text(policy)
		old := w.interruptedUpdate(s, config)
		if len(w.oss.OpenUploads(testBucket)) != 1 {
			t.Fatalf("%s: nothing was interrupted", policy)
		}

		resp, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
			TypeName: typeName, PriorState: old.NewState, PlannedState: s.none(), Config: s.none(), PlannedPrivate: old.Private,
		})
		s.check(err, nil)
		if policy == policyRetain {
			s.expectDiagnostic(resp.Diagnostics, tfprotov6.DiagnosticSeverityWarning, "Object stays in OSS", "", "terraform import")
		} else {
			s.check(nil, resp.Diagnostics)
		}
		if open := w.oss.OpenUploads(testBucket); len(open) > 0 || !s.isNull(resp.NewState) {
			t.Errorf("%s: still open: %+v", policy, open)
		}
		if got := w.versions(testKey); (got == "old") != (policy == policyRetain) {
			t.Errorf("%s: OSS holds %q", policy, got)
		}
	}
}

// A plan warns only if Terraform says "will be destroyed" but the object will stay.
func TestPlanDelete_warnings(t *testing.T) {
	for _, policy := range append(policies, "") {
		w := newWorld(t)
		s := w.serve(nil)
		state := objectConfig("file")
		if policy != "" {
			state["deletion_policy"] = text(policy)
		}
		resp, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: typeName, PriorState: s.encode(state), ProposedNewState: s.none(), Config: s.none(),
		})
		s.check(err, nil)
		if policy == policyRetain {
			s.expectDiagnostic(resp.Diagnostics, tfprotov6.DiagnosticSeverityWarning, "Object stays in OSS", "", "oss://test-bucket/dir/file.txt")
		} else if len(resp.Diagnostics) > 0 {
			t.Errorf("%q: %s", policy, show(resp.Diagnostics))
		}
		if n := len(w.oss.Requests()); n > 0 {
			t.Errorf("%q: the plan sent %d requests", policy, n)
		}
	}
}

// With create_before_destroy, the new resource adopts the object before Terraform
// destroys the old one. The object must stay.
func TestAccObject_createBeforeDestroy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	config := func(trigger string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"trigger\" {\n  input = %q\n}\n", trigger) +
			w.object(file, "lifecycle {\n    create_before_destroy = true\n    replace_triggered_by  = [terraform_data.trigger]\n  }")
	}
	w.test(
		resource.TestStep{Config: config("1")},
		w.sends(0, resource.TestStep{
			Config:           config("2"),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreateBeforeDestroy)),
		}),
	)
}
