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

// planHeadTimeout limits a HEAD that only improves the messages of a plan, so that
// the plan does not hang.
const planHeadTimeout = 10 * time.Second

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
	write := plan.planWrite(&config, state, planned)
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
func (m *objectModel) planWrite(config, state *objectModel, planned contents) (write plannedWrite) {
	write.bytes = state == nil || m.uploads(planned, state)
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
// then stays.
func (m *objectModel) uploads(planned contents, state *objectModel) bool {
	switch {
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

// needsJournal reports whether an upload of the planned content may need a
// checkpoint. It does not if the content is sent in one request.
func (m *objectModel) needsJournal(opts resumable.Options) bool {
	return m.ContentLength.IsUnknown() || !opts.SendsAtOnce(m.ContentLength.ValueInt64())
}

// warnCheckpointDir returns one warning for all effects of an unusable checkpoint
// directory: the planned upload will fail, and this plan could not cache a hash.
// uncached is the reason for the latter, or nil.
func warnCheckpointDir(dir string, uploads bool, uncached error) diag.Diagnostics {
	why, summary, cost := uncached, escape.Text("Every plan reads the whole file"), escape.Text("")
	if uploads {
		if err := resumable.CheckCheckpointDir(dir); err != nil {
			why, summary, cost = err, "Checkpoint directory cannot be used", "An apply on this machine will fail before it sends data. "
		}
	}
	if why == nil {
		return nil
	}
	if uncached != nil {
		cost += "The hash of the source cannot be cached, so every plan on this machine reads the whole file. "
	}
	return diag.Diagnostics{warningAt(path.Root("checkpoint_dir"), summary,
		escape.Sprintf("%v\n\n%sMake the directory writable for the user that runs Terraform and for no other user, or set "+
			"checkpoint_dir to another directory, here or in the provider block.", why, cost))}
}

// warnOverwrite warns of an object that already exists at the key of a create or a
// rename. It ignores errors of its HEAD, because the same apply may create the bucket.
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
	what := escape.Sprintf("%s already exists (%s, last modified %s), and its content is not known to match the source.",
		plan.object(), resumable.ByteSize(info.Size), info.LastModified.UTC().Format(time.RFC3339))
	switch {
	case plan.ForbidOverwrite.ValueBool():
		return diag.Diagnostics{warningAt(path.Root("key"), "Object already exists",
			what+" Because of forbid_overwrite, the apply will fail, unless the object is removed before or its content turns out to match. "+
				importHint(plan.object()))}
	case info.Headers.Mark != "":
		return diag.Diagnostics{warningAt(path.Root("key"), "Object of another resource will be replaced",
			what+" Another ossresumable_object has written it. If this configuration moves the key from one resource instance to another, "+
				"no action is needed. Otherwise two configurations use the same key: change one of them.")}
	}
	return diag.Diagnostics{warningAt(path.Root("key"), "Object exists and will be overwritten",
		what+" The apply will replace it, unless its content turns out to match. Set forbid_overwrite to make this an error. "+
			importHint(plan.object()))}
}

const archivedText escape.Text = "OSS can copy an archived object only while it is restored, and this change requires a copy. Restore the " +
	"object, for example with ossutil restore, and apply again when it is restored. Or undo the change. To upload the file again " +
	"instead, run terraform apply -replace=ADDRESS."

// checkArchived refuses a change of the attribute changed, or "" for none, if OSS
// would refuse the copy. The state has the storage class, and a HEAD shows whether
// the object is restored. For the class Archive, a bucket can allow real-time access,
// which a HEAD does not show. The colder classes do not have it. Source: developer
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
		return nil // the apply returns the error, if there is one
	}
	what := escape.Sprintf("%s has the storage class %s and is not restored. %s", state.object(), class, archivedText)
	if class == "Archive" {
		return diag.Diagnostics{warningAt(path.Root(changed), "Object is archived",
			what+" The apply will fail, unless real-time access of Archive objects is enabled for the bucket.")}
	}
	return diag.Diagnostics{errorAt(path.Root(changed), "Object is archived", what)}
}
