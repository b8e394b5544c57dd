// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const (
	tenPartSize = 100 << 10
	beforeCut   = 4 // parts that OSS has stored before the interrupt
)

// tenParts returns a resource whose upload has ten parts, sent one after the other.
func tenParts(w *world) map[string]tftypes.Value {
	w.Helper()
	config := objectConfig(w.write("big", strings.Repeat("x", 10*tenPartSize)))
	config["part_size"], config["multipart_threshold"], config["parallelism"] = number(tenPartSize), number(tenPartSize), number(1)
	return config
}

// interrupted applies config as a new resource. The apply is interrupted before the
// server handles the part after the first beforeCut ones.
func (w *world) interrupted(s *server, config map[string]tftypes.Value, planned *tfprotov6.DynamicValue) *tfprotov6.ApplyResourceChangeResponse {
	w.Helper()
	return w.interruptedIn(func(ctx context.Context) *tfprotov6.ApplyResourceChangeResponse {
		return s.applyCreate(ctx, config, planned)
	})
}

// interruptedUpdate creates a small object, and interrupts its update to ten parts. It
// returns the state of the object.
func (w *world) interruptedUpdate(s *server, config map[string]tftypes.Value) *tfprotov6.ApplyResourceChangeResponse {
	w.Helper()
	small := maps.Clone(config)
	small["source"] = text(w.write("small", "old"))
	created := s.applyCreate(w.Context(), small, s.planCreate(small).PlannedState)
	s.check(nil, created.Diagnostics)
	s = w.serve(nil) // the next terraform apply starts a provider
	proposed := s.attributes(created.NewState)
	maps.Copy(proposed, config)
	planned, err := s.PlanResourceChange(w.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: created.NewState, ProposedNewState: s.encode(proposed), Config: s.encode(config), PriorPrivate: created.Private,
	})
	s.check(err, planned.Diagnostics)
	w.interruptedIn(func(ctx context.Context) *tfprotov6.ApplyResourceChangeResponse {
		resp, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
			TypeName: typeName, PriorState: created.NewState, PlannedState: planned.PlannedState, Config: s.encode(config), PlannedPrivate: planned.PlannedPrivate,
		})
		s.check(err, nil)
		return resp
	})
	return created
}

func (w *world) interruptedIn(apply func(context.Context) *tfprotov6.ApplyResourceChangeResponse) *tfprotov6.ApplyResourceChangeResponse {
	w.Helper()
	ctx, interrupt := context.WithCancel(w.Context())
	defer interrupt()
	defer w.oss.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: beforeCut + 1, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		interrupt()
		return osstest.Fault{}
	})})()
	resp := apply(ctx)
	if err := w.oss.WaitFor(w.Context(), osstest.AllEnded); err != nil {
		w.Fatal(err)
	}
	return resp
}

// An interrupted create must leave no state, which would be tainted, and the next create
// must send only the missing parts.
func TestCreate_interrupted(t *testing.T) {
	w := newWorld(t)
	s := w.serve(nil)
	config := tenParts(w)
	planned := s.planCreate(config)
	s.check(nil, planned.Diagnostics)

	cut := w.interrupted(s, config, planned.PlannedState)
	s.expectDiagnostic(cut.Diagnostics, tfprotov6.DiagnosticSeverityError, "Upload interrupted", "", "of 10 parts")
	if !s.isNull(cut.NewState) {
		t.Error("an interrupted create left a state")
	}
	if _, exists := w.oss.Object(testBucket, testKey); exists {
		t.Error("an interrupted create published an object")
	}
	uploads := w.oss.OpenUploads(testBucket)
	if len(uploads) != 1 || len(uploads[0].Parts) < beforeCut {
		t.Fatalf("after the interrupt OSS holds %+v", uploads)
	}

	w.oss.ResetLog()
	done := s.applyCreate(t.Context(), config, planned.PlannedState)
	s.check(nil, done.Diagnostics)
	if got, want := w.oss.Count(osstest.UploadPart), 10-len(uploads[0].Parts); got != want {
		t.Errorf("the second create sent %d parts, want %d", got, want)
	}
}

// A destroy aborts an interrupted upload.
func TestDelete_abortsUnfinishedUpload(t *testing.T) {
	w := newWorld(t)
	s := w.serve(nil)
	old := w.interruptedUpdate(s, tenParts(w))

	resp, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: old.NewState, PlannedState: s.none(), Config: s.none(), PlannedPrivate: old.Private,
	})
	s.check(err, nil)
	if len(resp.Diagnostics) > 0 || !s.isNull(resp.NewState) {
		t.Errorf("the delete failed: %s", show(resp.Diagnostics))
	}
	if _, exists := w.oss.Object(testBucket, testKey); exists {
		t.Error("the object is still there")
	}
	if uploads := w.oss.OpenUploads(testBucket); len(uploads) > 0 {
		t.Errorf("the upload is still open: %+v", uploads)
	}
}
