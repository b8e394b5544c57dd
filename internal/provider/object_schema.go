// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// These four are arguments of the provider as well.
const (
	partSizeText = "Size of a part of a multipart upload, in bytes: 102400 (100 KiB) to 5368709120 (5 GiB). A part is what " +
		"an interruption can cost. An upload has at most 10000 parts; a size that is set too small for the file is an error " +
		"at plan. Default: 8388608 (8 MiB), or as much more as a large file needs."
	parallelismText        = "Parts that one upload sends at the same time at most, 1 to 64. Default: 16."
	multipartThresholdText = "Size in bytes, 102400 (100 KiB) to 5368709120 (5 GiB), from which a file is sent in parts. A " +
		"smaller file is one request, which starts anew when it is interrupted. Default: 16777216 (16 MiB)."
	trafficLimitText = "Speed that OSS keeps each connection of an upload to, in bits per second: 819200 (100 KiB/s) to " +
		"838860800 (100 MiB/s). An upload in parts has `parallelism` connections. Default: no limit."
)

const guessedText = " Plans do not show a sensitive value, but they show its SHA-256, CRC-64 and size, by which a short one can be guessed."

// Schema has no UseStateForUnknown. Which computed values stay is one decision
// about the whole object, and ModifyPlan takes it in one place.
func (r *objectResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A local file, kept as an object in OSS.\n\n" +
			"The upload may be interrupted at any instant; the next `terraform apply` goes on with the parts that OSS already " +
			"holds. Nothing is published before its checksum agrees with the file, and until then the old object stays as it was. " +
			"Bytes are sent when the bytes of the file differ, never because its path, its timestamps or a header changed: headers, " +
			"metadata, tags, ACL, storage class and encryption are changed inside OSS.",
		Attributes: map[string]schema.Attribute{
			"bucket": schema.StringAttribute{
				Required:   true,
				Validators: []validator.String{isBucket()},
				MarkdownDescription: "Name of the bucket. It must exist by the time of the apply. A change moves the object as one of " +
					"`key` does; OSS copies between buckets of one region.",
			},
			"key": schema.StringAttribute{
				Required:   true,
				Validators: []validator.String{isKey{}},
				MarkdownDescription: "Key of the object: 1 to 1023 bytes of UTF-8 that do not begin with `/` or `\\`. " +
					"It is used as it is, never normalised or decoded. A change moves the object: OSS copies it to the new key, none of " +
					"its bytes is sent, and when the copy is verified the old one is removed as `deletion_policy` says. The new object has " +
					"headers, ACL and tags of the configuration. When OSS refuses the copy, or the bytes change as well, the file is sent.",
			},
			"source": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{notEmpty()},
				MarkdownDescription: "Path of the file to upload. Exactly one of `source`, `content` and `content_base64` must " +
					"be set. A leading `~` is the home directory; a relative path is relative " +
					"to the working directory of Terraform, so write `\"${path.module}/file\"` in a module. It must be a regular file, " +
					"or a link to one; an empty file is fine. The same bytes at another path are no upload. A file that does not " +
					"exist at plan must exist when the apply reaches this resource.",
			},
			"content": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Text to upload in place of a file, as UTF-8; an empty one is fine. It is kept in the state, " +
					"so it is for small texts, and not for secrets." + guessedText,
			},
			"content_base64": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{isBase64()},
				MarkdownDescription: "Bytes to upload in place of a file, in base64. They are kept in the state, so this is for a " +
					"few bytes that are no text, and not for secrets." + guessedText,
			},
			"source_hash": schema.StringAttribute{
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{isSHA256()},
				MarkdownDescription: "SHA-256 of the file or content, as 64 lower-case hexadecimal digits; a change of it is what makes an " +
					"upload. When it is not set, the plan reads the file and computes it, and later plans need not read a file " +
					"that did not change. When it is set, the plan does not read the file, and the apply refuses to publish a file " +
					"that does not match. For `content` it is compared at plan. Set it for a file that is made in the same apply, for example to " +
					"`local_file.example.content_sha256`.",
			},
			"content_type": schema.StringAttribute{
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{isHeaderValue()},
				MarkdownDescription: "Value of the `Content-Type` header. A change of it alone sends no byte of the file. " +
					"Default: by the extension of `key`, from a table that is the same on every machine, else `application/octet-stream`.",
			},
			"forbid_overwrite": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Whether it is an error when the key already holds another object when this one is created there or moved there. " +
					"An object with the same bytes is no error; it is adopted: OSS copies it onto itself with the headers of the configuration, " +
					"and its bytes are not sent again. Default: `false`.",
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
				MarkdownDescription: "Directory that remembers this upload while it is unfinished. Overrides the provider's. " +
					"A change of it is never an upload.",
			},
			"part_size": schema.Int64Attribute{
				Optional:            true,
				Validators:          []validator.Int64{isPartSize()},
				MarkdownDescription: partSizeText + " Overrides the provider's. A change of it is never an upload.",
			},
			"parallelism": schema.Int64Attribute{
				Optional:            true,
				Validators:          []validator.Int64{isParallelism()},
				MarkdownDescription: parallelismText + " Overrides the provider's. A change of it is never an upload.",
			},
			"multipart_threshold": schema.Int64Attribute{
				Optional:            true,
				Validators:          []validator.Int64{isMultipartThreshold()},
				MarkdownDescription: multipartThresholdText + " Overrides the provider's. A change of it is never an upload.",
			},
			"traffic_limit": schema.Int64Attribute{
				Optional:            true,
				Validators:          []validator.Int64{isTrafficLimit()},
				MarkdownDescription: trafficLimitText + " Overrides the provider's. A change of it is never an upload.",
			},
			"id": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "`bucket/key`. Control characters and others that are not visible are escaped, because Terraform prints " +
					"it with each step.",
			},
			"crc64": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "CRC-64 (ECMA) of the object as OSS reports it in `x-oss-hash-crc64ecma`, a decimal number. " +
					"It is known at plan when the plan read the file.",
			},
			"content_length": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Size of the object in bytes. It is known at plan when the plan read the file.",
			},
			"etag": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "ETag of the object, without quotes. It is not the MD5 of an object that was sent in parts; " +
					"use `source_hash` to compare contents.",
			},
			"version_id": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Version of the object in a bucket with versioning, else null. What was written before versioning, " +
					"or while it was suspended, is the version `null`, as a text.",
			},
			"last_modified": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "When OSS stored the object, in RFC 3339 and UTC.",
			},
		},
		Blocks: map[string]schema.Block{
			"timeouts": timeoutsBlock(ctx),
		},
	}
	maps.Copy(resp.Schema.Attributes, headerAttributes())
	maps.Copy(resp.Schema.Attributes, retentionAttributes())
	resp.Schema.Attributes["callback"] = callbackAttribute()
}

// timeoutsBlock has our validators: those of the module repeat values.
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
	uploadTimeoutText = "How long one apply may work on the upload, such as \"90m\" or \"2h30m\". When it is over, the " +
		"checkpoint is kept and the next apply goes on. Default: no limit."
	deleteTimeoutText = "How long a destroy may take, such as \"30s\" or \"5m\". It waits for an upload to the same key that " +
		"another resource of the same apply makes. Default: no limit."
	requestTimeoutText = "How long this may take, such as \"30s\" or \"5m\". Default: 5 minutes."
)
