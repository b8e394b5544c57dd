// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// memory is a private state.
type memory map[string][]byte

func (m memory) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) { return m[key], nil }

func (m memory) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	m[key] = value
	return nil
}

func TestOwnership_found(t *testing.T) {
	for name, row := range map[string]struct {
		before ownership
		known  bool
		mark   string
		want   ownership
	}{
		"own":                       {ownership{ID: "a"}, true, "a", ownership{ID: "a"}},
		"mark gone":                 {ownership{ID: "a"}, true, "", ownership{ID: "a"}},
		"another's":                 {ownership{ID: "a"}, true, "b", ownership{ID: "a", Taken: true}},
		"another's no more":         {ownership{ID: "a", Taken: true}, true, "a", ownership{ID: "a"}},
		"import":                    {ownership{Imported: true}, true, "b", ownership{From: "b"}},
		"after an import":           {ownership{From: "b"}, true, "b", ownership{From: "b"}},
		"import, unmarked":          {ownership{Imported: true}, true, "", ownership{}},
		"earlier version":           {ownership{}, false, "", ownership{}},
		"earlier version, marked":   {ownership{}, false, "b", ownership{Taken: true}},
		"unmarked, marked by other": {ownership{}, true, "b", ownership{Taken: true}},
	} {
		private := memory{}
		if got := row.before.found(row.known, row.mark); got.ID != row.want.ID || got.Taken != row.want.Taken || got.Imported != row.want.Imported || got.From != row.want.From {
			t.Errorf("%s: %+v, want %+v", name, got, row.want)
		} else if diags := got.keepIn(t.Context(), private); diags.HasError() {
			t.Error(diags)
		}
		if _, known := ownershipIn(t.Context(), private); !known {
			t.Errorf("%s: not kept", name)
		}
	}
	for _, damaged := range []string{"", "{", `"x"`, "[]"} {
		if got, known := ownershipIn(t.Context(), memory{ownershipKey: []byte(damaged)}); known || got.ID != "" {
			t.Errorf("%q: %+v", damaged, got)
		}
	}
}

// A rename that fails after its copy records the copy in the private state. The next
// request for the copy uses the same mark, and the record ends when the rename is done.
func TestOwnership_copies(t *testing.T) {
	here, there := resumable.Object{Bucket: "b", Key: "k0"}, resumable.Object{Bucket: "b", Key: "k1"}
	var o ownership // of an import
	o.copied(there, "mark")
	o.copied(there, "mark")
	if len(o.Copies) != 1 {
		t.Fatalf("%+v", o)
	}
	dst := resumable.Destination{Object: there}
	if o.setMark(&dst); dst.Owner != resumable.Unmarked || dst.Headers.Mark != "mark" {
		t.Errorf("%+v", dst)
	}
	dst = resumable.Destination{Object: here}
	if o.setMark(&dst); dst.Headers.Mark == "" || dst.Headers.Mark == "mark" {
		t.Errorf("%+v", dst)
	}
	o.wrote("mark")
	if o = o.without(there); o.ID != "mark" || len(o.Copies) != 0 {
		t.Errorf("%+v", o)
	}
	if o.wrote(resumable.Unmarked); o.ID != "" || o.owner() != resumable.Unmarked {
		t.Errorf("%+v", o)
	}
}

// An update warns if another configuration has written the object since.
func TestPlan_writtenByAnotherResource(t *testing.T) {
	w := newWorld(t)
	s := w.serve(nil)
	config := objectConfig(w.write("file", "hello"))
	created := s.applyCreate(t.Context(), config, s.planCreate(config).PlannedState)
	s.check(nil, created.Diagnostics)

	elsewhere := w.serve(nil)
	theirs := objectConfig(w.write("theirs", "other"))
	planned := elsewhere.planCreate(theirs)
	elsewhere.expectDiagnostic(planned.Diagnostics, tfprotov6.DiagnosticSeverityWarning, "Object of another resource will be replaced", "key", "two configurations")
	elsewhere.check(nil, elsewhere.applyCreate(t.Context(), theirs, planned.PlannedState).Diagnostics)

	s = w.serve(nil)
	read, err := s.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: created.NewState, Private: created.Private})
	s.check(err, read.Diagnostics)
	proposed := s.attributes(read.NewState)
	maps.Copy(proposed, config)
	again, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: read.NewState, ProposedNewState: s.encode(proposed), Config: s.encode(config), PriorPrivate: read.Private,
	})
	s.check(err, nil)
	s.expectDiagnostic(again.Diagnostics, tfprotov6.DiagnosticSeverityWarning, "Object was written by another resource", "key", "oss://test-bucket/dir/file.txt")
}
