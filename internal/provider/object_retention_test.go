// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func retainedUntil(mode, date string) []string {
	return []string{fmt.Sprintf("object_worm_mode = %q", mode), fmt.Sprintf("object_worm_retain_until_date = %q", date)}
}

// isRetained checks the retention of the current version in OSS.
func (w *world) isRetained(mode, until string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		info, _ := w.oss.Object(testBucket, testKey)
		found := ""
		if info.WormMode != "" {
			found = info.RetainUntil.UTC().Format(time.RFC3339)
		}
		if info.WormMode != mode || found != until {
			return fmt.Errorf("the object is retained in mode %q until %q, want %q, %q", info.WormMode, found, mode, until)
		}
		return nil
	}
}

// A retention is created, imported, extended, lost with its version, set on new versions,
// and removed from the configuration.
func TestAccObject_retention(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.EnableObjectWorm(testBucket, "", 0)
	file := w.write("file", "hello")
	first, second := retainedUntil("COMPLIANCE", "2094-01-01T00:00:00Z"), retainedUntil("COMPLIANCE", "2095-01-01T08:00:00+08:00")
	written, changed := unknown("etag", "version_id", "last_modified"), kept("etag", "version_id", "last_modified", "crc64")
	update := action(plancheck.ResourceActionUpdate)
	var version string
	w.test(
		w.sends(5, resource.TestStep{
			Config: w.object(file, first...), Check: w.isRetained("COMPLIANCE", "2094-01-01T00:00:00Z"),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate), knownText("object_worm_mode", "COMPLIANCE")),
		}),
		resource.TestStep{
			ResourceName: testAddress, ImportState: true, ImportStateId: testBucket + "/" + testKey,
			ImportStateVerify: true, ImportStateVerifyIgnore: []string{"source"},
		},
		w.sends(0, resource.TestStep{
			Config: w.object(file, second...), Check: w.isRetained("COMPLIANCE", "2095-01-01T00:00:00Z"),
			ConfigPlanChecks: planned(update, changed),
		}),
		w.sends(0, resource.TestStep{ // another spelling
			Config:           w.object(file, retainedUntil("COMPLIANCE", "2095-01-01T00:00:00.000Z")...),
			ConfigPlanChecks: planned(update, changed),
			PostApplyFunc: func() {
				if n := w.oss.Count(osstest.PutObjectRetention); n > 0 {
					t.Errorf("%d requests for the same instant", n)
				}
			},
		}),
		resource.TestStep{
			Config:      w.object(file, first...),
			PlanOnly:    true,
			ExpectError: says("Retention cannot be shortened ... object_worm_retain_until_date ... oss://test-bucket/dir/file.txt is retained until 2095"),
		},
		resource.TestStep{
			Config:      w.object(file, retainedUntil("GOVERNANCE", "2096-01-01T00:00:00Z")...),
			PlanOnly:    true,
			ExpectError: says("Retention mode cannot be changed ... object_worm_mode"),
		},
		w.sends(0, resource.TestStep{ // a version of another program, without retention
			PreConfig: func() {
				w.oss.PutObject(testBucket, testKey, []byte("hello"), http.Header{"Content-Type": {"text/plain"}})
			},
			Config: w.object(file, second...), Check: w.isRetained("COMPLIANCE", "2095-01-01T00:00:00Z"),
			ConfigPlanChecks: planned(update, changed),
		}),
		w.sends(0, resource.TestStep{ // a copy; its retention can be shorter
			Config: w.object(file, append(first, `cache_control = "no-cache"`)...), Check: w.isRetained("COMPLIANCE", "2094-01-01T00:00:00Z"),
			ConfigPlanChecks: planned(update, written),
		}),
		w.sends(5, resource.TestStep{
			PreConfig: func() { w.write("file", "world") },
			Config:    w.object(file, append(first, `cache_control = "no-cache"`)...), Check: w.isRetained("COMPLIANCE", "2094-01-01T00:00:00Z"),
			ConfigPlanChecks: planned(update, written),
		}),
		w.sends(0, resource.TestStep{
			PreConfig: func() {
				info, _ := w.oss.Object(testBucket, testKey)
				version = info.VersionID
			},
			Config: w.object(file, `cache_control = "no-cache"`), Check: w.isRetained("COMPLIANCE", "2094-01-01T00:00:00Z"),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionNoop)),
		}),
		w.sends(0, resource.TestStep{ // a new version gets the retention of the bucket; the old one keeps its own
			Config: w.object(file), Check: w.isRetained("", ""),
			ConfigPlanChecks:  planned(update, unknown("object_worm_mode", "object_worm_retain_until_date")),
			ConfigStateChecks: []statecheck.StateCheck{state("object_worm_mode", knownvalue.Null())},
			PostApplyFunc: func() {
				for _, v := range w.oss.Versions(testBucket, testKey) {
					if v.VersionID == version && v.WormMode == "" {
						t.Error("the old version has lost its retention")
					}
				}
			},
		}),
	)
}

