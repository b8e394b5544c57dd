// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
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
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var writeOnlyArguments = tfversion.SkipBelow(tfversion.Version1_11_0)

func (w *world) secret(content string, version int, lines ...string) string {
	lines = append(lines, fmt.Sprintf("content_wo = %q", content), fmt.Sprintf("content_wo_version = %d", version))
	return w.providerBlock() + w.resource(lines...)
}

// hidden are checks that the state has no checksum of the content.
func hidden(version int64) []statecheck.StateCheck {
	checks := []statecheck.StateCheck{state("content_wo_version", knownvalue.Int64Exact(version)), state("last_modified", knownvalue.NotNull())}
	for _, name := range []string{"content_wo", "source_hash", "crc64", "content_length", "etag"} {
		checks = append(checks, state(name, knownvalue.Null()))
	}
	return checks
}

// Only the version decides what is uploaded. A change of headers and a rename keep the
// uploaded content, although the configuration has other content by then.
func TestAccObject_secret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	update := action(plancheck.ResourceActionUpdate)
	w.testIf(writeOnlyArguments,
		w.sends(7, resource.TestStep{
			Config: w.secret("hunter2", 1), ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate)),
			ConfigStateChecks: hidden(1), Check: w.holds("hunter2", "text/plain"),
		}),
		w.sends(0, resource.TestStep{
			Config: w.secret("hunter3", 1), ConfigPlanChecks: planned(action(plancheck.ResourceActionNoop)), Check: w.holds("hunter2", "text/plain"),
		}),
		w.sends(9, resource.TestStep{
			Config: w.secret("hunter4+5", 2), ConfigPlanChecks: planned(update), ConfigStateChecks: hidden(2), Check: w.holds("hunter4+5", "text/plain"),
		}),
		w.sends(0, resource.TestStep{
			Config: w.secret("hunter6", 2, `cache_control = "no-store"`), ConfigPlanChecks: planned(update),
			ConfigStateChecks: hidden(2), Check: w.holds("hunter4+5", "text/plain"),
		}),
		w.sends(0, resource.TestStep{
			Config: elsewhere(w.secret("hunter6", 2, `cache_control = "no-store"`)), ConfigPlanChecks: planned(update),
			ConfigStateChecks: hidden(2), Check: w.places("", "hunter4+5"),
		}),
		w.sends(7, resource.TestStep{
			Config: w.secret("hunter7", 3), ConfigPlanChecks: planned(update), ConfigStateChecks: hidden(3), Check: w.places("hunter7", ""),
		}),
		w.sends(0, resource.TestStep{ // the object has the content of this version, too
			Config: w.secret("hunter7", 4), ConfigPlanChecks: planned(update), ConfigStateChecks: hidden(4), Check: w.holds("hunter7", "text/plain"),
		}),
	)
}

// An object that another program has written is replaced by the next apply, and so is
// one of another argument. Equal content is not sent again.
func TestAccObject_secretOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	update := action(plancheck.ResourceActionUpdate)
	w.testIf(writeOnlyArguments,
		resource.TestStep{Config: w.secret("hunter2", 1)},
		w.sends(7, resource.TestStep{
			PreConfig: func() { w.oss.PutObject(testBucket, testKey, []byte("theirs"), nil) },
			Config:    w.secret("hunter2", 1), ConfigPlanChecks: planned(update), ConfigStateChecks: hidden(1), Check: w.holds("hunter2", "text/plain"),
		}),
		w.sends(0, resource.TestStep{ // another program has changed the headers only
			PreConfig: func() {
				w.oss.PutObject(testBucket, testKey, []byte("hunter2"), http.Header{"Content-Type": {"text/plain"}})
			},
			Config: w.secret("hunter2", 1), ConfigPlanChecks: planned(update), ConfigStateChecks: hidden(1),
		}),
		w.sends(5, resource.TestStep{
			Config:           w.providerBlock() + w.resource(`content = "hello"`),
			ConfigPlanChecks: planned(update, kept("source_hash", "crc64")), Check: w.holds("hello", "text/plain"),
		}),
		w.sends(7, resource.TestStep{
			Config: w.secret("hunter2", 1), ConfigPlanChecks: planned(update), ConfigStateChecks: hidden(1), Check: w.holds("hunter2", "text/plain"),
		}),
	)
}

