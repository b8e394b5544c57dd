// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// The content of a resource can be another object in OSS, which is copied and not
// sent. Its SHA-256 is not known, so source_hash is null, and CRC-64 and size decide.
//
// The state has source_object as long as the object holds what was copied. Read
// clears it if OSS stores other content, and an import starts without it. So a plan
// needs the source only for a change: if it is gone, an unchanged object stays as it is.

func sourceObjectAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Object in OSS to copy instead of uploading a file, for example to promote a tested file from staging to " +
			"production. OSS makes the copy, so no data passes through this machine. A large copy is made in parts and can be " +
			"interrupted at any time like an upload. The new object gets the headers, metadata, tags, ACL, storage class and encryption " +
			"of this resource, and none of the source object. The plan compares CRC-64 and size with one HeadObject request; " +
			"`source_hash` is null. After the copy, the source object may be deleted: this changes nothing as long as the object is " +
			"unchanged. Symbolic links and appendable objects cannot be copied.",
		Attributes: map[string]schema.Attribute{
			"bucket": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{isBucket()},
				MarkdownDescription: "Bucket of the source object. It must be in the same region as the bucket of the resource.",
			},
			"key": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{isKey{}},
				MarkdownDescription: "Key of the source object. It must not be the object of the resource itself.",
			},
			"version_id": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{notEmpty()},
				MarkdownDescription: "Version of the source object. Defaults to the current version.",
			},
			"crc64": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{isCRC64()},
				MarkdownDescription: "CRC-64 that the source object must have, as a decimal number. Set it to the `crc64` of the resource " +
					"that uploads the source object, so that one apply changes both objects. While it equals the CRC-64 of this object, a " +
					"plan does not read the source object at all.",
			},
		},
	}
}

func isCRC64() validator.String {
	return textRule{"must be a CRC-64 as a decimal number, as OSS reports it", func(text string) error {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || strconv.FormatUint(n, 10) != text {
			return errRule
		}
		return nil
	}}
}

// sourceObject is the value of source_object. Its fields are null if it is not set.
type sourceObject struct {
	bucket, key, versionID, crc64 types.String
}

func sourceObjectOf(object types.Object) sourceObject {
	text := func(name string) types.String {
		if object.IsUnknown() {
			return types.StringUnknown()
		}
		value, ok := object.Attributes()[name].(types.String)
		if !ok {
			return types.StringNull()
		}
		return value
	}
	return sourceObject{text("bucket"), text("key"), text("version_id"), text("crc64")}
}

func (s sourceObject) object() resumable.Object {
	return resumable.Object{Bucket: s.bucket.ValueString(), Key: s.key.ValueString()}
}

func (s sourceObject) unknown() bool {
	return s.bucket.IsUnknown() || s.key.IsUnknown() || s.versionID.IsUnknown() || s.crc64.IsUnknown()
}

// sameObject reports whether s and other name the same object and version.
func (s sourceObject) sameObject(other sourceObject) bool {
	return s.object() == other.object() && s.versionID.Equal(other.versionID)
}

// copied returns the object that a request copies, or zero. It must be the one in
// the plan.
func (m *objectModel) copied() resumable.SourceObject {
	s := sourceObjectOf(m.SourceObject)
	from := resumable.SourceObject{
		Object: s.object(), VersionID: s.versionID.ValueString(), CRC64: cmp.Or(s.crc64.ValueString(), m.CRC64.ValueString()),
	}
	if !m.ContentLength.IsUnknown() {
		from.Size = m.ContentLength.ValueInt64Pointer()
	}
	return from
}

// planSourceObject plans the content that a copy of source_object will have.
func (r *objectResource) planSourceObject(ctx context.Context, config, state *objectModel, owned ownership) (contents, diag.Diagnostics) {
	from := sourceObjectOf(config.SourceObject)
	later := contents{types.StringNull(), types.StringUnknown(), types.Int64Unknown()}
	if !from.crc64.IsNull() {
		later.CRC64 = from.crc64
	}
	if diags := checkNotItself(from, config, state); diags.HasError() {
		return later, diags
	}
	if state != nil && from.crc64.ValueString() != "" && from.crc64.Equal(state.CRC64) {
		return copiedContents(state.CRC64, state.ContentLength), nil
	}
	if from.unknown() || r.service == nil || r.service.client == nil {
		return later, nil
	}

	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	info, err := r.service.client.HeadObjectVersion(ctx, from.object(), from.versionID.ValueString())
	switch {
	case gone(err) || errors.Is(err, resumable.ErrNoSuchVersion):
		if !from.crc64.IsNull() {
			return later, nil // the resource that crc64 refers to will create it
		}
		if state != nil && !state.SourceObject.IsNull() && from.sameObject(sourceObjectOf(state.SourceObject)) {
			return copiedContents(state.CRC64, state.ContentLength), nil
		}
		return later, diag.Diagnostics{warningAt(path.Root("source_object"), "Source object does not exist yet", escape.Sprintf(
			"%v\n\n%s must exist when Terraform applies this resource. If another resource creates it, refer to that resource, so that "+
				"Terraform creates it first.", err, from.object()))}
	case err != nil:
		return later, diag.Diagnostics{planning.of(config).diagnose(ctx, &resumable.SourceObjectError{Object: from.object(), Err: err})}
	case !from.crc64.IsNull() && from.crc64 != types.StringValue(info.CRC64):
		return later, nil // it will be replaced before, or the apply reports the difference
	}
	planned := copiedContents(types.StringValue(info.CRC64), types.Int64Value(info.Size))
	if info.CRC64 == "" {
		planned.CRC64 = types.StringUnknown()
		if state != nil && !state.SourceObject.IsNull() && owned.CopiedFrom == info.ETag && planned.ContentLength.Equal(state.ContentLength) {
			planned.CRC64 = state.CRC64
		}
	}
	if state != nil && !bytesDiffer(planned, state.contents()) {
		return planned, nil
	}
	return planned, checkCopyable(ctx, config, from, info)
}

// copiedContents describes content whose SHA-256 is not known.
func copiedContents(crc64 types.String, length types.Int64) contents {
	return contents{types.StringNull(), crc64, length}
}

func checkNotItself(from sourceObject, config, state *objectModel) diag.Diagnostics {
	if from.bucket.IsUnknown() || from.key.IsUnknown() || from.object() != config.object() && (state == nil || from.object() != state.object()) {
		return nil
	}
	return diag.Diagnostics{errorAt(path.Root("source_object"), "Source object is the object itself", escape.Sprintf(
		"%s is the object of this resource, so it cannot be copied from there. Set source_object to another object.", from.object()))}
}

// checkCopyable refuses a source that OSS would refuse to copy. For the class Archive,
// see checkArchived.
func checkCopyable(ctx context.Context, config *objectModel, from sourceObject, info resumable.ObjectInfo) diag.Diagnostics {
	err := resumable.CheckCopyable(info)
	class := info.Headers.StorageClass
	switch frozen := resumable.Archived(class) && !info.Restored; {
	case err == nil && frozen && class == "Archive":
		return diag.Diagnostics{warningAt(path.Root("source_object"), "Source object is archived", escape.Sprintf(
			"%s is archived and not restored. The apply will fail, unless real-time access of Archive objects is enabled for its bucket.",
			from.object()))}
	case err == nil && frozen:
		err = resumable.ErrArchived
	case err == nil:
		return nil
	}
	return diag.Diagnostics{planning.of(config).diagnose(ctx, &resumable.SourceObjectError{Object: from.object(), Err: err})}
}
