// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var (
	_ datasource.DataSource              = (*objectDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*objectDataSource)(nil)
)

type objectDataSource struct {
	service *service
}

func newObjectDataSource() datasource.DataSource { return &objectDataSource{} }

func (d *objectDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_object"
}

func (d *objectDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.service, _ = req.ProviderData.(*service)
}

// objectDataModel has the names of [objectModel] for what a HEAD tells.
type objectDataModel struct {
	ID        types.String `tfsdk:"id"`
	Bucket    types.String `tfsdk:"bucket"`
	Key       types.String `tfsdk:"key"`
	VersionID types.String `tfsdk:"version_id"`

	CRC64         types.String `tfsdk:"crc64"`
	ContentLength types.Int64  `tfsdk:"content_length"`
	ETag          types.String `tfsdk:"etag"`
	LastModified  types.String `tfsdk:"last_modified"`

	ContentType        types.String `tfsdk:"content_type"`
	CacheControl       types.String `tfsdk:"cache_control"`
	ContentDisposition types.String `tfsdk:"content_disposition"`
	ContentEncoding    types.String `tfsdk:"content_encoding"`
	ContentLanguage    types.String `tfsdk:"content_language"`
	Expires            types.String `tfsdk:"expires"`
	Metadata           types.Map    `tfsdk:"metadata"`
	Tags               types.Map    `tfsdk:"tags"`

	StorageClass             types.String `tfsdk:"storage_class"`
	ServerSideEncryption     types.String `tfsdk:"server_side_encryption"`
	ServerSideDataEncryption types.String `tfsdk:"server_side_data_encryption"`
	KMSKeyID                 types.String `tfsdk:"kms_key_id"`
}

// Read is one HEAD, and one request more when that has counted tags.
func (d *objectDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data objectDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	resp.Diagnostics.Append(d.service.checkReady()...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := withTimeout(ctx, requestTimeout)
	defer cancel()

	obj := resumable.Object{Bucket: data.Bucket.ValueString(), Key: data.Key.ValueString()}
	version := data.VersionID.ValueString()
	info, err := d.service.client.HeadObjectVersion(ctx, obj, version)
	if err != nil {
		resp.Diagnostics.Append(missingOr(ctx, describing(obj, "oss:GetObject", version), err))
		return
	}
	var tags map[string]string
	if info.Tags > 0 {
		if tags, err = d.service.client.GetObjectVersionTagging(ctx, obj, version); err != nil {
			resp.Diagnostics.Append(missingOr(ctx, describing(obj, "oss:GetObjectTagging", version), err))
			return
		}
	}
	data.ID = types.StringValue(shownID(obj))
	data.set(info, tags)
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// set goes through the resource's model, so that both show an object alike.
func (m *objectDataModel) set(info resumable.ObjectInfo, tags map[string]string) {
	var found objectModel
	found.setFound(info)
	if m.VersionID.IsNull() {
		m.VersionID = found.VersionID
	}
	m.CRC64, m.ContentLength, m.ETag, m.LastModified = found.CRC64, found.ContentLength, found.ETag, found.LastModified
	m.ContentType, m.CacheControl, m.ContentDisposition = found.ContentType, found.CacheControl, found.ContentDisposition
	m.ContentEncoding, m.ContentLanguage, m.Expires = found.ContentEncoding, found.ContentLanguage, found.Expires
	m.Metadata, m.Tags = found.Metadata, mapOf(tags, types.MapNull(types.StringType))
	m.StorageClass, m.ServerSideEncryption = found.StorageClass, found.ServerSideEncryption
	m.ServerSideDataEncryption, m.KMSKeyID = found.ServerSideDataEncryption, found.KMSKeyID
}

// describing is the inquiry about one object. A request that names a version
// needs a permission of its own. Source: developer guide "RAM Policy".
func describing(obj resumable.Object, permission escape.Text, version string) inquiry {
	switch {
	case version != "" && permission == "oss:GetObject":
		permission += " and oss:GetObjectVersion"
	case version != "":
		permission += " and oss:GetObjectVersionTagging"
	}
	return inquiry{noun: "Description of the object", about: obj, permission: permission + " on the object"}
}

// ecNotAVersionID is the finer code with which OSS refuses a version ID that it
// never makes: 400 InvalidArgument, where one that is gone is 404 NoSuchVersion.
const ecNotAVersionID = "0012-00000202"

// missingOr explains that there is no such object; everything else is the
// inquiry's to explain.
func missingOr(ctx context.Context, q inquiry, err error) diag.Diagnostic {
	refusal, _ := errors.AsType[*resumable.ServiceError](err)
	switch {
	case errors.Is(err, resumable.ErrNoSuchKey):
		return q.diagnostic(err, explanation{
			argument: "key", summary: "Object does not exist",
			next: "Check the key, which is taken as it is, and the bucket. If the same configuration makes the object, refer to " +
				"attributes of that resource, or name it in depends_on. Inside a check block, a missing object is a warning.",
		})
	case errors.Is(err, resumable.ErrNoSuchVersion), refusal != nil && refusal.EC == ecNotAVersionID:
		return q.diagnostic(err, explanation{
			argument: "version_id", summary: "Object has no such version",
			next: "It was never there, or it was deleted. Leave version_id out for the current version.",
		})
	case refusal != nil && refusal.Code == "MethodNotAllowed":
		return q.diagnostic(err, explanation{
			argument: "version_id", summary: "Version is a delete marker",
			next: "It says that the object was deleted, and holds nothing. Name an older version.",
		})
	}
	return q.diagnose(ctx, err)
}
