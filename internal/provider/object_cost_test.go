// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// These tests check the cost of attributes: requests, permissions and sent bytes.

// Another spelling of a date, or an empty map instead of null, sends no request.
func TestAccObject_sameAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	same := planned(action(plancheck.ResourceActionUpdate), kept("etag", "last_modified"))
	w.test(
		resource.TestStep{Config: w.object(file, `expires = "2027-01-31T12:00:00Z"`), ConfigPlanChecks: planned()},
		w.sends(0, resource.TestStep{
			Config:           w.object(file, `expires = "Sun, 31 Jan 2027 12:00:00 GMT"`, "metadata = {}", "tags = {}"),
			ConfigPlanChecks: same,
			ConfigStateChecks: []statecheck.StateCheck{
				state("expires", knownvalue.StringExact("Sun, 31 Jan 2027 12:00:00 GMT")),
				state("metadata", knownvalue.MapSizeExact(0)), state("tags", knownvalue.MapSizeExact(0)),
			},
		}),
		w.sends(0, resource.TestStep{Config: w.object(file, `expires = "2027-01-31T13:00:00+01:00"`), ConfigPlanChecks: same}),
	)
	for _, r := range w.oss.Requests() {
		if r.Op.Writes() && r.Op != osstest.DeleteObject {
			t.Errorf("sent %v", r)
		}
	}
}

// A value from another resource is a planned change. If it turns out to be equal,
// nothing is copied.
func TestAccObject_unknownAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	config := func(trigger string) string {
		return fmt.Sprintf(`
resource "terraform_data" "text" {
  input            = "same"
  triggers_replace = %q
}
`, trigger) + w.object(file, "cache_control = terraform_data.text.output", "metadata = { a = terraform_data.text.output }",
			"tags = { a = terraform_data.text.output }", `storage_class = "IA"`)
	}
	w.test(
		resource.TestStep{Config: config("1"), ConfigPlanChecks: planned(unknown("cache_control"))},
		w.sends(0, resource.TestStep{
			Config:           config("2"),
			ConfigPlanChecks: planned(unknown("cache_control", "etag"), knownText("storage_class", "IA"), kept("source_hash", "crc64")),
			PostApplyFunc: func() {
				if n := w.oss.Count(osstest.CopyObject); n > 0 {
					t.Errorf("%d copies", n)
				}
			},
		}),
	)
}

// A new rule of the bucket applies to what is written after it.
func TestAccObject_bucketEncryption(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	w.test(
		resource.TestStep{
			Config:            w.object(file),
			ConfigPlanChecks:  planned(unknown("storage_class", "server_side_encryption", "kms_key_id")),
			ConfigStateChecks: []statecheck.StateCheck{state("storage_class", knownvalue.StringExact("Standard")), state("server_side_encryption", knownvalue.Null())},
		},
		resource.TestStep{
			PreConfig:         func() { w.oss.SetEncryption(testBucket, "KMS", "key-1") },
			Config:            w.object(file, `cache_control = "no-cache"`),
			ConfigPlanChecks:  planned(noValue("server_side_encryption", "kms_key_id"), knownText("storage_class", "Standard")),
			ConfigStateChecks: []statecheck.StateCheck{state("kms_key_id", knownvalue.Null())}, // as planned
		},
		resource.TestStep{ // the refresh shows the new rule, and there is nothing to change
			Config:            w.object(file, `cache_control = "no-cache"`),
			ConfigPlanChecks:  planned(action(plancheck.ResourceActionNoop)),
			ConfigStateChecks: []statecheck.StateCheck{state("kms_key_id", knownvalue.StringExact("key-1"))},
		},
		resource.TestStep{ // without KMS, its attributes are null
			Config:            w.object(file, `cache_control = "no-cache"`, `server_side_encryption = "AES256"`),
			ConfigPlanChecks:  planned(known("kms_key_id", knownvalue.Null()), unknown("etag")),
			ConfigStateChecks: []statecheck.StateCheck{state("kms_key_id", knownvalue.Null())},
		},
	)
}

