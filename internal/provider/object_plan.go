// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var _ resource.ResourceWithModifyPlan = (*objectResource)(nil)

// planHeadTimeout bounds the look at a key that a plan is about to create. It
// is a courtesy; a plan must not hang for it.
const planHeadTimeout = 10 * time.Second

// ModifyPlan decides every computed value. The framework marks them unknown
// only when a configured value differs from the state, and nothing configured
// differs when the file was edited in place; Terraform would then refuse the
// new ETag as an "inconsistent result after apply".
//
// Terraform plans again during the apply, in another process, and demands that
// whatever was known stays the same. That is how a file that changes in
// between is stopped before anything is sent.
func (r *objectResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() { // a destroy, for which the file need not exist any more
		resp.Diagnostics.Append(planDelete(ctx, req.State)...)
		return
	}
	var config, plan objectModel
	var state *objectModel // nil: create
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(checkCheckpointHome(plan.CheckpointDir.ValueString())...)
	if resp.Diagnostics.HasError() {
		return
	}

	opts := plan.options(r.defaults())
	planned, diags, uncached := planContents(ctx, &config, state, opts.CheckpointDir)
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
	bytes := state == nil || bytesDiffer(planned, state.contents())
	renamed := state != nil && plan.renames(state)
	written := bytes || renamed
	if !written {
		changed := changedHeader(&config, &plan, state)
		written = changed != ""
		resp.Diagnostics.Append(r.checkArchived(ctx, state, changed)...)
	}
	if bytes {
		plan.setContents(planned)
	} else {
		plan.setContents(contents{planned.SourceHash, state.CRC64, state.ContentLength})
	}
	resp.Diagnostics.Append(warnCheckpointDir(opts.CheckpointDir, bytes || renamed, uncached)...)
	plan.planChoices(&config, choicesKept(state, bytes, renamed), written)
	if written {
		plan.ETag, plan.VersionID, plan.LastModified = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	} else {
		plan.ETag, plan.VersionID, plan.LastModified = state.ETag, state.VersionID, state.LastModified
	}
	resp.Diagnostics.Append(r.checkCanRetain(&config)...)
	resp.Diagnostics.Append(plan.planRetention(&config, state, written, time.Now())...)
	switch {
	case state == nil, renamed:
		resp.Diagnostics.Append(r.warnOverwrite(ctx, &plan)...)
	case bytes:
		resp.Diagnostics.Append(warnTaken(ctx, &plan, req.Private)...)
	}
	if renamed {
		resp.Diagnostics.Append(planRename(ctx, &plan, state, resp.Identity)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// planContents tells which bytes the object shall hold, as far as that can be
// known without reading a file that the user has given the hash of. If it has
// read one and could not keep its hash, uncached says why.
func planContents(ctx context.Context, config, state *objectModel, checkpointDir string) (planned contents, diags diag.Diagnostics, uncached error) {
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
	case config.sourceUnknown():
		return unknown, nil, nil
	}

	fp, uncached, err := resumable.FingerprintSource(ctx, config.Source.ValueString(), checkpointDir)
	if errors.Is(err, fs.ErrNotExist) {
		return unknown, diag.Diagnostics{warningAt(path.Root("source"), "Source file does not exist now",
			escape.Sprintf("%v\n\nIt must exist when the apply reaches this resource. If another resource makes the file, set "+
				"source_hash to that resource's SHA-256 of it, so that the plan does not depend on the file.", err))}, nil
	}
	if err != nil {
		return unknown, diag.Diagnostics{planning.of(config).diagnose(ctx, err)}, nil
	}
	return fingerprinted(fp), nil, uncached
}

// planInline looks at bytes that need no reading, so a hash that was given for
// them is checked right away.
func planInline(ctx context.Context, config *objectModel, content []byte) (contents, diag.Diagnostics) {
	fp, err := resumable.FingerprintContent(ctx, content)
	if err != nil {
		return contents{}, diag.Diagnostics{planning.of(config).diagnose(ctx, err)}
	}
	if hash := config.SourceHash; !hash.IsNull() && hash.ValueString() != fp.SHA256 {
		return contents{}, diag.Diagnostics{errorAt(path.Root("source_hash"), "Content does not match source_hash",
			"The content has another SHA-256 than source_hash says. Leave source_hash out: it is computed.")}
	}
	return fingerprinted(fp), nil
}

// bytesDiffer is the rule that doc.go states. An unknown hash never equals a
// known one.
func bytesDiffer(planned, stored contents) bool {
	if !stored.SourceHash.IsNull() {
		return !planned.SourceHash.Equal(stored.SourceHash)
	}
	known := !planned.CRC64.IsUnknown() && !planned.ContentLength.IsUnknown()
	return !(known && planned.CRC64.Equal(stored.CRC64) && planned.ContentLength.Equal(stored.ContentLength))
}

func planID(plan *objectModel) types.String {
	if plan.Bucket.IsUnknown() || plan.Key.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(shownID(plan.object()))
}

// planContentType goes by the configuration only, so that a type which
// somebody else gave to the object shows as drift.
func planContentType(config, plan *objectModel) types.String {
	switch {
	case !config.ContentType.IsNull():
		return config.ContentType
	case plan.Key.IsUnknown():
		return types.StringUnknown()
	}
	return types.StringValue(contentTypeOf(plan.Key.ValueString()))
}

// checkPartSize refuses a part size of the user's that MaxParts parts of do
// not make the file; the engine's own choice always does.
func checkPartSize(plan *objectModel, planned contents, partSize int64) diag.Diagnostics {
	size := planned.ContentLength.ValueInt64() // 0 while it is unknown
	if partSize == 0 || size <= partSize*resumable.MaxParts {
		return nil
	}
	least := (size + resumable.MaxParts - 1) / resumable.MaxParts
	where := escape.Text("part_size")
	if plan.PartSize.IsNull() {
		where = "part_size of the provider"
	}
	return diag.Diagnostics{errorAt(path.Root("part_size"), "Part size too small", escape.Sprintf(
		"The file has %d bytes, and an upload at most %d parts. The %s must be at least %d for this file. "+
			"Leave it out to have it chosen.", size, resumable.MaxParts, where, least))}
}

// warnCheckpointDir tells in one warning all that a directory which cannot be
// used will cost: an upload that is planned, and the hash that this plan could
// not keep. uncached is why not; nil: it is kept, or need not be.
func warnCheckpointDir(dir string, uploads bool, uncached error) diag.Diagnostics {
	why, summary, cost := uncached, escape.Text("Every plan reads the whole file"), escape.Text("")
	if uploads {
		if err := resumable.CheckCheckpointDir(dir); err != nil {
			why, summary, cost = err, "Checkpoint directory cannot be used", "An apply on this machine will fail before it sends anything. "
		}
	}
	if why == nil {
		return nil
	}
	if uncached != nil {
		cost += "The hash of the source cannot be kept, so every plan on this machine reads the whole file. "
	}
	return diag.Diagnostics{warningAt(path.Root("checkpoint_dir"), summary,
		escape.Sprintf("%v\n\n%sMake it a directory that this user and no other may write to, or set checkpoint_dir to another one "+
			"here or in the provider block.", why, cost))}
}

// warnOverwrite tells about an object that a create or a new key will meet. The bucket may
// be made in the same apply, so an error of the look means nothing.
func (r *objectResource) warnOverwrite(ctx context.Context, plan *objectModel) diag.Diagnostics {
	if r.service == nil || r.service.client == nil || plan.ID.IsUnknown() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, planHeadTimeout)
	defer cancel()
	info, err := r.service.client.HeadObject(ctx, plan.object())
	if err != nil || plan.contents().identical(info) {
		return nil
	}
	what := escape.Sprintf("%s exists (%s, last modified %s) and is not known to hold the bytes of the source.",
		plan.object(), resumable.ByteSize(info.Size), info.LastModified.UTC().Format(time.RFC3339))
	switch {
	case plan.ForbidOverwrite.ValueBool():
		return diag.Diagnostics{warningAt(path.Root("key"), "Object already exists",
			what+" With forbid_overwrite the apply will fail unless the object has gone by then or turns out to be the same. "+
				importHint(plan.object()))}
	case info.Headers.Mark != "":
		return diag.Diagnostics{warningAt(path.Root("key"), "Object of another resource will be replaced",
			what+" Another ossresumable_object has written it. If this configuration gives the key from one resource instance to another, "+
				"there is nothing to do. Otherwise two configurations use this key: change one of them.")}
	}
	return diag.Diagnostics{warningAt(path.Root("key"), "Object exists and will be overwritten",
		what+" The apply will replace it unless it turns out to be the same. Set forbid_overwrite to make that an error. "+
			importHint(plan.object()))}
}

const archivedText escape.Text = "OSS can copy an archived object only while it is restored, and this change requires a copy. Restore the " +
	"object, for example with ossutil restore, and apply again when it is restored. Or undo the change. To upload the file again " +
	"instead, run terraform apply -replace=ADDRESS."

// checkArchived refuses a change of the attribute changed, "" for none, when OSS
// would refuse the copy. State knows the class, and one HEAD whether the object
// is restored. A bucket can give access to its Archive objects without that,
// which no HEAD tells; the colder classes have no such thing. Source: developer
// guide "Real-time access of Archive objects".
func (r *objectResource) checkArchived(ctx context.Context, state *objectModel, changed string) diag.Diagnostics {
	class := state.StorageClass.ValueString()
	if changed == "" || !resumable.Archived(class) || r.service == nil || r.service.client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, planHeadTimeout)
	defer cancel()
	info, err := r.service.client.HeadObject(ctx, state.object())
	if err != nil || info.Restored || info.Headers.StorageClass != class {
		return nil // the apply will tell
	}
	what := escape.Sprintf("%s has the storage class %s and is not restored. %s", state.object(), class, archivedText)
	if class == "Archive" {
		return diag.Diagnostics{warningAt(path.Root(changed), "Object is archived",
			what+" Unless the bucket gives real-time access to Archive objects, the apply will fail.")}
	}
	return diag.Diagnostics{errorAt(path.Root(changed), "Object is archived", what)}
}
