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
		return text("Value of the `" + name + "` header, or null.")
	}
	texts := func(description string) schema.Attribute {
		return schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What OSS tells about an object without sending its bytes: one HEAD request, whoever made the " +
			"object. An object that does not exist is an error.\n\n" +
			"The RAM policy must allow `oss:GetObject` on the object, with `version_id` also `oss:GetObjectVersion`. Tags are " +
			"shown to those who are allowed `oss:GetObjectTagging`, and cost a second request when there are any; with " +
			"`version_id`, `oss:GetObjectVersionTagging` as well.",
		Attributes: map[string]schema.Attribute{
			"bucket": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{isBucket()},
				MarkdownDescription: "Name of the bucket.",
			},
			"key": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{isKey{}},
				MarkdownDescription: "Key of the object, as it is, never normalised or decoded.",
			},
			"version_id": schema.StringAttribute{
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{notEmpty()},
				MarkdownDescription: "Version to look at, in a bucket with versioning. Default: the current one, whose ID is then " +
					"found here; null in a bucket without versioning.",
			},
			"id": text("`bucket/key`, escaped as that of the resource."),
			"crc64": text("CRC-64 (ECMA) of the object as OSS reports it in `x-oss-hash-crc64ecma`, a decimal number; " +
				"`provider::ossresumable::crc64` of a file with the same bytes. Null for a few old objects and copies."),
			"content_length": schema.Int64Attribute{Computed: true, MarkdownDescription: "Size of the object in bytes."},
			"etag": text("ETag of the object, without quotes. It is not the MD5 of an object that was sent in parts; use `crc64` " +
				"to compare contents."),
			"last_modified":               text("When OSS stored the object, in RFC 3339 and UTC."),
			"content_type":                header("Content-Type"),
			"cache_control":               header("Cache-Control"),
			"content_disposition":         header("Content-Disposition"),
			"content_encoding":            header("Content-Encoding"),
			"content_language":            header("Content-Language"),
			"expires":                     header("Expires"),
			"metadata":                    texts("User metadata, by name in lower case, without `x-oss-meta-`. Null when there is none."),
			"tags":                        texts("Tags. Null when there are none, or when they may not be read."),
			"storage_class":               text("Storage class, such as `Standard`."),
			"server_side_encryption":      text("How OSS encrypts the object at rest, such as `AES256` or `KMS`, or null."),
			"server_side_data_encryption": text("With `KMS`, the algorithm for the bytes themselves when it is not AES-256."),
			"kms_key_id":                  text("With `KMS`, the ID of the key."),
		},
	}
}