// A plan for a new file or header does not show what was never used: encryption and
// retention. If the bucket has got a rule for them, the apply is consistent with the
// plan all the same, and the next refresh shows the rule.
func TestAccObject_neverUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	quiet := noValue("server_side_encryption", "server_side_data_encryption", "kms_key_id", "object_worm_mode", "object_worm_retain_until_date")
	w.test(
		resource.TestStep{Config: w.object(file)},
		resource.TestStep{
			PreConfig: func() { w.write("file", "world") },
			Config:    w.object(file), ConfigPlanChecks: planned(quiet, unknown("etag", "version_id", "storage_class")),
		},
		resource.TestStep{Config: w.object(file, `cache_control = "no-cache"`), ConfigPlanChecks: planned(quiet, unknown("etag"))},
		resource.TestStep{
			PreConfig: func() {
				w.oss.SetEncryption(testBucket, "AES256", "")
				w.oss.EnableObjectWorm(testBucket, "GOVERNANCE", 30)
				w.write("file", "hello")
			},
			Config: w.object(file, `cache_control = "no-cache"`), ConfigPlanChecks: planned(quiet, unknown("etag")),
			Check: w.holds("hello", "text/plain"),
		},
		resource.TestStep{
			Config: w.object(file, `cache_control = "no-cache"`), ConfigPlanChecks: planned(action(plancheck.ResourceActionNoop)),
			ConfigStateChecks: []statecheck.StateCheck{
				state("server_side_encryption", knownvalue.StringExact("AES256")), state("object_worm_mode", knownvalue.StringExact("GOVERNANCE")),
			},
		},
	)
}

func TestWarnUnforeseen(t *testing.T) {
	found := resumable.ObjectInfo{
		Headers:   resumable.Headers{Encryption: resumable.Encryption{Algorithm: "AES256"}},
		Retention: resumable.Retention{Mode: "GOVERNANCE", Until: time.Now()},
	}
	unset := objectModel{ServerSideEncryption: types.StringNull(), WormMode: types.StringNull()}
	if diags := unset.warnUnforeseen(found); len(diags) != 2 || diags.HasError() {
		t.Errorf("not planned: %v", diags)
	}
	if diags := unset.warnUnforeseen(resumable.ObjectInfo{}); len(diags) != 0 {
		t.Errorf("as planned: %v", diags)
	}
	open := objectModel{ServerSideEncryption: types.StringUnknown(), WormMode: types.StringUnknown()}
	if diags := open.warnUnforeseen(found); len(diags) != 0 {
		t.Errorf("left to the bucket: %v", diags)
	}
}

// If KMS encrypts the object, the plan for any other change knows all attributes of the
// encryption, whether the configuration or the bucket has chosen KMS.
func TestAccObject_kmsKnownInPlan(t *testing.T) {
	for name, test := range map[string]struct{ config, key string }{
		"by the bucket":        {"", "key-1"},
		"by the configuration": {`server_side_encryption = "KMS"`, osstest.DefaultKMSKeyID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			file := w.write("file", "hello")
			if test.config == "" {
				w.oss.SetEncryption(testBucket, "KMS", test.key)
			}
			quiet := planned(action(plancheck.ResourceActionUpdate), unknown("etag"), knownText("server_side_encryption", "KMS"),
				knownText("kms_key_id", test.key), known("server_side_data_encryption", knownvalue.Null()))
			w.test(
				resource.TestStep{Config: w.object(file, test.config), ConfigPlanChecks: planned(unknown("kms_key_id"))},
				resource.TestStep{Config: w.object(file, test.config, `cache_control = "no-cache"`), ConfigPlanChecks: quiet},
				resource.TestStep{ // for new content, the current rule of the bucket applies
					PreConfig: func() { w.write("file", "world") },
					Config:    w.object(file, test.config, `cache_control = "no-cache"`), ConfigPlanChecks: planned(unknown("kms_key_id")),
				},
			)
		})
	}
}

// A limit of the transfer is not a property of the object.
func TestAccObject_trafficLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	sentWith := func(limit string) func() {
		return func() {
			for _, r := range w.oss.Requests() {
				if got := r.Header.Get("x-oss-traffic-limit"); r.Op == osstest.PutObject && got != limit {
					w.Errorf("the upload asked for a limit of %q, want %q", got, limit)
				}
			}
		}
	}
	providers := w.providerBlock("traffic_limit = 838860800")
	source := fmt.Sprintf("source = %q", file)
	w.test(
		w.sends(5, resource.TestStep{
			Config: providers + w.resource(source), ConfigPlanChecks: planned(), PostApplyFunc: sentWith("838860800"),
		}),
		w.sends(0, resource.TestStep{
			Config:           providers + w.resource(source, "traffic_limit = 819200"),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), kept("etag", "last_modified", "crc64")),
		}),
		w.sends(5, resource.TestStep{
			PreConfig: func() { w.write("file", "world") },
			Config:    providers + w.resource(source, "traffic_limit = 819200"), ConfigPlanChecks: planned(unknown("etag")),
			PostApplyFunc: sentWith("819200"),
		}),
	)
}