// The retention rule of the bucket is in the state, and is not a change.
func TestAccObject_retentionOfTheBucket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.EnableObjectWorm(testBucket, "GOVERNANCE", 30)
	w.test(w.sends(5, resource.TestStep{
		Config:            w.object(w.write("file", "hello")),
		ConfigPlanChecks:  planned(unknown("object_worm_mode", "object_worm_retain_until_date")),
		ConfigStateChecks: []statecheck.StateCheck{state("object_worm_mode", knownvalue.StringExact("GOVERNANCE")), state("object_worm_retain_until_date", knownvalue.NotNull())},
	}))
}

// A date from another resource is a planned change until it is known.
func TestAccObject_retentionUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.EnableObjectWorm(testBucket, "", 0)
	file := w.write("file", "hello")
	config := func(trigger string) string {
		return fmt.Sprintf(`
resource "terraform_data" "until" {
  input            = ["COMPLIANCE", "2094-01-01T00:00:00Z"]
  triggers_replace = %q
}
`, trigger) + w.object(file, "object_worm_mode = terraform_data.until.output[0]", "object_worm_retain_until_date = terraform_data.until.output[1]")
	}
	both := unknown("object_worm_mode", "object_worm_retain_until_date")
	w.test(
		resource.TestStep{Config: config("1"), Check: w.isRetained("COMPLIANCE", "2094-01-01T00:00:00Z"), ConfigPlanChecks: planned(both)},
		w.sends(0, resource.TestStep{
			Config: config("2"), ConfigPlanChecks: planned(both, kept("etag", "crc64")),
			PostApplyFunc: func() {
				if n := w.oss.Count(osstest.PutObjectRetention); n > 0 {
					t.Errorf("%d requests for the same", n)
				}
			},
		}),
	)
}

// If the state has a retention but the HEAD does not, the provider requests it.
func TestAccObject_retentionNotInHead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.EnableObjectWorm(testBucket, "", 0)
	silent := w.answering(func(r *http.Response) error {
		r.Header.Del("X-Oss-Object-Worm-Mode")
		r.Header.Del("X-Oss-Object-Worm-Retain-Until-Date")
		return nil
	})
	config := strings.ReplaceAll(w.object(w.write("file", "hello"), retainedUntil("COMPLIANCE", "2094-01-01T00:00:00Z")...), w.oss.URL(), silent)
	w.test(w.sends(5, resource.TestStep{Config: config, Check: w.isRetained("COMPLIANCE", "2094-01-01T00:00:00Z"), ConfigPlanChecks: planned()}))
}

// After a refused retention, the next apply does not send the content again.
func TestAccObject_retentionRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"), retainedUntil("COMPLIANCE", "2094-01-01T00:00:00Z")...)
	w.test(
		w.sends(5, resource.TestStep{
			Config:      config,
			ExpectError: says("Retention was not set ... the bytes were stored ... InvalidRequest ... bucket with versioning"),
		}),
		w.sends(0, resource.TestStep{
			PreConfig: func() { w.oss.EnableObjectWorm(testBucket, "", 0) },
			Config:    config, Check: w.isRetained("COMPLIANCE", "2094-01-01T00:00:00Z"), ConfigPlanChecks: planned(),
		}),
	)
}

func TestAccObject_retentionInvalid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	var steps []resource.TestStep
	for _, test := range []struct {
		lines []string
		says  string
	}{
		{retainedUntil("COMPLIANCE", "2001-01-01T00:00:00Z"), "Retention date has passed ... object_worm_retain_until_date"},
		{retainedUntil("COMPLIANCE", "tomorrow"), `the format is not`},
		{retainedUntil("COMPLIANCE", "2094-01-01T00:00:00.0001Z"), "fractions of a millisecond"},
		{retainedUntil("MAYBE", "2094-01-01T00:00:00Z"), `value must be one of`},
		{retainedUntil("COMPLIANCE", "2094-01-01T00:00:00Z")[:1], `"object_worm_retain_until_date" must be specified`},
		{retainedUntil("COMPLIANCE", "2094-01-01T00:00:00Z")[1:], `"object_worm_mode" must be specified`},
	} {
		steps = append(steps, resource.TestStep{Config: w.object(file, test.lines...), PlanOnly: true, ExpectError: says(test.says)})
	}
	steps = append(steps, resource.TestStep{
		Config:   w.providerBlock(`sign_version = "v1"`) + w.resource(append(retainedUntil("COMPLIANCE", "2094-01-01T00:00:00Z"), fmt.Sprintf("source = %q", file))...),
		PlanOnly: true, ExpectError: says(`Retention cannot be set ... object_worm_mode ... sign_version = "v4"`),
	})
	w.test(steps...)
}

