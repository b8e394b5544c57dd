// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var (
	_ resource.Resource              = (*objectResource)(nil)
	_ resource.ResourceWithConfigure = (*objectResource)(nil)
)

const (
	noTimeout      = 0 // an upload has no time limit by default
	requestTimeout = 5 * time.Minute
)

type objectResource struct {
	service *service // nil until Configure; validation runs before
}

func newObjectResource() resource.Resource { return &objectResource{} }

func (r *objectResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_object"
	resp.ResourceBehavior.MutableIdentity = true // see object_rename.go
}

func (r *objectResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.service, _ = req.ProviderData.(*service)
}

// Create sets no state if the upload fails. Terraform would mark it as tainted, and
// the next apply would delete the object first.
func (r *objectResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan objectModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(r.service.checkReady()...)
	timeout, diags := plan.Timeouts.Create(ctx, noTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := withTimeout(ctx, timeout)
	defer cancel()

	resp.Diagnostics.Append(plan.readSecret(ctx, req.Config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	request := plan.request(r.defaults())
	request.Headers.Mark = resumable.NewMark()
	result, err := r.service.uploader.Upload(ctx, request)
	if err != nil {
		resp.Diagnostics.Append(creating.of(&plan).diagnose(ctx, err))
		return
	}
	r.service.summarize(ctx, request.Object, result.Stats)
	resp.Diagnostics.Append(warnings(result)...)
	resp.Diagnostics.Append(plan.warnHidden(result.Headers)...)
	plan.setUploaded(result)
	var owned ownership
	owned.uploaded(result)
	resp.Diagnostics.Append(owned.keepIn(ctx, resp.Private)...)
	resp.Diagnostics.Append(uploadedChunks(request, result).keepIn(ctx, resp.Private)...)
	plan.ContentWO = types.StringNull()
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// Read sends one HEAD, and more requests if find needs them. It sets the identity
// first, because the framework requires one even if the object no longer exists
// ("Missing Resource Identity After Read").
func (r *objectResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state objectModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(r.service.checkReady()...)
	timeout, diags := state.Timeouts.Read(ctx, requestTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := withTimeout(ctx, timeout)
	defer cancel()

	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	hash := state.SourceHash
	info, err := r.find(ctx, &state)
	if gone(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(reading.of(&state).diagnose(ctx, err))
		return
	}
	owned, known := ownershipIn(ctx, req.Private)
	owned = owned.found(known, info.Headers.Mark)
	state.keepHash(hash, &owned)
	resp.Diagnostics.Append(owned.keepIn(ctx, resp.Private)...)
	state.checkSecretMark(owned, info)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// find updates state from OSS and returns the answer of the HEAD. The HEAD counts the
// tags, so find requests them only if there are some, or if the state has some: without
// the permission to read tags, the count is 0. The HEAD does not include the ACL,
// which needs another permission, so find requests it only if the configuration sets it.
func (r *objectResource) find(ctx context.Context, state *objectModel) (resumable.ObjectInfo, error) {
	obj := state.object()
	info, err := r.service.client.HeadObject(ctx, obj)
	if err != nil {
		return info, err
	}
	var tags map[string]string
	if info.Tags > 0 || len(state.Tags.Elements()) > 0 {
		if tags, err = r.service.client.GetObjectTagging(ctx, obj); err != nil {
			return info, err
		}
	}
	if !state.ACL.IsNull() {
		acl, err := r.service.client.GetObjectACL(ctx, obj)
		if err != nil {
			return info, err
		}
		state.ACL = types.StringValue(acl)
	}
	if info.Retention.Mode == "" && state.retentionInForce(time.Now()).Mode != "" {
		// The version with the retention was replaced, or the HEAD does not include it.
		if info.Retention, err = r.service.client.GetObjectRetention(ctx, obj); err != nil {
			return info, err
		}
	}
	state.setFound(info)
	state.Tags = mapOf(tags, state.Tags)
	return info, nil
}

// Update sets no state if it fails. The framework then keeps the prior state, and the
// next plan shows the remaining changes.
func (r *objectResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var config, plan, state objectModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(r.service.checkReady()...)
	timeout, diags := plan.Timeouts.Update(ctx, noTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := withTimeout(ctx, timeout)
	defer cancel()

	resp.Diagnostics.Append(plan.readSecret(ctx, req.Config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	owned, _ := ownershipIn(ctx, req.Private)
	known := plan.withoutForeignHash(&state, owned)
	if plan.SourceHash.IsUnknown() {
		if resp.Diagnostics.Append(r.planBuilt(ctx, &config, &plan, known, owned)...); resp.Diagnostics.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(r.update(ctx, &plan, known, &owned, resp.Private)...)
	resp.Diagnostics.Append(owned.keepIn(ctx, resp.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ContentWO = types.StringNull()
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// update changes the object in state to plan. owned is valid after an error, too. The
// table of chunks in the private state changes only without an error.
func (r *objectResource) update(ctx context.Context, plan, state *objectModel, owned *ownership, private privateState) (diags diag.Diagnostics) {
	uploads := plan.uploads(plan.contents(), state, *owned)
	switch {
	case plan.object() != state.object():
		diags = r.rename(ctx, plan, state, owned, private)

	case uploads:
		request := plan.replacement(r.defaults(), state)
		switch {
		case owned.Foreign:
			request.Replaces = resumable.Replaced{} // its content is not known
		case request.Replaces.SHA256 != "":
			request.Replaces.Chunks = replacedChunks(ctx, private, state.object(), request.Replaces.SHA256)
		}
		owned.setMark(&request.Destination)
		result, err := r.service.uploader.Upload(ctx, request)
		if err != nil {
			return diag.Diagnostics{updating.of(plan).diagnose(ctx, err)}
		}
		r.service.summarize(ctx, request.Object, result.Stats)
		diags.Append(warnings(result)...)
		diags.Append(plan.warnHidden(result.Headers)...)
		diags.Append(plan.warnUnforeseen(result.ObjectInfo)...)
		plan.setUploaded(result)
		owned.uploaded(result)
		diags.Append(uploadedChunks(request, result).keepIn(ctx, private)...)

	case plan.changes(state):
		dst, known := plan.change(state)
		if plan.ETag.IsUnknown() { // a copy
			owned.setMark(&dst)
		}
		info, err := r.service.uploader.Change(ctx, dst, plan.options(r.defaults()), known)
		if err != nil {
			return diag.Diagnostics{updating.of(plan).diagnose(ctx, err)}
		}
		diags.Append(plan.warnHidden(info.Headers)...)
		diags.Append(plan.warnUnforeseen(info)...)
		plan.setWritten(info)
		if dst.Headers.Mark != "" {
			owned.wrote(info.Headers.Mark)
		}
	}
	if diags.HasError() {
		return diags
	}
	owned.Foreign = !uploads && plan.keepsRemote() && (owned.Foreign || state.SourceHash.IsNull())
	switch {
	case owned.Foreign:
		diags.Append(chunkTable{}.keepIn(ctx, private)...)
	case !uploads && !plan.SourceHash.Equal(state.SourceHash):
		diags.Append(foundChunks(ctx, plan, plan.options(r.defaults())).keepIn(ctx, private)...)
	}
	if err := r.removeCopies(ctx, plan, owned); err != nil {
		diags.Append(warningAt(path.Empty(), "Copy of an earlier rename remains", escape.Sprintf("%s\n\nThe next update or destroy of this "+
			"resource tries again.", sentence(err))))
	}
	return diags
}

func (r *objectResource) defaults() resumable.Options {
	if r.service == nil {
		return resumable.Options{}
	}
	return r.service.defaults
}

// gone reports whether an error means that the object or its bucket does not exist.
func gone(err error) bool {
	return errors.Is(err, resumable.ErrNoSuchKey) || errors.Is(err, resumable.ErrNoSuchBucket)
}

// warnings returns one diagnostic for all warnings, because Terraform groups warnings
// with equal summaries and shows only the first.
func warnings(result resumable.Result) (diags diag.Diagnostics) {
	var texts []escape.Text
	for _, warning := range result.Warnings {
		texts = append(texts, escape.Sprint(warning))
	}
	if len(texts) > 0 {
		diags.Append(warningAt(path.Empty(), "Upload succeeded with a warning", escape.Join(texts, "\n\n")))
	}
	return diags
}

func withTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout == noTimeout {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, timeout)
}
