// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// objectModel is the resource in the types of Terraform. This file and those for
// headers and retention convert it to and from the types of package resumable.
type objectModel struct {
	ID              types.String `tfsdk:"id"`
	Bucket          types.String `tfsdk:"bucket"`
	Key             types.String `tfsdk:"key"`
	ForbidOverwrite types.Bool   `tfsdk:"forbid_overwrite"`
	DeletionPolicy  types.String `tfsdk:"deletion_policy"` // see [objectResource.Delete]
	RemoteChanges   types.String `tfsdk:"remote_changes"`  // see object_remote_changes.go

	// The content: exactly one of these.
	SourceObject  types.Object `tfsdk:"source_object"`
	Source        types.String `tfsdk:"source"`
	Content       types.String `tfsdk:"content"`
	ContentBase64 types.String `tfsdk:"content_base64"`

	Triggers types.Map `tfsdk:"triggers"` // stand for the build of the source, see object_triggers.go

	ContentWO        types.String `tfsdk:"content_wo"` // see object_secret.go
	ContentWOVersion types.Int64  `tfsdk:"content_wo_version"`

	// What OSS stores beside the content. Null means absent.
	ContentType        types.String `tfsdk:"content_type"`
	CacheControl       types.String `tfsdk:"cache_control"`
	ContentDisposition types.String `tfsdk:"content_disposition"`
	ContentEncoding    types.String `tfsdk:"content_encoding"`
	ContentLanguage    types.String `tfsdk:"content_language"`
	Expires            types.String `tfsdk:"expires"`
	Metadata           types.Map    `tfsdk:"metadata"`
	Tags               types.Map    `tfsdk:"tags"`
	ACL                types.String `tfsdk:"acl"` // null: not managed

	// What the bucket chooses if the configuration does not.
	StorageClass             types.String `tfsdk:"storage_class"`
	ServerSideEncryption     types.String `tfsdk:"server_side_encryption"`
	ServerSideDataEncryption types.String `tfsdk:"server_side_data_encryption"`
	KMSKeyID                 types.String `tfsdk:"kms_key_id"`

	// The retention of this version, see object_retention.go.
	WormMode        types.String `tfsdk:"object_worm_mode"`
	WormRetainUntil types.String `tfsdk:"object_worm_retain_until_date"`

	// The content, see [contents].
	SourceHash    types.String `tfsdk:"source_hash"`
	CRC64         types.String `tfsdk:"crc64"`
	ContentLength types.Int64  `tfsdk:"content_length"`

	// What OSS assigns to each version of the object.
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

// options returns the options of the resource, with those of the provider as defaults.
func (m *objectModel) options(defaults resumable.Options) resumable.Options {
	opts := defaults
	if dir := m.CheckpointDir.ValueString(); dir != "" {
		if chosen, err := resumable.CheckpointDir(dir); err == nil { // otherwise ModifyPlan has reported it
			opts.CheckpointDir = chosen
		}
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

// request returns the upload that the plan showed. If the plan did not know the
// hash, the upload accepts any content.
func (m *objectModel) request(defaults resumable.Options) resumable.Request {
	return resumable.Request{
		Destination:  m.destination(),
		Options:      m.options(defaults),
		Source:       m.Source.ValueString(),
		Content:      m.content(),
		SourceObject: m.copied(),
		Secret:       m.isSecret(),
		SHA256:       m.SourceHash.ValueString(),
	}
}

// replacement returns the upload that replaces the object in state. The instance
// owns that object, so forbid_overwrite does not protect it.
func (m *objectModel) replacement(defaults resumable.Options, state *objectModel) resumable.Request {
	req := m.request(defaults)
	req.ACL = m.aclAfter(state)
	req.ForbidOverwrite = false
	if req.SHA256 != "" && state.SourceHash.ValueString() != "" {
		// Both hashes are known and differ.
		req.Replaces = resumable.Replaced{ETag: state.ETag.ValueString(), SHA256: state.SourceHash.ValueString()}
	}
	return req
}

// changes reports whether m changes the object in state, and not only the options
// of the upload. An unknown ETag means that the plan includes a copy.
func (m *objectModel) changes(state *objectModel) bool {
	return m.ETag.IsUnknown() || !m.ACL.Equal(state.ACL) || mapDiffers(m.Tags, state.Tags) || !m.sameRetention(state)
}

// change returns the arguments of Uploader.Change, which changes the object in state
// to m without its content. An equal ACL needs no request, because a copy keeps it.
func (m *objectModel) change(state *objectModel) (dst resumable.Destination, known resumable.ObjectInfo) {
	dst, known = m.destination(), state.info()
	if dst.ACL = m.aclAfter(state); m.ACL.Equal(state.ACL) {
		dst.ACL = ""
	}
	return dst, known
}

// aclAfter returns the ACL to set. If acl was removed from the configuration, the
// object gets the ACL of the bucket.
func (m *objectModel) aclAfter(state *objectModel) string {
	if m.ACL.IsNull() && !state.ACL.IsNull() {
		return aclDefault
	}
	return m.ACL.ValueString()
}

// setUploaded records the result of an upload. The checksums are those of the source,
// which the engine has compared with those of OSS.
func (m *objectModel) setUploaded(res resumable.Result) {
	if !m.isSecret() {
		m.setContents(fingerprinted(res.Fingerprint))
	}
	m.setWritten(res.ObjectInfo)
}

// setWritten records the values that were unknown in the plan, after an upload or a
// change. Known values stay. Otherwise Terraform would report an "inconsistent
// result after apply".
func (m *objectModel) setWritten(info resumable.ObjectInfo) {
	if m.ETag.IsUnknown() {
		m.setVersion(info)
	}
	m.setUnknownChoices(info.Headers)
	m.setUnknownRetention(info.Retention)
}

// setVersion records what changes with every write.
func (m *objectModel) setVersion(info resumable.ObjectInfo) {
	m.ETag = types.StringValue(info.ETag)
	m.VersionID = stringOrNull(info.VersionID)
	m.LastModified = types.StringValue(info.LastModified.UTC().Format(time.RFC3339))
	if m.isSecret() {
		m.ETag = types.StringNull()
	}
}

// setFound records what Read found. If OSS stores other content than the model
// describes, neither its hash nor where it comes from is known any longer.
func (m *objectModel) setFound(info resumable.ObjectInfo) {
	switch {
	case m.isSecret():
		m.findSecret(info)
	case !m.describes(info):
		m.SourceObject = types.ObjectNull(m.SourceObject.AttributeTypes(context.Background()))
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

// describes compares the CRC-64. OSS has none for some copies and very old objects.
// For these, only an unchanged ETag shows that the object was not written.
func (m *objectModel) describes(info resumable.ObjectInfo) bool {
	if info.Symlink || m.ContentLength != types.Int64Value(info.Size) {
		return false
	}
	if info.CRC64 == "" {
		return m.ETag == types.StringValue(info.ETag)
	}
	return m.CRC64 == types.StringValue(info.CRC64)
}

// info returns what identifies the object that the model describes.
func (m *objectModel) info() resumable.ObjectInfo {
	modified, _ := time.Parse(time.RFC3339, m.LastModified.ValueString()) // written by setVersion, or null
	return resumable.ObjectInfo{
		Size:         m.ContentLength.ValueInt64(),
		CRC64:        m.CRC64.ValueString(),
		ETag:         m.ETag.ValueString(),
		VersionID:    m.VersionID.ValueString(),
		LastModified: modified,
		Tags:         len(m.Tags.Elements()),
	}
}

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// stringsOf returns nil for an empty map.
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

// mapOf returns null for no values, unless the previous value is {}.
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
