// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	testresource "github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

const movedBlock = `
moved {
  from = alicloud_oss_bucket_object.test
  to   = ossresumable_object.test
}
`

// A takeover does not change the object: nothing is sent, copied or deleted.
func TestAccObject_takenOverFromAlicloud(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	before := w.oss.PutObject(testBucket, testKey, []byte("hello"), http.Header{
		"Content-Type": {"text/plain"}, "Cache-Control": {"no-cache"}, "Expires": {"Sun, 31 Jan 2027 12:00:00 GMT"},
		"X-Oss-Object-Acl": {"private"}, "X-Oss-Server-Side-Encryption": {"AES256"},
	})
	same := fmt.Sprintf(`
  bucket        = %q
  key           = %q
  source        = %q
  acl           = "private"
  cache_control = "no-cache"
  expires       = "Sun, 31 Jan 2027 12:00:00 GMT"
`, testBucket, testKey, file)
	w.testCase(testresource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"alicloud": providerserver.NewProtocol6WithError(alicloud{}),
		},
		Steps: []testresource.TestStep{
			{Config: w.providerBlock() + `resource "alicloud_oss_bucket_object" "test" {` + same + "}"},
			w.sends(0, testresource.TestStep{
				Config: w.providerBlock() + `resource "ossresumable_object" "test" {` + same + "}" + movedBlock,
				ConfigPlanChecks: planned(
					action(plancheck.ResourceActionUpdate), // of the state
					knownText("source_hash", sha256Hello), knownText("source", file), knownText("acl", "private"),
					knownText("server_side_encryption", "AES256"), known("content_length", knownvalue.Int64Exact(5)),
					kept("etag", "crc64", "last_modified"),
				),
				Check: w.holds("hello", "text/plain"),
				PostApplyFunc: func() {
					for _, r := range w.oss.Requests() {
						if r.Op.Writes() {
							t.Errorf("the takeover wrote to OSS: %s", r)
						}
					}
					if after, _ := w.oss.Object(testBucket, testKey); after.ETag != before.ETag || !after.LastModified.Equal(before.LastModified) {
						t.Errorf("the object was %+v, and is %+v", before, after)
					}
				},
			}),
			w.sends(5, testresource.TestStep{ // afterwards, it is like any other object
				PreConfig:        func() { w.write("file", "world") },
				Config:           w.providerBlock() + `resource "ossresumable_object" "test" {` + same + "}" + movedBlock,
				ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), knownText("source_hash", sha256World)),
				Check:            w.holds("world", "text/plain"),
			}),
		},
	})
}

// A plan without a refresh does not know the CRC-64. The planned upload nevertheless finds
// the content in OSS.
func TestTakeover_withoutRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(nil)
	w.oss.PutObject(testBucket, testKey, []byte("hello"), http.Header{"Content-Type": {"text/plain"}})
	config := objectConfig(w.write("file", "hello"))
	moved, err := s.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.terraform.io/aliyun/alicloud", SourceTypeName: alicloudObject, TargetTypeName: typeName,
		SourceState: &tfprotov6.RawState{JSON: fmt.Appendf(nil, `{"bucket":%q,"key":%q,"content_length":"5"}`, testBucket, testKey)},
	})
	s.check(err, moved.Diagnostics)
	proposed := s.attributes(moved.TargetState)
	maps.Copy(proposed, config)
	planned, err := s.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: moved.TargetState, ProposedNewState: s.encode(proposed), Config: s.encode(config),
	})
	s.check(err, planned.Diagnostics)
	applied, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: moved.TargetState, PlannedState: planned.PlannedState, Config: s.encode(config),
	})
	s.check(err, applied.Diagnostics)
	if sent := w.oss.BodyBytes(); sent > 0 {
		t.Errorf("%d bytes were sent:\n%v", sent, w.oss.Requests())
	}
	if got := s.attributes(applied.NewState)["source_hash"]; !got.Equal(text(sha256Hello)) {
		t.Errorf("source_hash is %s", got)
	}
}