// After a failure between two changes, the next plan shows the remaining change.
func TestAccObject_failedTaggingAfterCopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	config := w.object(file, `cache_control = "no-cache"`, `acl = "private"`, `tags = { a = "b" }`)
	var allow func()
	w.test(
		resource.TestStep{Config: w.object(file), ConfigPlanChecks: planned()},
		resource.TestStep{
			PreConfig:   func() { allow = w.oss.DenyActions("oss:PutObjectTagging") },
			Config:      config,
			ExpectError: says("Access denied ... oss:PutObjectTagging"),
		},
		w.sends(0, resource.TestStep{
			PreConfig: func() { allow() },
			Config:    config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), kept("etag"), // the copy is done
				knownText("cache_control", "no-cache"), known("tags", knownvalue.MapSizeExact(1))),
		}),
	)
}

// Attributes that the configuration does not set need no permission and no request.
func TestAccObject_readIsOneRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	w.oss.DenyActions("oss:GetObjectTagging", "oss:PutObjectTagging", "oss:GetObjectAcl", "oss:PutObjectAcl")
	config := w.object(file)
	w.test(
		resource.TestStep{Config: config, ConfigPlanChecks: planned()},
		resource.TestStep{PreConfig: w.oss.ResetLog, Config: config, PlanOnly: true},
	)
	for _, r := range w.oss.Requests() {
		if r.Op != osstest.HeadObject && r.Op != osstest.DeleteObject {
			t.Errorf("sent %v", r)
		}
	}
}

// Without the permission to read tags, a refresh must not report that the object has no tags.
func TestAccObject_tagsNotReadable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"), `tags = { a = "b" }`)
	var allow func()
	w.test(
		resource.TestStep{Config: config, ConfigPlanChecks: planned()},
		resource.TestStep{
			PreConfig:   func() { allow = w.oss.DenyActions("oss:GetObjectTagging") },
			Config:      config,
			ExpectError: says("Access denied ... oss:GetObjectTagging"),
		},
		resource.TestStep{PreConfig: func() { allow() }, Config: config, PlanOnly: true},
	)
}

// An object of any size can be copied.
func TestAccObject_attributesOfLargeObject(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a sparse file of 1.25 GiB")
	}
	t.Parallel()
	w := newWorld(t)
	const partSize, parts = 256 << 20, 5 // the parts of a copy, so that the server need not split the content
	file := w.write("large", "")
	if err := os.Truncate(file, parts*partSize); err != nil {
		t.Fatal(err)
	}
	w.oss.PutLargeObject(testBucket, testKey, make([]byte, partSize), parts, http.Header{"Content-Type": {"text/plain"}})
	var lines []string
	with := func(line string) string {
		lines = append(lines, line)
		return w.object(file, lines...)
	}
	steps := []resource.TestStep{w.sends(0, resource.TestStep{
		Config: w.object(file) + fmt.Sprintf(`
import {
  to = %s
  id = "%s/%s"
}
`, testAddress, testBucket, testKey),
		ConfigPlanChecks: planned(),
	})}
	// After a refusal because of the size, the provider copies in parts.
	allow := func() {}
	steps = append(steps, w.sends(0, resource.TestStep{
		PreConfig: func() {
			allow = w.oss.AddRule(osstest.Rule{Op: osstest.CopyObject, Fault: osstest.Refuse(400, "InvalidSourceSize")})
		},
		Config:           with(`content_disposition = "inline"`),
		ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), kept("crc64", "content_length")),
		PostApplyFunc: func() {
			allow()
			if w.oss.Count(osstest.CopyObject) != 1 || w.oss.Count(osstest.UploadPartCopy) != parts {
				t.Errorf("%d copies in one request, %d parts copied", w.oss.Count(osstest.CopyObject), w.oss.Count(osstest.UploadPartCopy))
			}
		},
	}))
	for _, line := range []string{
		`cache_control = "no-cache"`, `metadata = { a = "b" }`, `tags = { a = "b" }`, `acl = "private"`,
		`storage_class = "IA"`, `server_side_encryption = "AES256"`, `kms_key_id = "key-1"`,
	} {
		if line == `kms_key_id = "key-1"` { // another algorithm, and a header, in the same copy
			lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "server_side_encryption") })
			line += "\n" + `server_side_encryption = "KMS"` + "\n" + `content_language = "de"`
		}
		steps = append(steps, w.sends(0, resource.TestStep{
			Config:           with(line),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), kept("crc64", "content_length")),
		}))
	}
	last := &steps[len(steps)-1]
	last.Check = func(*terraform.State) error {
		info, _ := w.oss.Object(testBucket, testKey)
		got := strings.Join([]string{
			info.Header.Get("Cache-Control"), info.Header.Get("x-oss-meta-a"), tagsOf(info), info.ACL, info.Header.Get("x-oss-storage-class"),
			info.Header.Get("x-oss-server-side-encryption-key-id"), info.Header.Get("Content-Language"),
		}, "; ")
		if want := "no-cache; b; a=b; private; IA; key-1; de"; got != want {
			return fmt.Errorf("OSS holds %q, want %q", got, want)
		}
		if n, whole := w.oss.Count(osstest.UploadPartCopy), w.oss.Count(osstest.CopyObject); n != parts || whole != 0 {
			return fmt.Errorf("the last step copied %d parts, want %d, after %d copies that OSS refuses", n, parts, whole)
		}
		return nil
	}
	w.test(steps...)
}

