// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var (
	_ list.ListResource              = (*objectList)(nil)
	_ list.ListResourceWithConfigure = (*objectList)(nil)
)

// objectList finds objects for "terraform query". It sends list requests only. A
// HEAD for each object would be too slow for a large bucket, and an import reads the
// object anyway.
type objectList struct {
	service *service
}

func newObjectList() list.ListResource { return &objectList{} }

func (l *objectList) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_object"
}

func (l *objectList) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	l.service, _ = req.ProviderData.(*service)
}

func (l *objectList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the objects of a bucket for `terraform query`, sorted by key. Each result has the identity that an " +
			"`import` block takes. One request reads 1000 objects. Only current versions are listed. Keys that end with `/` are " +
			"listed like all others.\n\n" +
			"Requires Terraform 1.14 or later. The RAM policy must allow `oss:ListObjects` on the bucket.",
		Attributes: map[string]schema.Attribute{
			"bucket": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{isBucket()},
				MarkdownDescription: "Name of the bucket.",
			},
			"prefix": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{isPrefix()},
				MarkdownDescription: "Prefix of the keys to list. Defaults to the whole bucket.",
			},
		},
	}
}

type objectListModel struct {
	Bucket types.String `tfsdk:"bucket"`
	Prefix types.String `tfsdk:"prefix"`
}

// List requests a page when Terraform has consumed the previous one, and none after
// the limit.
func (l *objectList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config objectListModel
	diags := req.Config.Get(ctx, &config)
	diags.Append(l.service.checkReady()...)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	of := resumable.Object{Bucket: config.Bucket.ValueString(), Key: config.Prefix.ValueString()}
	stream.Results = func(push func(list.ListResult) bool) {
		found := int64(0)
		for object, err := range l.service.client.Objects(ctx, of.Bucket, of.Key) {
			if err != nil {
				push(list.ListResult{Diagnostics: diag.Diagnostics{listingObjects(of).diagnose(ctx, err)}})
				return
			}
			if !push(listed(ctx, req, of.Bucket, object)) {
				return
			}
			if found++; found == req.Limit {
				return
			}
		}
	}
}

func listingObjects(of resumable.Object) attempt {
	return request("Listing objects", of, "oss:ListObjects on the bucket")
}

// listed returns one result. Attributes that a list does not include are null, as in
// an import before the first read.
func listed(ctx context.Context, req list.ListRequest, bucket string, object ossclient.ListedObject) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = escape.Line(object.Key)
	found := objectModel{Bucket: types.StringValue(bucket), Key: types.StringValue(object.Key)}
	if !req.IncludeResource {
		result.Diagnostics.Append(result.Identity.Set(ctx, found.identity())...)
		return result
	}
	result.Diagnostics.Append(setAdopted(ctx, result.Resource, result.Identity, found.object())...)
	found.setVersion(resumable.ObjectInfo{ETag: object.ETag, LastModified: object.LastModified})
	for name, value := range map[string]attr.Value{
		"content_length": types.Int64Value(object.Size),
		"etag":           found.ETag,
		"last_modified":  found.LastModified,
		"storage_class":  stringOrNull(object.StorageClass),
	} {
		result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root(name), value)...)
	}
	return result
}
