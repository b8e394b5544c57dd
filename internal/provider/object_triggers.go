// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// A provider cannot see depends_on. If the same apply builds the source, the plan finds
// the old file, or none, and Terraform either skips the update or reports an
// "inconsistent final plan". The argument triggers says that the file is not to be
// trusted yet.

func triggersAttribute() schema.Attribute {
	return schema.MapAttribute{
		Optional:    true,
		ElementType: types.StringType,
		MarkdownDescription: "Values that stand for the build of `source`, such as the `id` of the resource that builds the file. If " +
			"a value changes or is not known yet, and when the object is created, the plan does not read the file. Its hash is then " +
			"known after the apply, which reads the file when it is built and sends nothing if the content is the same. While the " +
			"values and the path stay the same, a file that does not exist is not a change. Has no effect with `content`, `content_base64` or " +
			"`source_hash`. See [Files that the same apply builds](../guides/files-that-the-same-apply-builds.md).",
	}
}

// triggered reports whether the same apply may build the source that m configures. The
// file that exists at the create of an object may be older than the build.
func (m *objectModel) triggered(state *objectModel) bool {
	switch {
	case m.Triggers.IsUnknown():
		return true
	case len(m.Triggers.Elements()) == 0:
		return false
	}
	return state == nil || !m.Triggers.Equal(state.Triggers)
}

// built reports whether the object in state has the content of the last build, so that
// the plan does not need the file that m configures.
func (m *objectModel) built(state *objectModel) bool {
	return state != nil && len(m.Triggers.Elements()) > 0 && !m.triggered(state) && m.Source.Equal(state.Source) && !state.SourceHash.IsNull()
}

// planBuilt completes the plan of an update with the file that exists now. If the build
// changed nothing, nothing is sent, and a rename is a copy.
func (r *objectResource) planBuilt(ctx context.Context, config, plan, state *objectModel, owned ownership) diag.Diagnostics {
	fp, _, err := resumable.FingerprintSource(ctx, plan.Source.ValueString(), plan.options(r.defaults()).CheckpointDir)
	if err != nil {
		return diag.Diagnostics{updating.of(plan).diagnose(ctx, err)}
	}
	write := plan.planWrite(config, state, fingerprinted(fp), owned)
	return plan.planRetention(config, state, write.needed(), time.Now())
}