// For an Archive object, the plan only warns, because its bucket may allow real-time
// access.
func TestArchivedWarning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(nil)
	config := objectConfig(w.write("file", "hello"))
	config["storage_class"] = text("Archive")
	done := s.applyCreate(t.Context(), config, s.planCreate(config).PlannedState)
	s.check(nil, done.Diagnostics)
	prior, err := done.NewState.Unmarshal(s.object)
	s.check(err, nil)
	proposed := map[string]tftypes.Value{}
	s.check(prior.As(&proposed), nil)
	config["storage_class"], proposed["storage_class"] = text("IA"), text("IA")
	plan := func() []*tfprotov6.Diagnostic {
		s := w.serve(nil) // each terraform plan starts a provider
		resp, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: typeName, PriorState: done.NewState, ProposedNewState: s.encode(proposed), Config: s.encode(config),
		})
		s.check(err, resp.Diagnostics)
		return resp.Diagnostics
	}
	s.expectDiagnostic(plan(), tfprotov6.DiagnosticSeverityWarning, "Object is archived", "storage_class", "real-time access")
	w.oss.Restore(testBucket, testKey, 1)
	if diags := plan(); len(diags) != 0 {
		t.Errorf("of a restored object: %s", show(diags))
	}
}

// OSS copies an archived object only while it is restored. The plan returns an error,
// unless the content is uploaded anyway or the bucket may allow real-time access.
func TestAccObject_archived(t *testing.T) {
	t.Parallel()
	for _, class := range []string{"Archive", "DeepColdArchive"} {
		w := newWorld(t)
		file := w.write("file", "hello")
		plan := resource.TestStep{
			Config:      w.object(file, `storage_class = "Standard"`),
			ExpectError: says("Object is archived ... storage_class ... " + class + " and is not restored ... Restore the object"),
			PlanOnly:    true,
		}
		if class == "Archive" { // a warning, which this test module does not show
			plan.PlanOnly, plan.ExpectError = false, says("Object is archived ... InvalidObjectState ... The object was not changed")
		}
		archive := fmt.Sprintf("storage_class = %q", class)
		w.test(
			resource.TestStep{Config: w.object(file, archive), ConfigPlanChecks: planned()},
			plan,
			w.sends(0, resource.TestStep{Config: w.object(file, archive, `tags = { a = "b" }`), ConfigPlanChecks: planned()}),
			w.sends(0, resource.TestStep{
				PreConfig:        func() { w.oss.Restore(testBucket, testKey, 1) },
				Config:           w.object(file, `storage_class = "IA"`),
				ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate)),
			}),
			w.sends(0, resource.TestStep{Config: w.object(file, archive), ConfigPlanChecks: planned()}),
			w.sends(5, resource.TestStep{
				PreConfig:        func() { w.write("file", "world") },
				Config:           w.object(file, `storage_class = "Standard"`),
				ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate)),
			}),
		)
	}
}
