// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"io/fs"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// planSource returns the planned content, from wherever it comes.
func (r *objectResource) planSource(ctx context.Context, config, state *objectModel, dir string, private privateState) (planned contents, diags diag.Diagnostics, uncached error) {
	if config.isSecret() {
		return contents{}, nil, nil
	}
	if !config.SourceObject.IsNull() {
		owned, _ := ownershipIn(ctx, private)
		planned, diags = r.planSourceObject(ctx, config, state, owned)
		return planned, diags, nil
	}
	return planContents(ctx, config, state, dir)
}

// planContents returns the planned content. It does not read the file if the user
// has set its hash. If it has read the file and could not cache its hash, uncached
// is the reason.
func planContents(ctx context.Context, config, state *objectModel, checkpointDir string) (planned contents, diags diag.Diagnostics, uncached error) {
	if state != nil && !config.hasContent() {
		return state.contents(), nil, nil
	}
	unknown := contents{types.StringUnknown(), types.StringUnknown(), types.Int64Unknown()}
	if content := config.content(); content != nil && !config.sourceUnknown() && !config.SourceHash.IsUnknown() {
		planned, diags := planInline(ctx, config, content)
		return planned, diags, nil
	}
	switch hash := config.SourceHash; {
	case hash.IsUnknown():
		return unknown, nil, nil
	case !hash.IsNull() && state != nil && hash.Equal(state.SourceHash):
		return state.contents(), nil, nil
	case !hash.IsNull():
		return contents{hash, types.StringUnknown(), types.Int64Unknown()}, nil, nil
	case config.sourceUnknown(), config.triggered(state):
		return unknown, nil, nil
	}

	fp, uncached, err := resumable.FingerprintSource(ctx, config.Source.ValueString(), checkpointDir)
	if errors.Is(err, fs.ErrNotExist) {
		if config.built(state) {
			return state.contents(), nil, nil
		}
		return unknown, diag.Diagnostics{warningAt(path.Root("source"), "Source file does not exist yet",
			escape.Sprintf("%v\n\nThe file must exist when Terraform applies this resource. If another resource builds the file, set "+
				"triggers to its id, so that the plan does not need the file.", err))}, nil
	}
	if err != nil {
		return unknown, diag.Diagnostics{planning.of(config).diagnose(ctx, err)}, nil
	}
	return fingerprinted(fp), nil, uncached
}

// planInline plans content of the configuration. A configured hash is checked
// immediately, because no file has to be read.
func planInline(ctx context.Context, config *objectModel, content []byte) (contents, diag.Diagnostics) {
	fp, err := resumable.FingerprintContent(ctx, content)
	if err != nil {
		return contents{}, diag.Diagnostics{planning.of(config).diagnose(ctx, err)}
	}
	if hash := config.SourceHash; !hash.IsNull() && hash.ValueString() != fp.SHA256 {
		return contents{}, diag.Diagnostics{errorAt(path.Root("source_hash"), "Content does not match source_hash",
			"The SHA-256 of the content differs from source_hash. Remove source_hash; the provider computes it.")}
	}
	return fingerprinted(fp), nil
}

// uploads reports whether the object in state needs the planned content. For a secret,
// the version decides. Without a hash in the state, it is not known which source to
// compare with, as after an import; with remote_changes = "keep", the content in OSS
// then stays. If another instance has replaced the object, a rename has no content to
// copy: it uploads the source, as if the object were gone.
func (m *objectModel) uploads(planned contents, state *objectModel, owned ownership) bool {
	switch {
	case m.keepsRemote() && owned.Taken && m.renames(state):
		return true
	case m.isSecret() || state.isSecret():
		return !m.ContentWOVersion.Equal(state.ContentWOVersion)
	case m.keepsRemote() && state.SourceHash.IsNull():
		return false
	}
	return bytesDiffer(planned, state.contents())
}

// bytesDiffer reports whether the content must be uploaded, by the rule in doc.go. An
// unknown hash never equals a known one. The hash of a source_object is null.
func bytesDiffer(planned, stored contents) bool {
	if !stored.SourceHash.IsNull() && !planned.SourceHash.IsNull() {
		return !planned.SourceHash.Equal(stored.SourceHash)
	}
	known := !planned.CRC64.IsUnknown() && !planned.ContentLength.IsUnknown()
	return !(known && planned.CRC64.Equal(stored.CRC64) && planned.ContentLength.Equal(stored.ContentLength))
}

// checkPartSize refuses a configured part size that needs more than MaxParts parts.
// A part size that the engine chooses never does.
func checkPartSize(plan *objectModel, planned contents, partSize int64) diag.Diagnostics {
	size := planned.ContentLength.ValueInt64()                                               // 0 while it is unknown
	if partSize == 0 || size <= partSize*resumable.MaxParts || !plan.SourceObject.IsNull() { // a copy has its own part size
		return nil
	}
	least := (size + resumable.MaxParts - 1) / resumable.MaxParts
	where := escape.Text("part_size")
	if plan.PartSize.IsNull() {
		where = "part_size of the provider"
	}
	return diag.Diagnostics{errorAt(path.Root("part_size"), "Part size too small", escape.Sprintf(
		"The file has %d bytes, and an upload has at most %d parts. For this file, %s must be at least %d. "+
			"If you remove it, the provider chooses the size.", size, resumable.MaxParts, where, least))}
}
