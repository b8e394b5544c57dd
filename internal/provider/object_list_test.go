// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// fill puts n objects into the bucket, and returns their keys in order.
func (w *world) fill(n int) (keys []string) {
	for i := range n {
		keys = append(keys, fmt.Sprintf("many/%05d", i))
		w.oss.PutObject(testBucket, keys[i], nil, nil)
	}
	return keys
}

// A list sends one request for each 1,000 objects, with or without the resources, and no
// request for a single object.
func TestObjectList_requests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	keys := w.fill(2001)
	w.oss.PutObject(testBucket, "other", nil, nil)
	s := w.serve(nil)
	for _, tt := range []struct {
		limit    int64
		include  bool
		found    int
		requests int
	}{
		{10_000, false, 2001, 3}, {2000, false, 2000, 2}, {1000, true, 1000, 1}, {100, true, 100, 1}, {1, false, 1, 1},
	} {
		w.oss.ResetLog()
		var found []string
		config := map[string]tftypes.Value{"bucket": text(testBucket), "prefix": text("many/")}
		for result := range s.query(t.Context(), config, tt.limit, tt.include) {
			bucket, key := s.identified(result)
			if bucket != testBucket || result.DisplayName != key || (result.Resource != nil) != tt.include {
				t.Fatalf("%s/%s: %+v", bucket, key, result)
			}
			found = append(found, key)
		}
		if !slices.Equal(found, keys[:tt.found]) {
			t.Errorf("limit %d: found %d, want %d", tt.limit, len(found), tt.found)
		}
		if n := w.oss.Count(osstest.ListObjectsV2); n != tt.requests || len(w.oss.Requests()) != n {
			t.Errorf("limit %d: %d requests, want %d:\n%v", tt.limit, n, tt.requests, w.oss.Requests())
		}
	}
}

// The attributes in a list are those of the resource. All others are null, and none is
// unknown.
func TestObjectList_includeResource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const key = "a b+c%20\x1b[2Jü/"
	info := w.oss.PutObject(testBucket, key, []byte("hello"), http.Header{"X-Oss-Storage-Class": {"IA"}, "Cache-Control": {"no-cache"}})
	s := w.serve(nil)
	for result := range s.query(t.Context(), map[string]tftypes.Value{"bucket": text(testBucket)}, 100, true) {
		if _, got := s.identified(result); got != key || result.DisplayName != `a b+c%20\x1b[2Jü/` {
			t.Errorf("key %q, shown as %q", got, result.DisplayName)
		}
		object := s.attributesOf(result.Resource, s.object)
		want := map[string]tftypes.Value{
			"id": text(testBucket + `/a b+c%20\x1b[2Jü/`), "bucket": text(testBucket), "key": text(key), "forbid_overwrite": boolean(false), "deletion_policy": text("delete"),
			"content_length": number(5), "etag": text(strings.Trim(info.ETag, `"`)), "storage_class": text("IA"),
			"last_modified": text(info.LastModified.UTC().Format("2006-01-02T15:04:05Z07:00")),
		}
		for name, value := range object {
			if expected, known := want[name]; known && !value.Equal(expected) || !known && !value.IsNull() {
				t.Errorf("%s is %v, want %v", name, value, expected)
			}
		}
	}
}

// A list contains no deleted objects and no old versions.
func TestObjectList_versions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.SetVersioning(testBucket, "Enabled")
	for _, key := range []string{"a", "a", "b"} {
		w.oss.PutObject(testBucket, key, nil, nil)
	}
	w.oss.DeleteObject(testBucket, "b")
	s := w.serve(nil)
	var found []string
	for result := range s.query(t.Context(), map[string]tftypes.Value{"bucket": text(testBucket)}, 100, false) {
		_, key := s.identified(result)
		found = append(found, key)
	}
	if !slices.Equal(found, []string{"a"}) {
		t.Errorf("found %q", found)
	}
}

