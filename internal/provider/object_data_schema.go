// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

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
