// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	copiedText = " A change is a copy inside OSS, which does not send the file again."
	staysText  = " When it leaves the configuration, the object keeps what it has."
	untilText  = " When it leaves the configuration, the object keeps what it has until new bytes are uploaded."
)

// headerAttributes are what OSS keeps beside the bytes, apart from content_type.
func headerAttributes() map[string]schema.Attribute {
	header := func(name, more string) schema.Attribute {
		return schema.StringAttribute{
			Optional:            true,
			Validators:          []validator.String{isHeaderValue()},
			MarkdownDescription: "Value of the `" + name + "` header, in printable ASCII." + more + copiedText + " Default: no such header.",
		}
	}
	return map[string]schema.Attribute{
		"cache_control": header("Cache-Control", " Such as `public, max-age=31536000, immutable`."),
		"content_disposition": header("Content-Disposition", " A file name in another script is written as "+
			"`attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf`."),
		"content_encoding": header("Content-Encoding", " Such as `gzip` for a file that is compressed already; nothing compresses it."),
		"content_language": header("Content-Language", " Such as `zh-CN`."),
		"expires": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{isDate()},
			MarkdownDescription: "Value of the `Expires` header: a date of RFC 3339, such as `2027-01-31T12:00:00Z`, or of HTTP " +
				"(RFC 1123), such as `Sun, 31 Jan 2027 12:00:00 GMT`. Another spelling of the same instant is no change. " +
				"It is about caches, and deletes nothing." + copiedText + " Default: no such header.",
		},
		"metadata": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			Validators:  []validator.Map{isMetadata()},
			MarkdownDescription: "User metadata, by name without `x-oss-meta-`. Names are lower-case letters, digits and hyphens; " +
				"values are printable ASCII; all together have at most 8128 bytes. It is the whole metadata of the object: what " +
				"others add is shown, and removed. The name `ossresumable-owner` is the provider's own." + copiedText,
		},
		"tags": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			Validators:  []validator.Map{areTags()},
			MarkdownDescription: "Tags, at most 10. Keys have 1 to 128 and values 0 to 256 letters, digits, spaces and " +
				"`+ - = . _ : /`. They are all the tags of the object: what somebody else adds is shown, and removed. A change " +
				"rewrites nothing: `etag`, `version_id` and `last_modified` stay.",
		},
		"acl": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{isACL()},
			MarkdownDescription: "ACL: `default` (that of the bucket), `private`, `public-read` or `public-read-write`. " +
				"It is only looked at while it is set. When it leaves the configuration, the object gets `default`. A change " +
				"rewrites nothing. Default: none, so that new bytes have the ACL of the bucket, and a copy keeps what somebody else has set.",
		},
		"storage_class": schema.StringAttribute{
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{isStorageClass()},
			MarkdownDescription: "Storage class: `Standard`, `IA`, `Archive`, `ColdArchive` or `DeepColdArchive`." + copiedText +
				" An archived object must be restored before any copy of it. Default: the bucket's." + untilText,
		},
		"server_side_encryption": schema.StringAttribute{
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{isEncryption()},
			MarkdownDescription: "How OSS encrypts the object at rest: `AES256` (with keys of OSS), `KMS` or `SM4`." + copiedText +
				" Default: the bucket's rule." + untilText,
		},
		"server_side_data_encryption": schema.StringAttribute{
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{isDataEncryption()},
			MarkdownDescription: "With `KMS`, the algorithm for the bytes themselves: `SM4`, or not set for AES-256." + copiedText +
				untilText,
		},
		"kms_key_id": schema.StringAttribute{
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{isHeaderValue()},
			MarkdownDescription: "With `KMS`, the ID of the key." + copiedText + " Default: the key that OSS manages in KMS." +
				untilText,
		},
	}
}
