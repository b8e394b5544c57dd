// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/base64"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// content is the bytes that the configuration itself holds, or nil when they
// are in a file. An empty text is not nil.
func (m *objectModel) content() []byte {
	switch {
	case !m.Content.IsNull():
		return []byte(m.Content.ValueString())
	case !m.ContentBase64.IsNull():
		decoded, _ := base64.StdEncoding.DecodeString(m.ContentBase64.ValueString()) // validated
		return append([]byte{}, decoded...)
	}
	return nil
}

// sourceUnknown reports that the plan cannot look at the bytes.
func (m *objectModel) sourceUnknown() bool {
	return m.Source.IsUnknown() || m.Content.IsUnknown() || m.ContentBase64.IsUnknown()
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
	return !info.Symlink && info.CRC64 != "" && c.CRC64 == types.StringValue(info.CRC64) &&
		c.ContentLength == types.Int64Value(info.Size)
}
