// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// The argument content_wo is a secret, so the state has no checksum of it: a short
// secret can be guessed from a SHA-256, a CRC-64, or an ETag, which is the MD5 of an
// object that was sent in one request. The size is not stored either.
//
// What remains to notice that another program has written the object is its mark, the
// time of the last change and the version ID. So a change of its headers counts as well.

// overwritten is the content_wo_version in the state if another program has written the
// object. It is not a valid argument.
const overwritten = 0

// isSecret reports whether the content comes from content_wo. In a plan and a state,
// only the version shows it.
func (m *objectModel) isSecret() bool { return !m.ContentWOVersion.IsNull() }

// readSecret reads content_wo from the configuration, because a plan does not have it.
func (m *objectModel) readSecret(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	diags := config.GetAttribute(ctx, path.Root("content_wo"), &m.ContentWO)
	if m.isSecret() && m.ContentWO.IsNull() {
		diags.Append(errorAt(path.Root("content_wo"), "Secret content is null",
			"The value of content_wo turned out to be null. Nothing was sent. Set it to the text to upload."))
	}
	return diags
}

// findSecret records what Read found of an object with secret content.
func (m *objectModel) findSecret(info resumable.ObjectInfo) {
	known := m.info()
	if !known.LastModified.Equal(info.LastModified) || known.VersionID != info.VersionID || info.Symlink {
		m.ContentWOVersion = types.Int64Value(overwritten)
	}
}

// checkSecretMark notices a writer whose object has the same time.
func (m *objectModel) checkSecretMark(owned ownership, info resumable.ObjectInfo) {
	if m.isSecret() && owned.ID != "" && info.Headers.Mark != owned.ID {
		m.ContentWOVersion = types.Int64Value(overwritten)
	}
}