// A date that has passed is equal to no retention. The provider does not request it, and
// it is not a change if OSS does not report it.
func TestRetention_expired(t *testing.T) {
	now := time.Date(2030, 6, 1, 0, 0, 0, 0, time.UTC)
	model := func(until string) *objectModel {
		return &objectModel{WormMode: types.StringValue("COMPLIANCE"), WormRetainUntil: types.StringValue(until)}
	}
	for until, inForce := range map[string]bool{"2030-06-01T00:00:00Z": false, "2030-06-01T00:00:00.001Z": true, "2030-06-01T00:30:00+01:00": false} {
		m := model(until)
		if got := m.retentionInForce(now).Mode != ""; got != inForce {
			t.Errorf("%s in force: %v", until, got)
		}
		m.setRetention(resumable.Retention{}, now)
		if m.WormMode.IsNull() != inForce {
			t.Errorf("%s, and OSS has none: %v", until, m.WormRetainUntil)
		}
	}
	over, state := model("2030-01-01T00:00:00Z"), model("2030-01-01T00:00:00Z")
	if diags := over.planRetention(over, state, true, now); diags.HasError() {
		t.Errorf("what did not change: %v", diags)
	}
	for name, diags := range map[string]bool{
		"new":     over.planRetention(over, nil, true, now).HasError(),
		"changed": over.planRetention(over, model("2029-01-01T00:00:00Z"), false, now).HasError(),
	} {
		if !diags {
			t.Errorf("%s: no error", name)
		}
	}
	later := model("2031-01-01T00:00:00Z")
	if diags := later.planRetention(later, model("2030-02-01T00:00:00Z"), false, now); diags.HasError() {
		t.Errorf("after the old one is over: %v", diags)
	}
}

// The mode of a retention in force cannot change, even to a stricter one. After its date,
// both modes can be set.
func TestRetention_modeIsFixed(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	in := func(mode, until string) *objectModel {
		return &objectModel{WormMode: types.StringValue(mode), WormRetainUntil: types.StringValue(until)}
	}
	for name, row := range map[string]struct {
		state, config *objectModel
		refused       bool
	}{
		"stricter":          {in("GOVERNANCE", "2027-01-01T00:00:00Z"), in("COMPLIANCE", "2028-01-01T00:00:00Z"), true},
		"weaker":            {in("COMPLIANCE", "2027-01-01T00:00:00Z"), in("GOVERNANCE", "2028-01-01T00:00:00Z"), true},
		"the same, longer":  {in("GOVERNANCE", "2027-01-01T00:00:00Z"), in("GOVERNANCE", "2028-01-01T00:00:00Z"), false},
		"the old one ended": {in("GOVERNANCE", "2025-01-01T00:00:00Z"), in("COMPLIANCE", "2028-01-01T00:00:00Z"), false},
	} {
		diags := row.config.planRetention(row.config, row.state, false, now)
		if diags.HasError() != row.refused {
			t.Errorf("%s: %v", name, diags)
		}
	}
}

// OSS answers 404 NoSuchObjectRetentionConfiguration for a version without a
// retention. That is not an error.
func TestRead_retentionMissing(t *testing.T) {
	w := newWorld(t)
	w.oss.EnableObjectWorm(testBucket, "COMPLIANCE", 0)
	s := w.serve(nil)
	config := objectConfig(w.write("file", "hello"))
	config["object_worm_mode"], config["object_worm_retain_until_date"] = text("COMPLIANCE"), text("2094-01-01T00:00:00Z")
	created := s.applyCreate(t.Context(), config, s.planCreate(config).PlannedState)
	s.check(nil, created.Diagnostics)
	w.oss.PutObject(testBucket, testKey, []byte("hello"), nil) // a version of another program
	w.oss.AddRule(osstest.Rule{Op: osstest.GetObjectRetention, Fault: osstest.Refuse(404, "NoSuchObjectRetentionConfiguration")})
	read, err := s.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: created.NewState, Private: created.Private})
	s.check(err, read.Diagnostics)
	if mode := s.attributes(read.NewState)["object_worm_mode"]; !mode.IsNull() {
		t.Errorf("mode %s", mode)
	}
	if w.oss.Count(osstest.GetObjectRetention) == 0 {
		t.Error("OSS was not asked for the retention")
	}
}
