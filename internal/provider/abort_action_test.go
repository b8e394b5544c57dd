// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const abortName = "ossresumable_abort_incomplete_uploads"

func abortConfig(prefix, olderThan string) map[string]tftypes.Value {
	return map[string]tftypes.Value{"bucket": text(testBucket), "prefix": text(prefix), "older_than": text(olderThan)}
}

// open returns the keys of the uploads that are still open.
func (w *oldWorld) open() (keys []string) {
	for _, upload := range w.oss.OpenUploads(testBucket) {
		keys = append(keys, upload.Key)
	}
	return keys
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAbortAction(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	w.begin("a", 10*day)
	w.begin("b/old\x1b[2J", 10*day)
	w.begin("b/twice", 10*day)
	w.begin("b/twice", 8*day)
	w.begin("b/young", 6*day)
	w.oss.PutObject(testBucket, "b/twice", []byte("object"), nil)
	s := w.serve(nil)

	lines, diags := s.invoke(t.Context(), abortName, abortConfig("b/", "168h"))
	s.check(nil, diags)
	wantLines(t, lines, `aborted 1 of 3: b/old\x1b[2J`, "aborted 2 of 3: b/twice", "aborted 3 of 3: b/twice")
	wantLines(t, w.open(), "a", "b/young")
	if _, exists := w.oss.Object(testBucket, "b/twice"); !exists {
		t.Error("the object is gone")
	}

	lines, diags = s.invoke(t.Context(), abortName, abortConfig("b/", "168h"))
	s.check(nil, diags)
	wantLines(t, lines, "no incomplete uploads to abort: none under oss://test-bucket/b/ is older than 168h")
	if _, diags = s.invoke(t.Context(), abortName, abortConfig("", "1h")); len(diags) > 0 || len(w.open()) > 0 {
		t.Errorf("of the whole bucket: %s, %q are open", show(diags), w.open())
	}
}

// Arguments that limit the uploads to abort have no default.
func TestAbortAction_arguments(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	w.begin("a", 10*day)
	s := w.serve(nil)
	for name, tt := range map[string]struct {
		prefix, olderThan tftypes.Value
		argument, says    string
	}{
		"no prefix":            {tftypes.NewValue(tftypes.String, nil), text("1h"), "prefix", "required"},
		"no age":               {text(""), tftypes.NewValue(tftypes.String, nil), "older_than", "required"},
		"too young":            {text(""), text("59m59s"), "older_than", "at least 1h0m0s"},
		"days":                 {text(""), text("7d"), "older_than", "in the units h, m and s"},
		"negative":             {text(""), text("-168h"), "older_than", "at least 1h0m0s"},
		"no prefix of any key": {text("/a"), text("1h"), "prefix", "must not begin with"},
	} {
		t.Log(name)
		_, diags := s.invoke(t.Context(), abortName, map[string]tftypes.Value{"bucket": text(testBucket), "prefix": tt.prefix, "older_than": tt.olderThan})
		if len(diags) != 1 || !strings.Contains(diags[0].Detail, tt.says) || !diags[0].Attribute.Equal(tftypes.NewAttributePath().WithAttributeName(tt.argument)) {
			t.Errorf("%s does not say %q at %q", show(diags), tt.says, tt.argument)
		}
	}
	wantLines(t, w.open(), "a")

	// Unknown values are valid in the plan.
	schema, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	s.check(err, nil)
	unknown := s.dynamic(filled(schema.ActionSchemas[abortName].Schema.ValueType().(tftypes.Object),
		map[string]tftypes.Value{"bucket": unknownValue, "prefix": unknownValue, "older_than": unknownValue}))
	valid, err := s.actions().ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: abortName, Config: unknown})
	s.check(err, valid.Diagnostics)
	planned, err := s.actions().PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: abortName, Config: unknown})
	s.check(err, planned.Diagnostics)
}

// If one upload cannot be aborted, the action still aborts the others, and one error
// names all that remain. An upload that another program has aborted is not an error.
func TestAbortAction_failures(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	for _, key := range []string{"a", "b", "c", "d"} {
		w.begin(key, 10*day)
	}
	refused := w.oss.OpenUploads(testBucket)[1]
	gone := w.oss.OpenUploads(testBucket)[2]
	w.oss.AddRule(osstest.Rule{Op: osstest.AbortMultipartUpload, Fault: osstest.Func(func(r osstest.Request) osstest.Fault {
		if r.UploadID == refused.UploadID {
			return osstest.Refuse(403, "AccessDenied")
		}
		if r.Key == "a" && len(w.open()) == 4 {
			w.oss.AbortUpload(gone.UploadID)
		}
		return osstest.Fault{}
	})})
	s := w.serve(nil)
	lines, diags := s.invoke(t.Context(), abortName, abortConfig("", "168h"))
	wantLines(t, lines, "aborted 1 of 4: a", "could not abort 2 of 4: b", "aborted 3 of 4: c", "aborted 4 of 4: d")
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Incomplete uploads remain", "",
		"3 of 4 uploads were aborted. These were not:\n\n  abort upload "+refused.UploadID+" of oss://test-bucket/b: ")
	if detail := diags[0].Detail; !strings.Contains(detail, "must allow oss:AbortMultipartUpload on the objects") {
		t.Error(detail)
	}
	wantLines(t, w.open(), "b")
}

