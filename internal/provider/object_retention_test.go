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

// isRetained checks what OSS says of the current version.
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

// The life of a retention: created, imported, moved later, lost with its
// version, carried to new versions, and left without configuration.
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
		w.sends(0, resource.TestStep{ // a version of somebody else's, without it
			PreConfig: func() {
				w.oss.PutObject(testBucket, testKey, []byte("hello"), http.Header{"Content-Type": {"text/plain"}})
			},
			Config: w.object(file, second...), Check: w.isRetained("COMPLIANCE", "2095-01-01T00:00:00Z"),
			ConfigPlanChecks: planned(update, changed),
		}),
		w.sends(0, resource.TestStep{ // a copy; its version may be retained for a shorter time
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
		w.sends(0, resource.TestStep{ // a new version has what the bucket gives it; the old one keeps its own
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

// The rule of the bucket shows, and is no difference.
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

// A date from another resource is a change until it is known.
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

// Should a HEAD not tell of the retention that the state has, OSS is asked for it.
func TestAccObject_retentionThatHeadDoesNotTell(t *testing.T) {
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

// What OSS refuses after the bytes are in place costs no bytes again.
func TestAccObject_retentionRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"), retainedUntil("COMPLIANCE", "2094-01-01T00:00:00Z")...)
	w.test(
		w.sends(5, resource.TestStep{
			Config:      config,
			ExpectError: says("Retention was not set ... the bytes are in place ... InvalidRequest ... bucket with versioning"),
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
		{retainedUntil("COMPLIANCE", "2001-01-01T00:00:00Z"), "Retention date is over ... object_worm_retain_until_date"},
		{retainedUntil("COMPLIANCE", "tomorrow"), `it is not of the form`},
		{retainedUntil("COMPLIANCE", "2094-01-01T00:00:00.0001Z"), "more exact than a millisecond"},
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

// A date that is over is the same as none: nobody is asked for it, and nothing
// differs when OSS does not have it.
func TestRetentionThatIsOver(t *testing.T) {
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

// The mode of a retention in force is fixed, also where the new one is stricter.
// When it is over, either can be set.
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
func TestRead_retentionIsGone(t *testing.T) {
	w := newWorld(t)
	w.oss.EnableObjectWorm(testBucket, "COMPLIANCE", 0)
	s := w.serve(nil)
	config := objectConfig(w.write("file", "hello"))
	config["object_worm_mode"], config["object_worm_retain_until_date"] = text("COMPLIANCE"), text("2094-01-01T00:00:00Z")
	created := s.applyCreate(t.Context(), config, s.planCreate(config).PlannedState)
	s.check(nil, created.Diagnostics)
	w.oss.PutObject(testBucket, testKey, []byte("hello"), nil) // a version of another client's
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
