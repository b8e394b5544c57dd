// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// server is the provider without Terraform, for tests of warnings and cancelled contexts,
// which the testing module does not support.
type server struct {
	*testing.T
	tfprotov6.ProviderServer
	object tftypes.Object
}

const typeName = "ossresumable_object"

var unknownValue = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)

// serve starts a provider that is configured for w. Arguments may be added or changed.
func (w *world) serve(arguments map[string]tftypes.Value) *server {
	w.Helper()
	s := &server{T: w.T, ProviderServer: newServer("test")()}
	schema, err := s.GetProviderSchema(w.Context(), &tfprotov6.GetProviderSchemaRequest{})
	s.check(err, schema.Diagnostics)
	s.object = schema.ResourceSchemas[typeName].ValueType().(tftypes.Object)

	config := map[string]tftypes.Value{
		"endpoint":       text(w.oss.URL()),
		"region":         text("cn-hangzhou"),
		"access_key":     text(osstest.AccessKeyID),
		"secret_key":     text(osstest.AccessKeySecret),
		"checkpoint_dir": text(filepath.Join(w.dir, "checkpoints")),
	}
	maps.Copy(config, arguments)
	configured, err := s.ConfigureProvider(w.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: s.dynamic(filled(schema.Provider.ValueType().(tftypes.Object), config)),
	})
	s.check(err, configured.Diagnostics)
	return s
}

// planCreate plans config as a new resource, as Terraform does: computed attributes are
// unknown in the proposal.
func (s *server) planCreate(config map[string]tftypes.Value) *tfprotov6.PlanResourceChangeResponse {
	s.Helper()
	proposed := map[string]tftypes.Value{}
	for _, name := range []string{
		"id", "deletion_policy", "source_hash", "crc64", "etag", "version_id", "last_modified", "content_type",
		"storage_class", "server_side_encryption", "server_side_data_encryption", "kms_key_id",
		"object_worm_mode", "object_worm_retain_until_date",
	} {
		proposed[name] = unknownValue
	}
	proposed["content_length"] = tftypes.NewValue(tftypes.Number, tftypes.UnknownValue)
	proposed["forbid_overwrite"] = tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue)
	maps.Copy(proposed, config)
	resp, err := s.PlanResourceChange(s.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: s.none(), ProposedNewState: s.encode(proposed), Config: s.encode(config),
	})
	s.check(err, nil)
	return resp
}

func (s *server) applyCreate(ctx context.Context, config map[string]tftypes.Value, planned *tfprotov6.DynamicValue) *tfprotov6.ApplyResourceChangeResponse {
	s.Helper()
	resp, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: s.none(), PlannedState: planned, Config: s.encode(config),
	})
	s.check(err, nil)
	return resp
}

// check fails the test at the first error.
func (s *server) check(err error, diags []*tfprotov6.Diagnostic) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			s.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
}

// encode returns a resource with these attributes. All others are null.
func (s *server) encode(attributes map[string]tftypes.Value) *tfprotov6.DynamicValue {
	s.Helper()
	return s.dynamic(filled(s.object, attributes))
}

// none returns the state before a create and after a delete.
func (s *server) none() *tfprotov6.DynamicValue {
	s.Helper()
	return s.dynamic(tftypes.NewValue(s.object, nil))
}

func (s *server) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	s.Helper()
	dynamic, err := tfprotov6.NewDynamicValue(value.Type(), value)
	s.check(err, nil)
	return &dynamic
}

func filled(typ tftypes.Object, attributes map[string]tftypes.Value) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, attributeType := range typ.AttributeTypes {
		values[name] = tftypes.NewValue(attributeType, nil)
		if value, given := attributes[name]; given {
			values[name] = value
		}
	}
	return tftypes.NewValue(typ, values)
}

func (s *server) isNull(value *tfprotov6.DynamicValue) bool {
	s.Helper()
	decoded, err := value.Unmarshal(s.object)
	s.check(err, nil)
	return decoded.IsNull()
}

func text(s string) tftypes.Value  { return tftypes.NewValue(tftypes.String, s) }
func number(n int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }
func boolean(b bool) tftypes.Value { return tftypes.NewValue(tftypes.Bool, b) }
func objectConfig(source string) map[string]tftypes.Value {
	return map[string]tftypes.Value{"bucket": text(testBucket), "key": text(testKey), "source": text(source)}
}

// expectDiagnostic expects exactly one diagnostic, with this severity and summary, at this
// argument, and with this text in its detail.
func (s *server) expectDiagnostic(diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, summary, argument, says string) {
	s.Helper()
	if len(diags) != 1 {
		s.Fatalf("got %d diagnostics, want 1: %s", len(diags), show(diags))
	}
	d := diags[0]
	wantPath := tftypes.NewAttributePath()
	if argument != "" {
		wantPath = wantPath.WithAttributeName(argument)
	}
	if d.Severity != severity || d.Summary != summary || !d.Attribute.Equal(wantPath) && argument+d.Attribute.String() != "" {
		s.Errorf("got %s, want %q at %q", show(diags), summary, argument)
	}
	if !strings.Contains(d.Detail, says) {
		s.Errorf("detail does not say %q: %s", says, d.Detail)
	}
}

func show(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "\n%s %q at %s: %s", d.Severity, d.Summary, d.Attribute, d.Detail)
	}
	return b.String()
}
