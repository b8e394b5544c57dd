// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// What an apply does with content that another program has written to the object.
const (
	remoteRevert = "revert"
	remoteKeep   = "keep"
)

func remoteChangesAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		Validators: []validator.String{
			oneOf(remoteRevert, remoteKeep),
			// Without a SHA-256, the source and the content of another program cannot be told apart.
			stringvalidator.ConflictsWith(path.MatchRoot("source_object"), path.MatchRoot("content_wo")),
		},
		MarkdownDescription: "What to do if another program has written other content to the object. With `revert`, the next apply " +
			"uploads the source again. With `keep`, the content stays, also if it is there at an import, until the source changes; " +
			"`crc64`, `content_length` and `etag` then describe the object, and `source_hash` the source. Headers, metadata and tags " +
			"are not content. See [Content that others deploy](../guides/ownership-and-renames.md#content-that-others-deploy). " +
			"Defaults to `revert`.",
	}
}

func (m *objectModel) keepsRemote() bool { return m.RemoteChanges.ValueString() == remoteKeep }

// keepHash restores the hash that find has cleared, because the object has other content.
// Otherwise the next plan could not tell whether the source has changed as well.
func (m *objectModel) keepHash(hash types.String, owned *ownership) {
	if m.keepsRemote() && m.SourceHash.IsNull() && !hash.IsNull() {
		m.SourceHash, owned.Foreign = hash, true
	}
}

// withoutForeignHash returns the state to compare with, if the plan m reverts the content
// of other programs.
func (m *objectModel) withoutForeignHash(state *objectModel, owned ownership) *objectModel {
	if state == nil || !owned.Foreign || m.keepsRemote() {
		return state
	}
	known := *state
	known.SourceHash = types.StringNull()
	return &known
}
