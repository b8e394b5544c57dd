// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func TestParseImportID(t *testing.T) {
	for id, want := range map[string]resumable.Object{
		"my-bucket/a.zip":             {Bucket: "my-bucket", Key: "a.zip"},
		"oss://my-bucket/a.zip":       {Bucket: "my-bucket", Key: "a.zip"},
		"my-bucket/a/b//c/../d%20e ü": {Bucket: "my-bucket", Key: "a/b//c/../d%20e ü"},
		"oss://my-bucket/oss://x/y":   {Bucket: "my-bucket", Key: "oss://x/y"},
		"my-bucket/dir/":              {Bucket: "my-bucket", Key: "dir/"},
	} {
		if got, err := parseImportID(id); err != nil || got != want {
			t.Errorf("parseImportID(%q) = %v, %v, want %v", id, got, err, want)
		}
	}

	for _, id := range []string{
		"", "/", "a.zip", "my-bucket", "my-bucket/", "/key", "oss://", "oss://my-bucket", "oss:///key",
		"My-Bucket/key", "OSS://my-bucket/key", "s3://my-bucket/key",
	} {
		_, err := parseImportID(id)
		if err == nil {
			t.Errorf("parseImportID(%q) succeeded", id)
			continue
		}
		for _, form := range []string{"bucket/key", "oss://bucket/key"} {
			if !strings.Contains(err.Error(), form) {
				t.Errorf("parseImportID(%q): %q does not show the form %s", id, err, form)
			}
		}
	}
	if _, err := parseImportID("my-bucket//key"); err == nil || !strings.Contains(err.Error(), "must not begin with") {
		t.Errorf("a key that begins with a slash: %v", err)
	}
}

var identityType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"bucket": tftypes.String, "key": tftypes.String}}

func (s *server) identity(bucket, key string) *tfprotov6.ResourceIdentityData {
	s.Helper()
	return &tfprotov6.ResourceIdentityData{IdentityData: s.dynamic(tftypes.NewValue(identityType, map[string]tftypes.Value{
		"bucket": text(bucket), "key": text(key),
	}))}
}

// checkIdentity checks for the identity of the test object.
func (s *server) checkIdentity(got *tfprotov6.ResourceIdentityData) {
	s.Helper()
	if got == nil || got.IdentityData == nil {
		s.Error("there is no identity")
		return
	}
	gotValue, err := got.IdentityData.Unmarshal(identityType)
	s.check(err, nil)
	wantValue, err := s.identity(testBucket, testKey).IdentityData.Unmarshal(identityType)
	s.check(err, nil)
	if !gotValue.Equal(wantValue) {
		s.Errorf("the identity is %s, want %s", gotValue, wantValue)
	}
}

func (s *server) attributes(value *tfprotov6.DynamicValue) map[string]tftypes.Value {
	s.Helper()
	decoded, err := value.Unmarshal(s.object)
	s.check(err, nil)
	attributes := map[string]tftypes.Value{}
	s.check(decoded.As(&attributes), nil)
	return attributes
}

// Terraform before 1.12 stores no identity, and a state of an earlier version of the
// provider has none. The provider then gets no identity.
func TestObjectIdentity_noPriorIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(nil)
	config := objectConfig(w.write("file", "hello"))
	created := s.applyCreate(t.Context(), config, s.planCreate(config).PlannedState)
	s.check(nil, created.Diagnostics)
	s.checkIdentity(created.NewIdentity)

	read, err := s.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: created.NewState})
	s.check(err, read.Diagnostics)
	s.checkIdentity(read.NewIdentity)

	s = w.serve(nil) // the next terraform apply starts a provider
	config = objectConfig(w.write("file", "world"))
	proposed := s.attributes(read.NewState)
	maps.Copy(proposed, config)
	planned, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: read.NewState, ProposedNewState: s.encode(proposed), Config: s.encode(config),
	})
	s.check(err, planned.Diagnostics)
	updated, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: read.NewState, PlannedState: planned.PlannedState, Config: s.encode(config),
	})
	s.check(err, updated.Diagnostics)
	s.checkIdentity(updated.NewIdentity)

	w.oss.DeleteObject(testBucket, testKey)
	read, err = s.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: updated.NewState})
	s.check(err, read.Diagnostics)
	if !s.isNull(read.NewState) {
		t.Error("an object that is gone is still in the state")
	}
}

func TestObjectIdentity_import(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(nil)
	imported, err := s.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: typeName, Identity: s.identity(testBucket, testKey),
	})
	s.check(err, imported.Diagnostics)
	s.checkIdentity(imported.ImportedResources[0].Identity)
	got := s.attributes(imported.ImportedResources[0].State)
	for name, want := range map[string]tftypes.Value{
		"id": text(testBucket + "/" + testKey), "bucket": text(testBucket), "key": text(testKey), "forbid_overwrite": boolean(false),
	} {
		if !got[name].Equal(want) {
			t.Errorf("%s is %s, want %s", name, got[name], want)
		}
	}

	for _, test := range []struct{ bucket, key, says string }{
		{"Test_Bucket", testKey, `the bucket "Test_Bucket" is not valid: it must have`},
		{"", testKey, `the bucket "" is not valid: it must have`},
		{testBucket, "", `the key "" is not valid: it must not be empty`},
		{testBucket, "/dir", `the key "/dir" is not valid: it must not begin with`},
	} {
		resp, err := s.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: typeName, Identity: s.identity(test.bucket, test.key),
		})
		s.check(err, nil)
		s.expectDiagnostic(resp.Diagnostics, tfprotov6.DiagnosticSeverityError, "Invalid import identity", "", test.says)
	}

	neither, err := s.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: typeName})
	s.check(err, nil)
	s.expectDiagnostic(neither.Diagnostics, tfprotov6.DiagnosticSeverityError, "Invalid import ID", "", "Use bucket/key")
}

// The same with a Terraform that stores identities.
func TestAccObject_identity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"))
	identity := func(key string) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectIdentity(testAddress, map[string]knownvalue.Check{
			"bucket": knownvalue.StringExact(testBucket), "key": knownvalue.StringExact(key),
		})}
	}
	other := w.providerBlock() + `
resource "ossresumable_object" "test" {
  bucket  = "` + testBucket + `"
  key     = "elsewhere"
  content = "hello"
}
`
	w.testCase(resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: config, ConfigPlanChecks: planned(), ConfigStateChecks: identity(testKey)},
			w.sends(0, resource.TestStep{
				Config:            w.object(w.write("copy", "hello")),
				ConfigPlanChecks:  planned(action(plancheck.ResourceActionUpdate)),
				ConfigStateChecks: identity(testKey),
			}),
			w.sends(5, resource.TestStep{
				PreConfig:         func() { w.oss.DeleteObject(testBucket, testKey) },
				Config:            config,
				ConfigPlanChecks:  planned(action(plancheck.ResourceActionCreate)),
				ConfigStateChecks: identity(testKey),
			}),
			{
				Config:            other,
				ConfigPlanChecks:  planned(action(plancheck.ResourceActionUpdate)),
				ConfigStateChecks: identity("elsewhere"),
			},
			{RefreshState: true},
			{Config: other, PlanOnly: true},
		},
	})
}
