// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestBytesDiffer(t *testing.T) {
	str, num := types.StringValue, types.Int64Value
	noHash, noText, noNumber := types.StringNull(), types.StringUnknown(), types.Int64Unknown()

	for _, test := range []struct {
		name            string
		planned, stored contents
		want            bool
	}{
		{"same hash", contents{str("h1"), str("1"), num(10)}, contents{str("h1"), str("1"), num(10)}, false},
		{"same hash, file not read", contents{str("h1"), noText, noNumber}, contents{str("h1"), str("1"), num(10)}, false},
		{"other hash", contents{str("h2"), str("2"), num(10)}, contents{str("h1"), str("1"), num(10)}, true},
		{"other hash, CRC-64 collides", contents{str("h2"), str("1"), num(10)}, contents{str("h1"), str("1"), num(10)}, true},
		{"unknown hash", contents{noText, noText, noNumber}, contents{str("h1"), str("1"), num(10)}, true},

		{"imported, equal", contents{str("h1"), str("1"), num(10)}, contents{noHash, str("1"), num(10)}, false},
		{"imported, other CRC-64", contents{str("h1"), str("1"), num(10)}, contents{noHash, str("2"), num(10)}, true},
		{"imported, other size", contents{str("h1"), str("1"), num(10)}, contents{noHash, str("1"), num(11)}, true},
		{"imported, OSS has no CRC-64", contents{str("h1"), str("1"), num(10)}, contents{noHash, noHash, num(10)}, true},
		{"imported, file not read", contents{str("h1"), noText, noNumber}, contents{noHash, str("1"), num(10)}, true},
		{"imported, all unknown", contents{noText, noText, noNumber}, contents{noHash, str("1"), num(10)}, true},
	} {
		if got := bytesDiffer(test.planned, test.stored); got != test.want {
			t.Errorf("%s: %t, want %t", test.name, got, test.want)
		}
	}
}

func TestCheckPartSize(t *testing.T) {
	const partSize = 100 << 10
	known := func(size int64) contents { return contents{ContentLength: types.Int64Value(size)} }
	own := &objectModel{PartSize: types.Int64Value(partSize)}

	for _, test := range []struct {
		name     string
		plan     *objectModel
		planned  contents
		partSize int64
		want     []string
	}{
		{"one byte less", own, known(partSize*10000 - 1), partSize, nil},
		{"just enough", own, known(partSize * 10000), partSize, nil},
		{"one byte more", own, known(partSize*10000 + 1), partSize, []string{"must be at least 102401."}},
		{"provider's", &objectModel{}, known(partSize*10000 + 1), partSize, []string{"part_size of the provider must be at least 102401."}},
		{"chosen by the engine", &objectModel{}, known(1 << 50), 0, nil},
		{"size unknown", own, contents{ContentLength: types.Int64Unknown()}, partSize, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			expectErrors(t, checkPartSize(test.plan, test.planned, test.partSize), test.want)
		})
	}
}

func TestPlan_warnings(t *testing.T) {
	const warning = tfprotov6.DiagnosticSeverityWarning
	readOnly := func(w *world) string {
		file := w.write("not-a-directory", "")
		return filepath.Join(file, "checkpoints")
	}
	for _, test := range []struct {
		name     string
		prepare  func(*world, map[string]tftypes.Value)
		summary  string
		argument string
		says     string
	}{
		{
			"absent file",
			func(w *world, config map[string]tftypes.Value) { config["source"] = text(w.dir + "/absent") },
			"Source file does not exist yet", "source", "must exist when Terraform applies this resource",
		},
		{
			"object exists",
			func(w *world, _ map[string]tftypes.Value) { w.oss.PutObject(testBucket, testKey, []byte("other"), nil) },
			"Object exists and will be overwritten", "key", "terraform import ADDRESS test-bucket/dir/file.txt",
		},
		{
			"object exists and is protected",
			func(w *world, config map[string]tftypes.Value) {
				w.oss.PutObject(testBucket, testKey, []byte("other"), nil)
				config["forbid_overwrite"] = boolean(true)
			},
			"Object already exists", "key", "the apply will fail",
		},
		{
			"checkpoint directory cannot be made",
			func(w *world, config map[string]tftypes.Value) {
				config["source"] = text(w.write("large", strings.Repeat("x", 102400)))
				config["checkpoint_dir"], config["multipart_threshold"] = text(readOnly(w)), number(102400)
			},
			"Checkpoint directory cannot be used", "checkpoint_dir", "will fail before it sends data",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			config := objectConfig(w.write("file", "hello"))
			test.prepare(w, config)
			s := w.serve(nil)
			s.expectDiagnostic(s.planCreate(config).Diagnostics, warning, test.summary, test.argument, test.says)
		})
	}
}

