// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const dataAddress = "data.ossresumable_object.test"

// found is the data source for testKey, which depends on the resource.
func found(lines string) string {
	return fmt.Sprintf(`
data "ossresumable_object" "test" {
  bucket = %q
  key    = %q
  %s
}
`, testBucket, testKey, lines)
}

// The data source and the resource have equal attributes for the same object.
func TestAccObjectDataSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.SetVersioning(testBucket, "Enabled")
	source := fmt.Sprintf("source = %q", w.write("file", "hello"))
	alike := []statecheck.StateCheck{
		statecheck.ExpectKnownValue(dataAddress, tfjsonpath.New("crc64"), knownvalue.StringExact("11177612005948864433")),
	}
	for _, attribute := range []string{
		"id", "crc64", "content_length", "etag", "version_id", "last_modified", "content_type", "cache_control", "content_disposition",
		"content_encoding", "content_language", "expires", "metadata", "tags", "storage_class", "server_side_encryption",
		"server_side_data_encryption", "kms_key_id",
	} {
		alike = append(alike, statecheck.CompareValuePairs(testAddress, tfjsonpath.New(attribute), dataAddress, tfjsonpath.New(attribute), compare.ValuesSame()))
	}
	waiting := found("depends_on = [ossresumable_object.test]")
	everything := w.providerBlock() + w.resource(source, `cache_control = "no-cache"`, `content_disposition = "inline"`, `content_encoding = "gzip"`,
		`content_language = "de"`, `expires = "Sun, 31 Jan 2027 12:00:00 GMT"`, `metadata = { a = "b" }`, `tags = { a = "b c" }`,
		`storage_class = "IA"`, `server_side_encryption = "KMS"`, `server_side_data_encryption = "SM4"`, `kms_key_id = "key-1"`)
	w.test(
		resource.TestStep{Config: w.providerBlock() + found(""), ExpectError: says("Object does not exist ... oss://test-bucket/dir/file.txt ... depends_on")},
		resource.TestStep{Config: w.providerBlock() + w.resource(source) + waiting, ConfigStateChecks: alike, ConfigPlanChecks: planned()},
		resource.TestStep{
			Config: everything + waiting, ConfigStateChecks: alike,
			ConfigPlanChecks: planned(plancheck.ExpectResourceAction(dataAddress, plancheck.ResourceActionRead)),
		},
	)
}

// Reading an object sends one request, and another one only if the object has tags.
func TestObjectDataSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.SetVersioning(testBucket, "Enabled")
	one := w.oss.PutObject(testBucket, testKey, []byte("one"), http.Header{"X-Oss-Tagging": {"a=b"}})
	two := w.oss.PutObject(testBucket, testKey, []byte("two two"), nil)
	w.oss.DeleteObject(testBucket, "deleted")
	marker := w.oss.Versions(testBucket, "deleted")[0].VersionID
	s := w.serve(nil)

	for name, tt := range map[string]struct {
		version  tftypes.Value
		size     int64
		id       string
		requests int
	}{
		"current":     {tftypes.NewValue(tftypes.String, nil), 7, two.VersionID, 1},
		"old version": {text(one.VersionID), 3, one.VersionID, 2},
	} {
		w.oss.ResetLog()
		got := s.mustRead("ossresumable_object", map[string]tftypes.Value{"bucket": text(testBucket), "key": text(testKey), "version_id": tt.version})
		if !got["content_length"].Equal(number(tt.size)) || !got["version_id"].Equal(text(tt.id)) || got["tags"].IsNull() != (tt.requests == 1) {
			t.Errorf("%s: %v", name, got)
		}
		if n := len(w.oss.Requests()); n != tt.requests {
			t.Errorf("%s: %d requests, want %d", name, n, tt.requests)
		}
	}

	for name, tt := range map[string]struct {
		config                  map[string]tftypes.Value
		summary, argument, says string
	}{
		"no object":     {map[string]tftypes.Value{"key": text("a\x1b[2J")}, "Object does not exist", "key", `oss://test-bucket/a\x1b[2J`},
		"deleted":       {map[string]tftypes.Value{"key": text("deleted")}, "Object does not exist", "key", "check block"},
		"delete marker": {map[string]tftypes.Value{"key": text("deleted"), "version_id": text(marker)}, "Version is a delete marker", "version_id", "older"},
		"no version":    {map[string]tftypes.Value{"version_id": text("CAEQgone")}, "Version does not exist", "version_id", "request ID"},
		"no version ID": {map[string]tftypes.Value{"version_id": text("none")}, "Version does not exist", "version_id", "request ID"},
		"no bucket":     {map[string]tftypes.Value{"bucket": text("other-bucket")}, "Bucket does not exist", "bucket", "oss://other-bucket/dir/file.txt"},
	} {
		config := map[string]tftypes.Value{"bucket": text(testBucket), "key": text(testKey)}
		maps.Copy(config, tt.config)
		_, diags := s.read("ossresumable_object", config)
		t.Log(name)
		s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, tt.summary, tt.argument, tt.says)
	}
}

func TestObjectDataSource_denied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.SetVersioning(testBucket, "Enabled")
	info := w.oss.PutObject(testBucket, testKey, nil, http.Header{"X-Oss-Tagging": {"a=b"}})
	config := map[string]tftypes.Value{"bucket": text(testBucket), "key": text(testKey), "version_id": text(info.VersionID)}
	s := w.serve(nil)
	for action, says := range map[string]string{
		"oss:GetObject":               "allow oss:GetObject and oss:GetObjectVersion on the object",
		"oss:GetObjectVersion":        "allow oss:GetObject and oss:GetObjectVersion on the object",
		"oss:GetObjectVersionTagging": "allow oss:GetObjectTagging and oss:GetObjectVersionTagging on the object",
	} {
		allow := w.oss.DenyActions(action)
		_, diags := s.read("ossresumable_object", config)
		s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Access denied", "bucket", says)
		allow()
	}
	w.oss.DenyActions("oss:GetObjectTagging")
	if got := s.mustRead("ossresumable_object", config); !got["tags"].IsNull() {
		t.Errorf("tags %v", got["tags"])
	}
}

func TestObjectDataSource_notConfigured(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(map[string]tftypes.Value{"region": unknownValue})
	_, diags := s.read("ossresumable_object", map[string]tftypes.Value{"bucket": text(testBucket), "key": text(testKey)})
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Provider is not configured yet", "", "depends_on")
	if n := len(w.oss.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}

// Arguments that a request cannot contain are refused before the request.
func TestAccObjectDataSource_invalid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var steps []resource.TestStep
	for config, words := range map[string]string{
		`bucket = "Bad"` + "\n" + `key = "k"`:                               "Invalid attribute value",
		`bucket = "my-bucket"` + "\n" + `key = "/k"`:                        "Invalid object key",
		`bucket = "my-bucket"` + "\n" + `key = "k"` + "\nversion_id = \"\"": "Invalid attribute value",
	} {
		steps = append(steps, resource.TestStep{
			Config: w.providerBlock() + "data \"ossresumable_object\" \"test\" {\n" + config + "\n}\n", ExpectError: says(words),
		})
	}
	w.test(steps...)
	if n := w.oss.Count(osstest.HeadObject); n > 0 {
		t.Errorf("%d requests", n)
	}
}
