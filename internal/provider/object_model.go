// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// objectModel is the resource in Terraform's values. This file is the only
// place where they meet the plain values of package resumable.
type objectModel struct {
	ID              types.String `tfsdk:"id"`
	Bucket          types.String `tfsdk:"bucket"`
	Key             types.String `tfsdk:"key"`
	ForbidOverwrite types.Bool   `tfsdk:"forbid_overwrite"`
	DeletionPolicy  types.String `tfsdk:"deletion_policy"` // see [objectResource.Delete]

	// Where the bytes come from: one of the three.
	Source        types.String `tfsdk:"source"`
	Content       types.String `tfsdk:"content"`
	ContentBase64 types.String `tfsdk:"content_base64"`

	// What OSS keeps beside the bytes; null is absent.
	ContentType        types.String `tfsdk:"content_type"`
	CacheControl       types.String `tfsdk:"cache_control"`
	ContentDisposition types.String `tfsdk:"content_disposition"`
	ContentEncoding    types.String `tfsdk:"content_encoding"`
	ContentLanguage    types.String `tfsdk:"content_language"`
	Expires            types.String `tfsdk:"expires"`
	Metadata           types.Map    `tfsdk:"metadata"`
	Tags               types.Map    `tfsdk:"tags"`
	ACL                types.String `tfsdk:"acl"` // null: not ours to say

	// What the bucket chooses unless the configuration does.
	StorageClass             types.String `tfsdk:"storage_class"`
	ServerSideEncryption     types.String `tfsdk:"server_side_encryption"`
	ServerSideDataEncryption types.String `tfsdk:"server_side_data_encryption"`
	KMSKeyID                 types.String `tfsdk:"kms_key_id"`

	// How long this version is kept as it is, see object_retention.go.
	WormMode        types.String `tfsdk:"object_worm_mode"`
	WormRetainUntil types.String `tfsdk:"object_worm_retain_until_date"`

	// The bytes, see [contents].
	SourceHash    types.String `tfsdk:"source_hash"`
	CRC64         types.String `tfsdk:"crc64"`
	ContentLength types.Int64  `tfsdk:"content_length"`

	// What OSS makes up for each version of the object.
	ETag         types.String `tfsdk:"etag"`
	VersionID    types.String `tfsdk:"version_id"`
	LastModified types.String `tfsdk:"last_modified"`

	Callback types.Object `tfsdk:"callback"` // of an upload, see object_callback.go

	CheckpointDir      types.String   `tfsdk:"checkpoint_dir"`
	PartSize           types.Int64    `tfsdk:"part_size"`
	Parallelism        types.Int64    `tfsdk:"parallelism"`
	MultipartThreshold types.Int64    `tfsdk:"multipart_threshold"`
	TrafficLimit       types.Int64    `tfsdk:"traffic_limit"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

func (m *objectModel) object() resumable.Object {
	return resumable.Object{Bucket: m.Bucket.ValueString(), Key: m.Key.ValueString()}
}

func (m *objectModel) destination() resumable.Destination {
	return resumable.Destination{
		Object:          m.object(),
		Headers:         m.headers(),
		Tags:            stringsOf(m.Tags),
		ACL:             m.ACL.ValueString(),
		Callback:        callbackOf(m.Callback),
		Retention:       m.retentionInForce(time.Now()),
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
	if n := m.TrafficLimit.ValueInt64(); n != 0 {
		opts.TrafficLimit = int(n)
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
		Content:     m.content(),
		SHA256:      m.SourceHash.ValueString(),
	}
}

// replacement asks for the bytes of m in place of the object in state. That
// one is ours, so forbid_overwrite does not protect it.
func (m *objectModel) replacement(defaults resumable.Options, state *objectModel) resumable.Request {
	req := m.request(defaults)
	req.ACL = m.aclAfter(state)
	req.ForbidOverwrite = false
	if req.SHA256 != "" && state.SourceHash.ValueString() != "" {
		// Both hashes are known, and differ.
		req.Replaces = resumable.Replaced{ETag: state.ETag.ValueString(), SHA256: state.SourceHash.ValueString()}
	}
	return req
}

// changes reports whether m is more than the object in state with other
// options of the upload. That the ETag is not known is the plan's word for a
// copy.
func (m *objectModel) changes(state *objectModel) bool {
	return m.ETag.IsUnknown() || !m.ACL.Equal(state.ACL) || mapDiffers(m.Tags, state.Tags) || !m.sameRetention(state)
}

// change is what to ask of the engine so that the object in state becomes m
// while it keeps its bytes. An ACL that stays needs no request: a copy keeps it.
func (m *objectModel) change(state *objectModel) (dst resumable.Destination, known resumable.ObjectInfo) {
	dst, known = m.destination(), state.info()
	if dst.ACL = m.aclAfter(state); m.ACL.Equal(state.ACL) {
		dst.ACL = ""
	}
	return dst, known
}

// aclAfter gives the object back to its bucket's ACL when acl has left the
// configuration.
func (m *objectModel) aclAfter(state *objectModel) string {
	if m.ACL.IsNull() && !state.ACL.IsNull() {
		return aclDefault
	}
	return m.ACL.ValueString()
}

// setUploaded records the outcome of an upload. The checksums are those of the
// file: the engine has compared them with what OSS holds.
func (m *objectModel) setUploaded(res resumable.Result) {
	m.setContents(fingerprinted(res.Fingerprint))
	m.setWritten(res.ObjectInfo)
}

// setWritten records what the plan left open for a write, of bytes or of
// headers, to decide. What the plan knew stays, or Terraform would call it an
// "inconsistent result after apply".
func (m *objectModel) setWritten(info resumable.ObjectInfo) {
	if m.ETag.IsUnknown() {
		m.setVersion(info)
	}
	m.settleChoices(info.Headers)
	m.settleRetention(info.Retention)
}

// setVersion records what changes with every write.
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
	m.setHeaders(info.Headers)
	m.setRetention(info.Retention, time.Now())
}

// describes compares by CRC-64. OSS has none for some copies and very old
// objects; then only an unchanged ETag says that nobody wrote the object.
func (m *objectModel) describes(info resumable.ObjectInfo) bool {
	if info.Symlink || m.ContentLength != types.Int64Value(info.Size) {
		return false
	}
	if info.CRC64 == "" {
		return m.ETag == types.StringValue(info.ETag)
	}
	return m.CRC64 == types.StringValue(info.CRC64)
}

// info is the object that the model describes, as far as it is known from the
// others.
func (m *objectModel) info() resumable.ObjectInfo {
	return resumable.ObjectInfo{
		Size:      m.ContentLength.ValueInt64(),
		CRC64:     m.CRC64.ValueString(),
		ETag:      m.ETag.ValueString(),
		VersionID: m.VersionID.ValueString(),
		Tags:      len(m.Tags.Elements()),
	}
}

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// stringsOf is nil for an empty map.
func stringsOf(m types.Map) map[string]string {
	if len(m.Elements()) == 0 {
		return nil
	}
	values := make(map[string]string, len(m.Elements()))
	for name, value := range m.Elements() {
		if text, ok := value.(types.String); ok {
			values[name] = text.ValueString()
		}
	}
	return values
}

// mapOf is null for no values, unless the configuration said {} before.
func mapOf(values map[string]string, before types.Map) types.Map {
	if len(values) == 0 {
		if !before.IsNull() && len(before.Elements()) == 0 {
			return before
		}
		return types.MapNull(types.StringType)
	}
	elements := make(map[string]attr.Value, len(values))
	for name, value := range values {
		elements[name] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}