func TestPlan_equalObjectNoWarning(t *testing.T) {
	w := newWorld(t)
	w.oss.PutObject(testBucket, testKey, []byte("hello"), nil)
	s := w.serve(nil)
	if diags := s.planCreate(objectConfig(w.write("file", "hello"))).Diagnostics; len(diags) > 0 {
		t.Error(show(diags))
	}
}

// The same apply may create the bucket.
func TestPlan_missingBucketIsNoError(t *testing.T) {
	w := newWorld(t)
	s := w.serve(nil)
	config := objectConfig(w.write("file", "hello"))
	config["bucket"] = text("bucket-to-be")
	if diags := s.planCreate(config).Diagnostics; len(diags) > 0 {
		t.Error(show(diags))
	}
}

func TestPlan_writesNothing(t *testing.T) {
	w := newWorld(t)
	s := w.serve(nil)
	s.check(nil, s.planCreate(objectConfig(w.write("file", "hello"))).Diagnostics)
	for _, r := range w.oss.Requests() {
		if r.Op.Writes() {
			t.Errorf("the plan sent %v", r)
		}
	}
}

// The size comes from the state, so the test needs no file of a gigabyte.
func TestPlan_explicitPartSizeTooSmall(t *testing.T) {
	w := newWorld(t)
	s := w.serve(nil)
	config := objectConfig("absent")
	config["source_hash"] = text(sha256Hello)
	prior := maps.Clone(config)
	prior["content_length"] = number(102400*10000 + 1)
	config["part_size"] = number(102400)
	proposed := maps.Clone(config)
	proposed["content_length"] = prior["content_length"]

	resp, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: s.encode(prior), ProposedNewState: s.encode(proposed), Config: s.encode(config),
	})
	s.check(err, nil)
	s.expectDiagnostic(resp.Diagnostics, tfprotov6.DiagnosticSeverityError,
		"Part size too small", "part_size", "must be at least 102401")
}

// Planning a destroy needs neither the file nor OSS.
func TestPlan_destroySendsNothing(t *testing.T) {
	w := newWorld(t)
	s := w.serve(nil)
	prior := objectConfig(filepath.Join(w.dir, "absent"))
	resp, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: s.encode(prior), ProposedNewState: s.none(), Config: s.none(),
	})
	s.check(err, nil)
	if len(resp.Diagnostics) > 0 || len(w.oss.Requests()) > 0 {
		t.Errorf("diagnostics %s, requests %v", show(resp.Diagnostics), w.oss.Requests())
	}
}

func TestUnknownProviderArgument(t *testing.T) {
	w := newWorld(t)
	s := w.serve(map[string]tftypes.Value{"region": unknownValue})
	s.check(nil, s.planCreate(objectConfig(w.write("file", "hello"))).Diagnostics)

	resp, err := s.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: s.encode(objectConfig("file")),
	})
	s.check(err, nil)
	s.expectDiagnostic(resp.Diagnostics, tfprotov6.DiagnosticSeverityError, "Provider is not configured yet", "", "-refresh=false")
	if n := len(w.oss.Requests()); n > 0 {
		t.Errorf("%d requests without a region", n)
	}
}
