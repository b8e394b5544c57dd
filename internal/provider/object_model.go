// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// objectModel is the resource in Terraform's values. This file is the only
// place where they meet the plain values of package resumable.
type objectModel struct {
	ID              types.String `tfsdk:"id"`
	Bucket          types.String `tfsdk:"bucket"`
	Key             types.String `tfsdk:"key"`
	Source          types.String `tfsdk:"source"`
	ContentType     types.String `tfsdk:"content_type"`
	ForbidOverwrite types.Bool   `tfsdk:"forbid_overwrite"`

	// The bytes, see [contents].
	SourceHash    types.String `tfsdk:"source_hash"`
	CRC64         types.String `tfsdk:"crc64"`
	ContentLength types.Int64  `tfsdk:"content_length"`

	// What OSS makes up for each version of the object.
	ETag         types.String `tfsdk:"etag"`
	VersionID    types.String `tfsdk:"version_id"`
	LastModified types.String `tfsdk:"last_modified"`

	CheckpointDir      types.String   `tfsdk:"checkpoint_dir"`
	PartSize           types.Int64    `tfsdk:"part_size"`
	Parallelism        types.Int64    `tfsdk:"parallelism"`
	MultipartThreshold types.Int64    `tfsdk:"multipart_threshold"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

func (m *objectModel) object() resumable.Object {
	return resumable.Object{Bucket: m.Bucket.ValueString(), Key: m.Key.ValueString()}
}

func (m *objectModel) destination() resumable.Destination {
	return resumable.Destination{
		Object:          m.object(),
		Headers:         resumable.Headers{ContentType: m.ContentType.ValueString()},
		ForbidOverwrite: m.ForbidOverwrite.ValueBool(),
	}
}

// options are the provider's unless the resource sets its own.
func (m *objectModel) options(defaults resumable.Options) resumable.Options {
	opts := defaults
	if dir := m.CheckpointDir.ValueString(); dir != "" {
		opts.CheckpointDir = expandHome(dir)
	}
	if n := m.PartSize.ValueInt64(); n != 0 {
		opts.PartSize = n
	}
	if n := m.Parallelism.ValueInt64(); n != 0 {
		opts.Parallelism = int(n)
	}
	if n := m.MultipartThreshold.ValueInt64(); n != 0 {
		opts.MultipartThreshold = n
	}
	return opts
}

// request asks for what the plan showed. A hash that the plan did not know
// binds the upload to nothing.
func (m *objectModel) request(defaults resumable.Options) resumable.Request {
	return resumable.Request{
		Destination: m.destination(),
		Options:     m.options(defaults),
		Source:      m.Source.ValueString(),
		SHA256:      m.SourceHash.ValueString(),
	}
}

// replacement asks for the bytes of m in place of the object in state. That
// one is ours, so forbid_overwrite does not protect it.
func (m *objectModel) replacement(defaults resumable.Options, state *objectModel) resumable.Request {
	req := m.request(defaults)
	req.ForbidOverwrite = false
	if req.SHA256 != "" && state.SourceHash.ValueString() != "" {
		req.ReplacesETag = state.ETag.ValueString() // both hashes are known, and differ
	}
	return req
}

// setUploaded records the outcome of an upload. The checksums are those of the
// file: the engine has compared them with what OSS holds.
func (m *objectModel) setUploaded(res resumable.Result) {
	m.setContents(fingerprinted(res.Fingerprint))
	m.setVersion(res.ObjectInfo)
}

// setVersion records what changes with every write, of bytes or of headers.
func (m *objectModel) setVersion(info resumable.ObjectInfo) {
	m.ETag = types.StringValue(info.ETag)
	m.VersionID = stringOrNull(info.VersionID)
	m.LastModified = types.StringValue(info.LastModified.UTC().Format(time.RFC3339))
}

// setFound records what Read found. When OSS holds other bytes than the model
// describes, nobody knows any longer what they hash to.
func (m *objectModel) setFound(info resumable.ObjectInfo) {
	if !m.describes(info) {
		m.setContents(contents{
			SourceHash:    types.StringNull(),
			CRC64:         stringOrNull(info.CRC64),
			ContentLength: types.Int64Value(info.Size),
		})
	}
	m.setVersion(info)
	m.ContentType = stringOrNull(info.Headers.ContentType)
}

// describes compares by CRC-64. OSS has none for some copies and very old
// objects; then only an unchanged ETag says that nobody wrote the object.
func (m *objectModel) describes(info resumable.ObjectInfo) bool {
	if m.ContentLength != types.Int64Value(info.Size) {
		return false
	}
	if info.CRC64 == "" {
		return m.ETag == types.StringValue(info.ETag)
	}
	return m.CRC64 == types.StringValue(info.CRC64)
}

// info is the object that the model describes, as far as a precondition needs it.
func (m *objectModel) info() resumable.ObjectInfo {
	return resumable.ObjectInfo{
		ETag:  m.ETag.ValueString(),
		Size:  m.ContentLength.ValueInt64(),
		CRC64: m.CRC64.ValueString(),
	}
}

// contents is what is known about the bytes of an object.
type contents struct {
	SourceHash    types.String // null: not known to be the bytes of any file
	CRC64         types.String
	ContentLength types.Int64
}

func (m *objectModel) contents() contents {
	return contents{m.SourceHash, m.CRC64, m.ContentLength}
}

func (m *objectModel) setContents(c contents) {
	m.SourceHash, m.CRC64, m.ContentLength = c.SourceHash, c.CRC64, c.ContentLength
}

func fingerprinted(fp resumable.Fingerprint) contents {
	return contents{
		SourceHash:    types.StringValue(fp.SHA256),
		CRC64:         types.StringValue(fp.CRC64),
		ContentLength: types.Int64Value(fp.Size),
	}
}

// identical reports whether OSS already holds these bytes, as far as a HEAD
// and a plan can tell.
func (c contents) identical(info resumable.ObjectInfo) bool {
	return info.CRC64 != "" && c.CRC64 == types.StringValue(info.CRC64) &&
		c.ContentLength == types.Int64Value(info.Size)
}

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}