// The import of an object with the same content sends nothing.
func TestAccObject_secretImported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.PutObject(testBucket, testKey, []byte("hunter2"), nil)
	block := fmt.Sprintf("import {\n  to = %s\n  id = \"%s/%s\"\n}\n", testAddress, testBucket, testKey)
	w.testIf(writeOnlyArguments, w.sends(0, resource.TestStep{
		Config: w.secret("hunter2", 1) + block, ConfigPlanChecks: planned(), ConfigStateChecks: hidden(1), Check: w.holds("hunter2", "text/plain"),
	}))
}

// A destroy leaves an object that another program has written, because nothing but the
// mark tells it apart.
func TestAccObject_secretDestroy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.testCase(resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{writeOnlyArguments},
		CheckDestroy:           func(*terraform.State) error { return w.places("theirs", "")(nil) },
		Steps: []resource.TestStep{
			{Config: w.secret("hunter2", 1)},
			{Config: w.secret("hunter2", 1), Destroy: true, PreConfig: func() { w.oss.PutObject(testBucket, testKey, []byte("theirs"), nil) }},
		},
	})
}

func TestAccObject_secretRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := func(lines ...string) string { return w.providerBlock() + w.resource(lines...) }
	w.testIf(writeOnlyArguments,
		resource.TestStep{Config: config(`content_wo = "hunter2"`), ExpectError: says("must be specified when")},
		resource.TestStep{Config: config(`content_wo_version = 1`, `content = "x"`), ExpectError: says("must be specified when")},
		resource.TestStep{Config: w.secret("hunter2", 0), ExpectError: says("must be at least 1")},
		resource.TestStep{Config: w.secret("hunter2", 1, `source = "file"`), ExpectError: says("Invalid Attribute Combination")},
		resource.TestStep{Config: w.secret("hunter2", 1, fmt.Sprintf("source_hash = %q", sha256Hello)), ExpectError: says("Invalid Attribute Combination")},
	)
}

// Terraform before 1.11 does not support write-only arguments, and would store the secret.
func TestObject_secretBeforeTerraform1_11(t *testing.T) {
	s := newWorld(t).serve(nil)
	config := map[string]tftypes.Value{
		"bucket": text(testBucket), "key": text(testKey), "content_wo": text("hunter2"), "content_wo_version": tftypes.NewValue(tftypes.Number, 1),
	}
	for supported, want := range map[bool]string{false: "WriteOnly Attribute Not Allowed", true: ""} {
		resp, err := s.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
			TypeName: typeName, Config: s.encode(config),
			ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: supported},
		})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, d := range resp.Diagnostics {
			got += d.Summary
			t.Logf("%s: %s", d.Summary, d.Detail)
		}
		if got != want {
			t.Errorf("supported %v: %q, want %q", supported, got, want)
		}
	}
}

// Without a checksum, the time, the version and the mark show another writer.
func TestObjectModel_findSecret(t *testing.T) {
	then := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	own := resumable.ObjectInfo{LastModified: then, VersionID: "v1", Headers: resumable.Headers{Mark: "me"}}
	change := func(alter func(*resumable.ObjectInfo)) resumable.ObjectInfo {
		other := own
		alter(&other)
		return other
	}
	for name, row := range map[string]struct {
		found   resumable.ObjectInfo
		version int64
	}{
		"the same":      {own, 3},
		"later":         {change(func(o *resumable.ObjectInfo) { o.LastModified = then.Add(time.Second) }), overwritten},
		"other version": {change(func(o *resumable.ObjectInfo) { o.VersionID = "v2" }), overwritten},
		"other mark":    {change(func(o *resumable.ObjectInfo) { o.Headers.Mark = "you" }), overwritten},
		"no mark":       {change(func(o *resumable.ObjectInfo) { o.Headers.Mark = "" }), overwritten},
		"a link":        {change(func(o *resumable.ObjectInfo) { o.Symlink = true }), overwritten},
	} {
		m := &objectModel{ContentWOVersion: types.Int64Value(3)}
		m.setVersion(own)
		row.found.ETag, row.found.CRC64, row.found.Size = "ETAG", "1", 5
		m.setFound(row.found)
		m.checkSecretMark(ownership{ID: "me"}, row.found)
		if got := m.ContentWOVersion.ValueInt64(); got != row.version {
			t.Errorf("%s: version %d, want %d", name, got, row.version)
		}
		if !m.ETag.IsNull() || !m.CRC64.IsNull() || !m.ContentLength.IsNull() || !m.SourceHash.IsNull() {
			t.Errorf("%s: the model has checksums: %+v", name, m)
		}
	}
}