func TestAbortAction_manyFailures(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	for i := range maxNamedFailures + 5 {
		w.begin(fmt.Sprintf("key-%02d", i), 10*day)
	}
	w.oss.DenyActions("oss:AbortMultipartUpload")
	s := w.serve(nil)
	_, diags := s.invoke(t.Context(), abortName, abortConfig("", "168h"))
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Incomplete uploads remain", "", "\n  and 5 more\n")
	if n := strings.Count(diags[0].Detail, "oss://test-bucket/key-"); n != maxNamedFailures {
		t.Errorf("%d are named", n)
	}
	w.oss.DenyActions("oss:ListMultipartUploads")
	_, diags = s.invoke(t.Context(), abortName, abortConfig("", "168h"))
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Access denied", "bucket", "must allow oss:ListMultipartUploads on the bucket")
}

// The action skips an upload that runs on this machine, however old it is, and the
// upload finishes.
func TestAbortAction_runningUpload(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	s := w.serve(nil)
	w.ahead.Store(-int64(20 * time.Hour))
	config := tenParts(w.world)
	planned := s.planCreate(config)
	s.check(nil, planned.Diagnostics)

	var lines []string
	w.oss.AddRule(osstest.Rule{Op: osstest.UploadPart, PartNumber: 5, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		w.ahead.Store(0)
		w.begin("other", 2*day)
		lines, _ = s.invoke(t.Context(), abortName, abortConfig("", "12h"))
		return osstest.Fault{}
	})})
	done := s.applyCreate(t.Context(), config, planned.PlannedState)
	s.check(nil, done.Diagnostics)
	wantLines(t, lines, "skipped active upload 1 of 2: "+testKey, "aborted 2 of 2: other")
	if object, exists := w.oss.Object(testBucket, testKey); !exists || object.Size != 10*tenPartSize {
		t.Errorf("the upload has made %+v", object)
	}
	if keys := w.open(); len(keys) > 0 {
		t.Errorf("%q are open", keys)
	}
}

func TestAbortAction_interrupted(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	for _, key := range []string{"a", "b", "c"} {
		w.begin(key, 10*day)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	w.oss.AddRule(osstest.Rule{Op: osstest.AbortMultipartUpload, Fault: osstest.Func(func(r osstest.Request) osstest.Fault {
		if r.Key == "b" {
			interrupt()
		}
		return osstest.Fault{}
	})})
	s := w.serve(nil)
	_, diags := s.invoke(ctx, abortName, abortConfig("", "168h"))
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Incomplete uploads remain", "", "uploads not attempted")
	if w.open()[len(w.open())-1] != "c" {
		t.Errorf("%q are open", w.open())
	}
}

func TestAbortAction_notConfigured(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	s := w.serve(map[string]tftypes.Value{"region": unknownValue})
	_, diags := s.invoke(t.Context(), abortName, abortConfig("", "168h"))
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Provider is not configured yet", "", "not known before the apply")
}

// A resource triggers the action.
func TestAccAbortAction(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	w.begin("tmp/old", 10*day)
	w.begin("tmp/new", time.Hour)
	config := func(more string) string {
		return w.providerBlock() + fmt.Sprintf(`
action "ossresumable_abort_incomplete_uploads" "old" {
  config {
    bucket     = %q
    prefix     = "tmp/"
    older_than = "168h"
    %s
  }
}

resource "terraform_data" "trigger" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.ossresumable_abort_incomplete_uploads.old]
    }
  }
}
`, testBucket, more)
	}
	w.testIf(tfversion.SkipBelow(tfversion.Version1_14_0),
		resource.TestStep{Config: strings.Replace(config(""), "168h", "30m", 1), ExpectError: says("at least 1h0m0s")},
		resource.TestStep{Config: config(""), Check: func(*terraform.State) error {
			if keys := w.open(); !slices.Equal(keys, []string{"tmp/new"}) {
				return fmt.Errorf("%q are open", keys)
			}
			w.oss.AbortUpload(w.oss.OpenUploads(testBucket)[0].UploadID)
			return nil
		}},
	)
}
