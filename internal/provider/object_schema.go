// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Descriptions of arguments that the provider block has as well.
const (
	partSizeText = "Size of each part of a multipart upload, in bytes. Valid values are between `102400` (100 KiB) " +
		"and `5368709120` (5 GiB). An interrupted part is sent again from its start. An upload has at most 10000 " +
		"parts; if the size is too small for the file, the plan fails. Defaults to `8388608` (8 MiB), or to a larger " +
		"size if the file needs it."
	parallelismText = "Maximum number of parts that one upload sends at the same time, between `1` and `64`. " +
		"Defaults to `16`."
	multipartThresholdText = "File size in bytes from which the provider uses a multipart upload. Valid values are " +
		"between `102400` (100 KiB) and `5368709120` (5 GiB). A smaller file is sent in one request, which starts over " +
		"if it is interrupted. Defaults to `16777216` (16 MiB)."
	trafficLimitText = "Maximum speed of each connection of an upload, in bits per second. Valid values are between " +
		"`819200` (100 KiB/s) and `838860800` (100 MiB/s). A multipart upload uses up to `parallelism` connections. " +
		"Defaults to no limit."
)

const guessedText = " A plan hides a sensitive value but shows its SHA-256, CRC-64 and size, from which a short value can be guessed."

// Schema does not use UseStateForUnknown. ModifyPlan decides in one place which
// computed values stay, because the decision is about the whole object.
func (r *objectResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Uploads a local file to OSS and manages the object.\n\nAn upload can be interrupted at " +
			"any time. The next `terraform apply` resumes it and sends only the parts that OSS does not hold yet. The " +
			"new object is published only when its checksum matches the file. Until then, readers see the old object.\n\n" +
			"The provider sends data only when the content of the file changes. A new path or timestamp sends nothing. " +
			"Headers, metadata, tags, ACL, storage class and encryption are changed inside OSS.",
		Attributes: map[string]schema.Attribute{
			"bucket": schema.StringAttribute{
				Required:   true,
				Validators: []validator.String{isBucket()},
				MarkdownDescription: "Name of the bucket. It must exist when Terraform applies the resource. Changing " +
					"it moves the object in the same way as changing `key`. OSS copies objects only between buckets of " +
					"the same region.",
			},
			"key": schema.StringAttribute{
				Required:   true,
				Validators: []validator.String{isKey{}},
				MarkdownDescription: "Key of the object: 1 to 1023 bytes of UTF-8 that do not begin with `/` or `\\`. " +
					"The provider uses it as written and never decodes it; Terraform converts all strings to the Unicode form " +
					"NFC. Changing it moves the object: OSS copies " +
					"the object to the new key, and after verifying the copy, the provider removes the old object " +
					"according to `deletion_policy`. The new object gets the headers, ACL and tags of the " +
					"configuration. No data is sent, unless OSS refuses the copy or the content changes as well.",
			},
			"source": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{isFilePath()},
				MarkdownDescription: "Path of the file to upload. It must be a regular file or a link to one, and may " +
					"be empty. A relative path is relative to the working directory of Terraform, so write " +
					"`\"${path.module}/file\"` in a module. A leading `~` stands for the home directory. A file that " +
					"does not exist at plan must exist when Terraform applies the resource. A new path with the same " +
					"content sends nothing. Exactly one of `source`, `content`, `content_base64`, `content_wo` and `source_object` must be set.",
			},
			"content": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Text to upload instead of a file, in UTF-8. It may be empty. Terraform stores " +
					"it in the state, so use it for small texts only. For secrets, use `content_wo`." + guessedText,
			},
			"content_base64": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{isBase64()},
				MarkdownDescription: "Base64-encoded bytes to upload instead of a file. Terraform stores them in the " +
					"state, so use it for small binary data only, and not for secrets." + guessedText,
			},
			"source_hash": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Validators: []validator.String{
					isSHA256(),
					// The plan contains no checksum of a secret, and the SHA-256 of a copy is not known.
					stringvalidator.ConflictsWith(path.MatchRoot("content_wo"), path.MatchRoot("source_object")),
				},
				MarkdownDescription: "SHA-256 of the source, as 64 lowercase hexadecimal digits. A change of the hash " +
					"triggers an upload. If it is not set, the plan reads the file and computes the hash, which is " +
					"cached while a large file does not change. If it is set, the plan does not read the file, and the " +
					"apply fails without publishing anything if the file does not match. With `content` and " +
					"`content_base64`, the plan checks the hash. Set it for a file that the same apply creates, for " +
					"example to `local_file.example.content_sha256`.",
			},
			"content_wo": schema.StringAttribute{
				Optional:   true,
				WriteOnly:  true,
				Validators: []validator.String{stringvalidator.AlsoRequires(path.MatchRoot("content_wo_version"))},
				MarkdownDescription: "Secret text to upload instead of a file, in UTF-8. Requires Terraform 1.11 or later. Neither plan nor " +
					"state contain the text, and neither contains a checksum of it: `source_hash`, `crc64`, `content_length` and `etag` " +
					"are null. The text may come from an ephemeral resource or variable. Requires `content_wo_version`. See " +
					"[Secret content](#secret-content).",
			},
			"content_wo_version": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{atLeast(1), int64validator.AlsoRequires(path.MatchRoot("content_wo"))},
				MarkdownDescription: "Number that says which `content_wo` is uploaded. Terraform cannot see that `content_wo` changes, " +
					"so increase the number to upload it. If another program writes the object, a refresh sets it to `0` in the " +
					"state, so that the next apply uploads `content_wo`.",
			},
			"content_type": schema.StringAttribute{
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{isHeaderValue()},
				MarkdownDescription: "Value of the `Content-Type` header. Defaults to the type for the extension of " +
					"`key`, from a table that is the same on every machine, or else to `application/octet-stream`." + copiedText,
			},
			"forbid_overwrite": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Whether to fail if another object already exists at the key when the resource " +
					"is created or moved there. An object with the same content is adopted: OSS copies it onto itself " +
					"with the headers of the configuration, and no data is sent. Defaults to `false`.",
			},
			"deletion_policy": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(policyDelete),
				Validators:          []validator.String{isDeletionPolicy()},
				MarkdownDescription: deletionPolicyText,
			},
			"checkpoint_dir": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Directory for the checkpoint of this upload. Overrides the setting of the " +
					"provider. Changing it uploads nothing.",
			},
			"part_size": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{isPartSize()},
				MarkdownDescription: partSizeText + " Overrides the setting of the provider. Changing it uploads " +
					"nothing.",
			},
			"parallelism": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{isParallelism()},
				MarkdownDescription: parallelismText + " Overrides the setting of the provider. Changing it uploads " +
					"nothing.",
			},
			"multipart_threshold": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{isMultipartThreshold()},
				MarkdownDescription: multipartThresholdText + " Overrides the setting of the provider. Changing it " +
					"uploads nothing.",
			},
			"traffic_limit": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{isTrafficLimit()},
				MarkdownDescription: trafficLimitText + " Overrides the setting of the provider. Changing it uploads " +
					"nothing.",
			},
			"id": schema.StringAttribute{
				Optional:   true, // see object_ignored.go
				Computed:   true,
				Validators: []validator.String{isNotSet{}},
				MarkdownDescription: "Bucket and key, as `bucket/key`. Control characters and invisible characters are escaped, " +
					"because Terraform prints the ID. It cannot be set.",
			},
			"crc64": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "CRC-64 (ECMA) of the object as a decimal number, as OSS reports it in " +
					"`x-oss-hash-crc64ecma`. Known at plan if the plan reads the source.",
			},
			"content_length": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Size of the object in bytes. Known at plan if the plan reads the source.",
			},
			"etag": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "ETag of the object, without quotes. After a multipart upload it is not the MD5 " +
					"of the object. To compare content, use `source_hash`.",
			},
			"version_id": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Version ID of the object in a bucket with versioning, otherwise null. An object " +
					"that was written before versioning was enabled, or while it was suspended, has the version ID " +
					"`\"null\"`.",
			},
			"last_modified": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Time at which OSS stored the object, in RFC 3339 format and UTC.",
			},
		},
		Blocks: map[string]schema.Block{
			"timeouts": timeoutsBlock(ctx),
		},
	}
	resp.Schema.Attributes["triggers"] = triggersAttribute()
	resp.Schema.Attributes["remote_changes"] = remoteChangesAttribute()
	maps.Copy(resp.Schema.Attributes, headerAttributes())
	maps.Copy(resp.Schema.Attributes, retentionAttributes())
	resp.Schema.Attributes["callback"] = callbackAttribute()
	resp.Schema.Attributes["source_object"] = sourceObjectAttribute()
}

// timeoutsBlock replaces the validators of the module, which repeat values.
func timeoutsBlock(ctx context.Context) schema.Block {
	block := timeouts.Block(ctx, timeouts.Opts{
		Create: true, CreateDescription: uploadTimeoutText,
		Update: true, UpdateDescription: uploadTimeoutText,
		Read: true, ReadDescription: requestTimeoutText,
		Delete: true, DeleteDescription: deleteTimeoutText,
	}).(schema.SingleNestedBlock)
	for name, attribute := range block.Attributes {
		text := attribute.(schema.StringAttribute)
		text.Validators = []validator.String{isTimeout()}
		block.Attributes[name] = text
	}
	return block
}

const (
	uploadTimeoutText = "Time limit for the upload in one apply, such as `90m` or `2h30m`. When it expires, the " +
		"checkpoint is kept and the next apply resumes the upload. Defaults to no limit."
	deleteTimeoutText = "Time limit for a destroy, such as `30s` or `5m`. A destroy waits for uploads of other " +
		"resources to the same key in the same apply. Defaults to no limit."
	requestTimeoutText = "Time limit for a refresh, such as `30s` or `5m`. Defaults to 5 minutes."
)
