// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
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

// objectDataModel uses the names of [objectModel] for what a HEAD returns.
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

// Read sends one HEAD, and one more request if the object has tags.
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
		resp.Diagnostics.Append(readingObject(obj, "oss:GetObject", version).diagnose(ctx, err))
		return
	}
	var tags map[string]string
	if info.Tags > 0 {
		if tags, err = d.service.client.GetObjectVersionTagging(ctx, obj, version); err != nil {
			resp.Diagnostics.Append(readingObject(obj, "oss:GetObjectTagging", version).diagnose(ctx, err))
			return
		}
	}
	data.ID = types.StringValue(shownID(obj))
	data.set(info, tags)
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// set uses the model of the resource, so that both show an object in the same way.
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

// readingObject is a request for one object. A request that names a version
// needs a second permission. Source: developer guide "RAM Policy".
func readingObject(obj resumable.Object, permission escape.Text, version string) attempt {
	switch {
	case version != "" && permission == "oss:GetObject":
		permission += " and oss:GetObjectVersion"
	case version != "":
		permission += " and oss:GetObjectVersionTagging"
	}
	a := request("Reading the object", obj, permission+" on the object")
	a.own = missingObject
	return a
}

// ecInvalidVersionID is the EC of a version ID that OSS never assigns: 400
// InvalidArgument. The ID of a deleted version is 404 NoSuchVersion.
const ecInvalidVersionID = "0012-00000202"

// missingObject explains the errors of a lookup that has no result.
var missingObject = []explanation{
	{
		when: is(resumable.ErrNoSuchKey), argument: "key", summary: "Object does not exist",
		next: "Check the bucket and the key, which the provider uses as written. If the same configuration creates the object, refer to " +
			"attributes of that resource, or name it in depends_on. Inside a check block, a missing object is a warning.",
	},
	{
		when: is(resumable.ErrNoSuchVersion), argument: "version_id", summary: "Version does not exist",
		next: missingVersionText,
	},
	{
		when: hasEC(ecInvalidVersionID), argument: "version_id", summary: "Version does not exist",
		next: missingVersionText,
	},
	{
		when: hasCode("MethodNotAllowed"), argument: "version_id", summary: "Version is a delete marker",
		next: "A delete marker records that the object was deleted, and has no content. Set version_id to an older version.",
	},
}

const missingVersionText escape.Text = "It was deleted or never existed. To read the current version, remove version_id."

func (d *objectDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	header := func(name string) schema.Attribute {
		return text("Value of the `" + name + "` header, or null if it is not set.")
	}
	texts := func(description string) schema.Attribute {
		return schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the metadata of an object, with one HEAD request. It does not download the object, and the " +
			"object need not be managed by Terraform. An object that does not exist is an error.\n\n" +
			"The RAM policy must allow `oss:GetObject` on the object, and with `version_id` also `oss:GetObjectVersion`. Reading tags " +
			"needs `oss:GetObjectTagging`, and with `version_id` also `oss:GetObjectVersionTagging`; it takes a second request if the " +
			"object has tags.",
		Attributes: map[string]schema.Attribute{
			"bucket": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{isBucket()},
				MarkdownDescription: "Name of the bucket.",
			},
			"key": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{isKey{}},
				MarkdownDescription: "Key of the object. The provider uses it as written and never decodes it.",
			},
			"version_id": schema.StringAttribute{
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{notEmpty()},
				MarkdownDescription: "ID of the version to read, in a bucket with versioning. Defaults to the current version, whose " +
					"ID is then exported here. It is null in a bucket without versioning.",
			},
			"id": text("Bucket and key, as `bucket/key`, escaped like the `id` of the resource."),
			"crc64": text("CRC-64 (ECMA) of the object as a decimal number, as OSS reports it in `x-oss-hash-crc64ecma`. The function " +
				"`provider::ossresumable::crc64` returns the same for a local file with the same content. Null for some old objects and " +
				"copies, for which OSS has none."),
			"content_length": schema.Int64Attribute{Computed: true, MarkdownDescription: "Size of the object in bytes."},
			"etag": text("ETag of the object, without quotes. After a multipart upload it is not the MD5 of the object. To compare " +
				"content, use `crc64`."),
			"last_modified":               text("Time at which OSS stored the object, in RFC 3339 format and UTC."),
			"content_type":                header("Content-Type"),
			"cache_control":               header("Cache-Control"),
			"content_disposition":         header("Content-Disposition"),
			"content_encoding":            header("Content-Encoding"),
			"content_language":            header("Content-Language"),
			"expires":                     header("Expires"),
			"metadata":                    texts("User metadata, with names in lowercase and without `x-oss-meta-`. Null if the object has no metadata."),
			"tags":                        texts("Tags of the object. Null if the object has no tags, or if reading them is not allowed."),
			"storage_class":               text("Storage class, such as `Standard`."),
			"server_side_encryption":      text("Method of server-side encryption, such as `AES256` or `KMS`. Null if OSS reports none."),
			"server_side_data_encryption": text("Encryption algorithm with `KMS`. Null if it is AES-256."),
			"kms_key_id":                  text("ID of the KMS key with `KMS`."),
		},
	}
}