func TestObjectList_errors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(1001)
	s := w.serve(nil)
	only := func(results func(func(tfprotov6.ListResourceResult) bool)) []*tfprotov6.Diagnostic {
		var diags []*tfprotov6.Diagnostic
		for result := range results {
			diags = append(diags, result.Diagnostics...)
		}
		return diags
	}
	bucket := map[string]tftypes.Value{"bucket": text(testBucket), "prefix": text("many/")}

	s.expectDiagnostic(only(s.query(t.Context(), map[string]tftypes.Value{"bucket": text("other-bucket"), "prefix": text("p")}, 9, false)),
		tfprotov6.DiagnosticSeverityError, "Bucket does not exist", "bucket", "oss://other-bucket/p")

	// The objects before the failure are in the result.
	w.oss.AddRule(osstest.Rule{Op: osstest.ListObjectsV2, Nth: 2, Fault: osstest.Refuse(403, "AccessDenied")})
	w.oss.ResetLog()
	s.expectDiagnostic(only(s.query(t.Context(), bucket, 10_000, false)),
		tfprotov6.DiagnosticSeverityError, "Access denied", "bucket", "must allow oss:ListObjects on the bucket")

	unready := w.serve(map[string]tftypes.Value{"region": unknownValue})
	unready.expectDiagnostic(only(unready.query(t.Context(), bucket, 9, false)),
		tfprotov6.DiagnosticSeverityError, "Provider is not configured yet", "", "before the apply")

	valid, err := s.lists().ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: typeName, Config: s.listConfig(map[string]tftypes.Value{"bucket": text(testBucket), "prefix": text("/")}),
	})
	s.check(err, nil)
	s.expectDiagnostic(valid.Diagnostics, tfprotov6.DiagnosticSeverityError, "Invalid attribute value", "prefix", "must not begin with")
}

// An interrupt ends the list, and so does a Terraform that stops reading.
func TestObjectList_interrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(1500)
	s := w.serve(nil)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	found := 0
	for result := range s.query(ctx, map[string]tftypes.Value{"bucket": text(testBucket)}, 10_000, false) {
		if found == 1000 {
			s.expectDiagnostic(result.Diagnostics, tfprotov6.DiagnosticSeverityError, "Listing objects interrupted", "", "Run Terraform again")
			break
		}
		if found++; found == 500 {
			interrupt()
		}
	}
	if n := w.oss.Count(osstest.ListObjectsV2); found != 1000 || n != 1 {
		t.Errorf("found %d with %d requests", found, n)
	}

	w.oss.ResetLog()
	for range s.query(t.Context(), map[string]tftypes.Value{"bucket": text(testBucket)}, 10_000, false) {
		break
	}
	if n := w.oss.Count(osstest.ListObjectsV2); n != 1 {
		t.Errorf("%d requests for one result", n)
	}
}

// A query with real Terraform, and the attributes of its results.
func TestAccObjectList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, key := range []string{"dir/a", "dir/b", "other"} {
		w.oss.PutObject(testBucket, key, []byte("hello"), http.Header{"X-Oss-Storage-Class": {"IA"}})
	}
	identity := func(key string) map[string]knownvalue.Check {
		return map[string]knownvalue.Check{"bucket": knownvalue.StringExact(testBucket), "key": knownvalue.StringExact(key)}
	}
	w.testIf(tfversion.SkipBelow(tfversion.Version1_14_0),
		resource.TestStep{Config: w.providerBlock() + `resource "terraform_data" "unused" {}`},
		resource.TestStep{
			Query: true, // with the configuration of the first step
			Config: fmt.Sprintf(`
list "ossresumable_object" "test" {
  provider         = ossresumable
  include_resource = true

  config {
    bucket = %q
    prefix = "dir/"
  }
}
`, testBucket),
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength("ossresumable_object.test", 2),
				querycheck.ExpectIdentity("ossresumable_object.test", identity("dir/a")),
				querycheck.ExpectIdentity("ossresumable_object.test", identity("dir/b")),
				querycheck.ExpectNoIdentity("ossresumable_object.test", identity("other")),
				querycheck.ExpectResourceDisplayName("ossresumable_object.test", queryfilter.ByResourceIdentity(identity("dir/a")), knownvalue.StringExact("dir/a")),
				querycheck.ExpectResourceKnownValues("ossresumable_object.test", queryfilter.ByResourceIdentity(identity("dir/b")), []querycheck.KnownValueCheck{
					{Path: tfjsonpath.New("content_length"), KnownValue: knownvalue.Int64Exact(5)},
					{Path: tfjsonpath.New("storage_class"), KnownValue: knownvalue.StringExact("IA")},
					{Path: tfjsonpath.New("content_type"), KnownValue: knownvalue.Null()},
				}),
			},
		},
	)
}
