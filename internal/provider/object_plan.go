// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

var _ resource.ResourceWithModifyPlan = (*objectResource)(nil)

// ModifyPlan plans every computed value. The framework marks them unknown only if
// a configured value differs from the state. If a file is edited in place, no
// configured value differs, and Terraform would reject the new ETag as an
// "inconsistent result after apply".
//
// Terraform plans again during the apply, in another process, and requires known
// values to stay the same. A file that changes after the plan therefore fails
// before anything is sent.
func (r *objectResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() { // a destroy, which does not need the file
		resp.Diagnostics.Append(planDelete(ctx, req.State)...)
		return
	}
	var config, plan objectModel
	var state *objectModel // nil: create
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if ignoresChanges(&config, state) {
		resp.Plan.Raw = req.State.Raw
		resp.Diagnostics.Append(r.planOwnership(ctx, state, state, resp.Private)...)
		return
	}
	resp.Diagnostics.Append(checkCheckpointHome(plan.CheckpointDir.ValueString())...)
	if resp.Diagnostics.HasError() {
		return
	}
	owned, _ := ownershipIn(ctx, req.Private)
	state = plan.withoutForeignHash(state, owned)

	opts := plan.options(r.defaults())
	planned, diags, uncached := r.planSource(ctx, &config, state, opts.CheckpointDir, resp.Private)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(checkPartSize(&plan, planned, opts.PartSize)...)
	if resp.Diagnostics.HasError() {
		return
	}

	plan.ID = planID(&plan)
	resp.Diagnostics.Append(r.planOwnership(ctx, &plan, state, resp.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ContentType = planContentType(&config, &plan)
	write := plan.planWrite(&config, state, planned, owned)
	if !write.bytes && !write.renamed {
		resp.Diagnostics.Append(r.checkArchived(ctx, state, write.header)...)
	}
	journaled := (write.bytes || write.renamed) && plan.needsJournal(opts)
	unusable := warnCheckpointDir(opts.CheckpointDir, journaled, uncached)
	resp.Diagnostics.Append(unusable...)
	if journaled && len(unusable) == 0 {
		resp.Diagnostics.Append(r.service.warnTemporary(opts.CheckpointDir)...)
	}
	resp.Diagnostics.Append(r.checkCanRetain(&config)...)
	resp.Diagnostics.Append(plan.planRetention(&config, state, write.needed(), time.Now())...)
	switch {
	case state == nil, write.renamed:
		resp.Diagnostics.Append(r.warnOverwrite(ctx, &plan)...)
	case write.bytes:
		resp.Diagnostics.Append(warnOtherWriter(ctx, &plan, req.Private)...)
	}
	if write.renamed {
		resp.Diagnostics.Append(planRename(ctx, &plan, state, resp.Identity)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// plannedWrite says what an apply writes to OSS.
type plannedWrite struct {
	bytes   bool   // the content
	renamed bool   // or a copy of it under another name
	header  string // else the first attribute that only a copy changes, or ""
}

// needed reports whether the apply results in another version of the object.
func (w plannedWrite) needed() bool { return w.bytes || w.renamed || w.header != "" }

// planWrite plans the computed values, which depend on what has to be written.
func (m *objectModel) planWrite(config, state *objectModel, planned contents, owned ownership) (write plannedWrite) {
	write.bytes = state == nil || m.uploads(planned, state, owned)
	write.renamed = state != nil && m.renames(state)
	if !write.bytes && !write.renamed {
		write.header = changedHeader(config, m, state)
	}
	if write.bytes {
		m.setContents(planned)
	} else {
		m.setContents(contents{planned.SourceHash, state.CRC64, state.ContentLength})
	}
	m.planChoices(config, keptChoices(state, write.bytes, write.renamed), write.needed(), m.expectsPlain(config, state))
	if write.needed() {
		m.ETag, m.VersionID, m.LastModified = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	} else {
		m.ETag, m.VersionID, m.LastModified = state.ETag, state.VersionID, state.LastModified
	}
	return write
}

func planID(plan *objectModel) types.String {
	if plan.Bucket.IsUnknown() || plan.Key.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(shownID(plan.object()))
}

// planContentType depends on the configuration only, so that a type that another
// program set shows as drift.
func planContentType(config, plan *objectModel) types.String {
	switch {
	case !config.ContentType.IsNull():
		return config.ContentType
	case plan.Key.IsUnknown():
		return types.StringUnknown()
	}
	return types.StringValue(contentTypeOf(plan.Key.ValueString()))
}

const archivedText escape.Text = "OSS can copy an archived object only while it is restored, and this change requires a copy. Restore the " +
	"object, for example with ossutil restore, and apply again when it is restored. Or undo the change. To upload the file again " +
	"instead, run terraform apply -replace=ADDRESS."