func TestTakeover(t *testing.T) {
	t.Parallel()
	const official = "registry.terraform.io/aliyun/alicloud"
	named := fmt.Sprintf(`"bucket":%q,"key":%q`, testBucket, testKey)
	name := map[string]tftypes.Value{
		"id": text(testBucket + "/" + testKey), "bucket": text(testBucket), "key": text(testKey),
		"forbid_overwrite": boolean(false), "deletion_policy": text(policyDelete),
	}
	for title, test := range map[string]struct {
		address, typ, state string
		version             int64
		want                map[string]tftypes.Value // in addition to name
		summary, says       string                   // of the error
	}{
		"everything": {
			state: `{` + named + `,"id":"dir/file.txt","source":"file","content":null,"acl":"public-read","content_type":"text/css",
				"content_length":"5","cache_control":"no-cache","content_disposition":"inline","content_encoding":"gzip",
				"content_md5":"XUFAKrxLKna5cZ2REBfFkg==","expires":"Sun, 31 Jan 2027 12:00:00 GMT","server_side_encryption":"KMS",
				"kms_key_id":"key","object_worm_mode":"","object_worm_retain_until_date":"","etag":"ABC","version_id":"1"}`,
			want: map[string]tftypes.Value{
				"source": text("file"), "acl": text("public-read"), "content_type": text("text/css"), "content_length": number(5),
				"cache_control": text("no-cache"), "content_disposition": text("inline"), "content_encoding": text("gzip"),
				"expires": text("Sun, 31 Jan 2027 12:00:00 GMT"), "server_side_encryption": text("KMS"), "kms_key_id": text("key"),
				"etag": text("ABC"), "version_id": text("1"),
			},
		},
		"content": {
			state: `{` + named + `,"source":"","content":"hello","cache_control":"","version_id":"","content_length":""}`,
			want:  map[string]tftypes.Value{"content": text("hello")},
		},
		"another version": {
			version: 7, state: `{` + named + `,"etag":{"md5":"x"},"content_length":5,"invented":[1,2],"source":"file"}`,
			want: map[string]tftypes.Value{"source": text("file")},
		},
		"mirror":   {address: "registry.example.com/aliyun/alicloud", state: `{` + named + `}`},
		"OpenTofu": {address: "registry.opentofu.org/aliyun/alicloud", state: `{` + named + `}`},
		"old name": {address: "registry.terraform.io/hashicorp/alicloud", state: `{` + named + `}`},

		"no key":        {state: `{"bucket":"test-bucket"}`, summary: "Cannot take over alicloud_oss_bucket_object", says: `the key "" is not valid: it must not be empty`},
		"no bucket":     {state: `{"key":"a","bucket":null}`, summary: "Cannot take over alicloud_oss_bucket_object", says: `the bucket "" is not valid`},
		"bad key":       {state: `{"bucket":"test-bucket","key":"/\u001b[2J"}`, summary: "Cannot take over alicloud_oss_bucket_object", says: `"/\x1b[2J"`},
		"not an object": {state: `[]`, summary: "Cannot take over alicloud_oss_bucket_object", says: "cannot be read"},
		"no JSON":       {state: `{`, summary: "Cannot take over alicloud_oss_bucket_object", says: "removed block"},
		"nothing":       {summary: "Cannot take over alicloud_oss_bucket_object", says: "has no attributes"},
		"other type":    {typ: "alicloud_oss_bucket", state: `{` + named + `}`, summary: "Unable to Move Resource State"},
		"other cloud":   {address: "registry.terraform.io/hashicorp/aws", state: `{` + named + `}`, summary: "Unable to Move Resource State"},
		"other owner":   {address: "registry.terraform.io/example/alicloud", state: `{` + named + `}`, summary: "Unable to Move Resource State"},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s := newWorld(t).serve(nil)
			req := &tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: official, SourceTypeName: alicloudObject, SourceSchemaVersion: test.version,
				SourceState: &tfprotov6.RawState{}, TargetTypeName: typeName,
			}
			if test.address != "" {
				req.SourceProviderAddress = test.address
			}
			if test.typ != "" {
				req.SourceTypeName = test.typ
			}
			if test.state != "" {
				req.SourceState.JSON = []byte(test.state)
			}
			resp, err := s.MoveResourceState(t.Context(), req)
			s.check(err, nil)
			if test.summary != "" {
				s.expectDiagnostic(resp.Diagnostics, tfprotov6.DiagnosticSeverityError, test.summary, "", test.says)
				return
			}
			s.check(nil, resp.Diagnostics)
			s.checkIdentity(resp.TargetIdentity)
			for attribute, got := range s.attributes(resp.TargetState) {
				want, given := name[attribute]
				if !given {
					want, given = test.want[attribute]
				}
				if given && !got.Equal(want) || !given && !got.IsNull() {
					t.Errorf("%s is %s, want %s", attribute, got, want)
				}
			}
		})
	}
}

// alicloud replaces the provider of the old resource, which Terraform needs for the schema
// of the old state. Attributes and defaults are those of
// aliyun/terraform-provider-alicloud 1.289
// (alicloud/resource_alicloud_oss_bucket_object.go).
type alicloud struct{}

func (alicloud) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "alicloud"
}

func (alicloud) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (alicloud) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (alicloud) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (alicloud) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return alicloudBucketObject{} }}
}

// alicloudBucketObject describes the test object and sends no requests.
type alicloudBucketObject struct{}

func (alicloudBucketObject) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = alicloudObject
}

func (alicloudBucketObject) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{
		"acl": schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString("private")},
		"server_side_encryption": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("AES256"),
		},
	}
	for _, name := range []string{"bucket", "key"} {
		resp.Schema.Attributes[name] = schema.StringAttribute{Required: true}
	}
	for _, name := range []string{
		"source", "content", "cache_control", "content_disposition", "content_encoding", "content_md5", "expires", "kms_key_id",
	} {
		resp.Schema.Attributes[name] = schema.StringAttribute{Optional: true}
	}
	for _, name := range []string{"content_type", "object_worm_mode", "object_worm_retain_until_date"} {
		resp.Schema.Attributes[name] = schema.StringAttribute{Optional: true, Computed: true}
	}
	for _, name := range []string{"id", "content_length", "etag", "version_id"} {
		resp.Schema.Attributes[name] = schema.StringAttribute{Computed: true}
	}
}

func (alicloudBucketObject) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	for name, value := range map[string]string{
		"id": testKey, "content_type": "text/plain", "content_length": "5", "etag": "5D41402ABC4B2A76B9719D911017C592", "version_id": "",
		"object_worm_mode": "", "object_worm_retain_until_date": "",
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

func (alicloudBucketObject) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}
func (alicloudBucketObject) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {
}

func (alicloudBucketObject) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}
