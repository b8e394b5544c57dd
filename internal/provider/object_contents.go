// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/base64"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// content returns the content that is in the configuration itself, or nil if it is
// in a file. Empty content is not nil.
func (m *objectModel) content() []byte {
	switch {
	case !m.Content.IsNull():
		return []byte(m.Content.ValueString())
	case !m.ContentWO.IsNull():
		return []byte(m.ContentWO.ValueString())
	case !m.ContentBase64.IsNull():
		decoded, _ := base64.StdEncoding.DecodeString(m.ContentBase64.ValueString()) // validated
		return append([]byte{}, decoded...)
	}
	return nil
}

// sourceUnknown reports whether the plan cannot read the content yet.
func (m *objectModel) sourceUnknown() bool {
	return m.Source.IsUnknown() || m.Content.IsUnknown() || m.ContentBase64.IsUnknown()
}

// contents describes the content of an object, as far as it is known.
type contents struct {
	SourceHash    types.String // null: not known to be the content of a file
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
		SourceHash:    stringOrNull(fp.SHA256), // null for a copy
		CRC64:         stringOrNull(fp.CRC64),
		ContentLength: types.Int64Value(fp.Size),
	}
}

// identical reports whether OSS already stores this content, as far as a HEAD and
// a plan can determine.
func (c contents) identical(info resumable.ObjectInfo) bool {
	return !info.Symlink && info.CRC64 != "" && c.CRC64 == types.StringValue(info.CRC64) &&
		c.ContentLength == types.Int64Value(info.Size)
}
