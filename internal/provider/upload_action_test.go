// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const uploadName = "ossresumable_upload"

// sendsNothing checks that the action prints one line and writes nothing to OSS.
func (w *world) sendsNothing(s *server, config map[string]tftypes.Value, line string) {
	w.Helper()
	w.oss.ResetLog()
	lines, diags := s.invoke(w.Context(), uploadName, config)
	s.check(nil, diags)
	wantLines(w.T, lines, line)
	for _, r := range w.oss.Requests() {
		if r.Op.Writes() {
			w.Errorf("sent %v", r)
		}
	}
}

// The action sends each part once and publishes nothing. The resource with the same
// arguments completes the upload. No copy follows, whatever arguments there are.
func TestUploadAction(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]map[string]tftypes.Value{
		"defaults": nil,
		"everything": {
			"content_type": text("text/x-a"), "cache_control": text("no-cache"), "content_disposition": text("attachment"),
			"content_encoding": text("gzip"), "content_language": text("zh-CN"), "expires": text("2040-01-31T12:00:00Z"),
			"metadata": texts(map[string]string{"a": "1", "b": "2"}), "tags": texts(map[string]string{"team": "a b", "x": ""}), "storage_class": text("IA"),
			"server_side_encryption": text("KMS"), "server_side_data_encryption": text("SM4"), "kms_key_id": text("key-1"),
			"traffic_limit": number(838_860_800),
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.serve(nil)
			config := tenParts(w)
			maps.Copy(config, more)
			planned := s.planCreate(config)
			s.check(nil, planned.Diagnostics)

			lines, diags := s.invoke(t.Context(), uploadName, config)
			s.check(nil, diags)
			if len(lines) != 2 || !strings.HasPrefix(lines[0], "100.0 % (1000.0 of 1000.0 KiB, 10 of 10 parts, ") ||
				lines[1] != "OSS holds all 10 parts of oss://test-bucket/"+testKey+" (1000.0 KiB sent); the resource completes the object" {
				t.Errorf("got %q", lines)
			}
			if _, exists := w.oss.Object(testBucket, testKey); exists || w.oss.Count(osstest.UploadPart) != 10 || len(w.open(testKey)) != 1 {
				t.Fatalf("the action sent %v", w.oss.Requests())
			}

			w.oss.ResetLog()
			done := s.applyCreate(t.Context(), config, planned.PlannedState)
			s.check(nil, done.Diagnostics)
			for _, op := range []osstest.Op{osstest.UploadPart, osstest.CopyObject, osstest.PutObject, osstest.PutObjectTagging, osstest.AbortMultipartUpload} {
				if n := w.oss.Count(op); n > 0 {
					t.Errorf("the resource sent %d requests %s", n, op)
				}
			}
			w.sendsNothing(s, config, fmt.Sprintf("oss://test-bucket/%s already has the content of %s; nothing was sent", testKey, w.dir+"/big"))
			config["cache_control"] = text("max-age=1")
			w.sendsNothing(s, config, fmt.Sprintf("oss://test-bucket/%s already has the content of %s; nothing was sent", testKey, w.dir+"/big"))
		})
	}
}

// open returns the IDs of the open uploads to a key.
func (w *world) open(key string) (ids []string) {
	for _, upload := range w.oss.OpenUploads(testBucket) {
		if upload.Key == key {
			ids = append(ids, upload.UploadID)
		}
	}
	return ids
}

// Every argument that InitiateMultipartUpload fixes is one of the action.
func TestUploadAction_arguments(t *testing.T) {
	t.Parallel()
	arguments := uploadArguments(new(objectModel))
	for name := range headerAttributes() {
		if _, has := arguments[name]; !has && name != "acl" { // a header of CompleteMultipartUpload
			t.Errorf("the action has no argument %s", name)
		}
	}
}

func TestUploadAction_smallFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := objectConfig(w.write("small", "hello"))
	config["triggers"] = texts(map[string]string{"build": "1"})
	w.sendsNothing(w.serve(nil), config, w.dir+"/small (5 B) is smaller than multipart_threshold; the resource sends it in one request")
}

// An update completes what the action has sent, and the object keeps its owner. A
// destroy of another instance in between does not abort it.
func TestUploadAction_update(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(nil)
	config := tenParts(w)
	created := s.applyCreate(t.Context(), config, s.planCreate(config).PlannedState)
	s.check(nil, created.Diagnostics)
	before, _ := w.oss.Object(testBucket, testKey)

	w.write("big", strings.Repeat("y", 10*tenPartSize))
	s = w.serve(nil) // the next terraform apply starts a provider
	planned, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: created.NewState, ProposedNewState: created.NewState, Config: s.encode(config), PriorPrivate: created.Private,
	})
	s.check(err, planned.Diagnostics)
	_, diags := s.invoke(t.Context(), uploadName, config)
	s.check(nil, diags)
	if now, _ := w.oss.Object(testBucket, testKey); now.ETag != before.ETag {
		t.Error("the action changed the object")
	}
	w.oss.ResetLog()
	updated, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: created.NewState, PlannedState: planned.PlannedState, Config: s.encode(config), PlannedPrivate: planned.PlannedPrivate,
	})
	s.check(err, updated.Diagnostics)
	after, _ := w.oss.Object(testBucket, testKey)
	if w.oss.Count(osstest.UploadPart) > 0 || w.oss.Count(osstest.CopyObject) > 0 || after.ETag == before.ETag {
		t.Errorf("the update sent %v", w.oss.Requests())
	}
	const mark = "X-Oss-Meta-Ossresumable-Owner"
	if got := after.Header.Get(mark); got == "" || got != before.Header.Get(mark) {
		t.Errorf("the owner was %s and is %s", before.Header.Get(mark), got)
	}
}

// An interrupted action ends, although Terraform no longer reads its lines, and the
// next one continues.
func TestUploadAction_interrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(nil)
	config := tenParts(w)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	defer w.oss.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: beforeCut + 1, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		interrupt()
		return osstest.Fault{}
	})})()
	_, diags := s.invoke(ctx, uploadName, config)
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Upload interrupted", "", "of 10 parts")
	if err := w.oss.WaitFor(t.Context(), osstest.AllEnded); err != nil {
		t.Fatal(err)
	}
	held := len(w.oss.OpenUploads(testBucket)[0].Parts)
	w.oss.ResetLog()
	lines, diags := s.invoke(t.Context(), uploadName, config)
	s.check(nil, diags)
	if got := w.oss.Count(osstest.UploadPart); got != 10-held || !strings.Contains(lines[0], fmt.Sprintf("%d.0 KiB kept", held*tenPartSize>>10)) {
		t.Errorf("the second run sent %d parts, want %d; %q", got, 10-held, lines)
	}
}

// Terraform stops the provider, which returns only after the action has reported that
// it was interrupted.
func TestUploadAction_stopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(nil)
	stopped := make(chan struct{})
	defer w.oss.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: beforeCut + 1, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		go func() {
			defer close(stopped)
			_, _ = s.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{})
		}()
		return osstest.Fault{}
	})})()
	schema, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	s.check(err, nil)
	stream, err := s.actions().InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{
		ActionType: uploadName, Config: s.dynamic(filled(schema.ActionSchemas[uploadName].Schema.ValueType().(tftypes.Object), tenParts(w))),
	})
	s.check(err, nil)
	for event := range stream.Events {
		if completed, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
			s.expectDiagnostic(completed.Diagnostics, tfprotov6.DiagnosticSeverityError, "Upload interrupted", "", "of 10 parts")
			select {
			case <-stopped:
				t.Error("StopProvider returned before the action had reported its error")
			default:
			}
		}
	}
	<-stopped
}

func TestUploadAction_failures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(nil)
	missing := objectConfig(w.dir + "/missing")
	_, diags := s.invoke(t.Context(), uploadName, missing)
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Source file does not exist", "source", "If another resource creates the file")

	w.oss.DenyActions("oss:PutObject")
	_, diags = s.invoke(t.Context(), uploadName, tenParts(w))
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Access denied", "bucket", "oss:PutObject")

	s = w.serve(map[string]tftypes.Value{"region": unknownValue})
	_, diags = s.invoke(t.Context(), uploadName, missing)
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Provider is not configured yet", "", "not known before the apply")

	_, diags = s.invoke(t.Context(), uploadName, map[string]tftypes.Value{"bucket": text(testBucket), "key": text("/a"), "source": text("x")})
	if len(diags) != 1 || !slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool { return strings.Contains(d.Detail, "must not begin with") }) {
		t.Error(show(diags))
	}
}
