// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// What a destroy does to the object in OSS.
const (
	policyDelete            = "delete"
	policyDeleteVersion     = "delete_version"
	policyDeleteAllVersions = "delete_all_versions"
	policyRetain            = "retain"
)

const deletionPolicyText = "What to do with the object in OSS on destroy, and with the old object when `bucket` or " +
	"`key` changes. Valid values are `delete`, `delete_version`, `delete_all_versions` and `retain`; see [Deletion " +
	"policy](#deletion-policy). Defaults to `delete`."

func isDeletionPolicy() validator.String {
	return oneOf(policyDelete, policyDeleteVersion, policyDeleteAllVersions, policyRetain)
}

// Delete removes the object, if it is still this instance's own, and what
// interrupted updates and failed renames of the instance have left. When that
// cannot be done, the framework keeps the state. There is no timeout by default:
// the key may be busy with an upload of another resource.
func (r *objectResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state objectModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(r.service.checkReady()...)
	timeout, diags := state.Timeouts.Delete(ctx, noTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := withTimeout(ctx, timeout)
	defer cancel()

	owned, known := ownershipIn(ctx, req.Private)
	if err := r.removeCopies(ctx, &state, &owned); err != nil { // first: with the state, they are forgotten
		resp.Diagnostics.Append(deleting.of(&state).diagnose(ctx, err))
		return
	}
	diags, err := r.remove(ctx, &state, state.claim(owned, known))
	if err != nil && !gone(err) {
		resp.Diagnostics.Append(deleting.of(&state).diagnose(ctx, err))
		return
	}
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(warnRetained(&state)...)
}

// obeyPolicy takes from OSS what the deletion policy says.
func (r *objectResource) obeyPolicy(ctx context.Context, state *objectModel) error {
	switch state.DeletionPolicy.ValueString() {
	case policyDeleteVersion:
		return r.removeVersion(ctx, state)
	case policyDeleteAllVersions:
		return r.removeAllVersions(ctx, state.object())
	}
	return r.service.client.DeleteObject(ctx, state.object())
}

// removeVersion deletes the version in state. When that has no ID, the bucket
// had no versioning at the last refresh. If it has by now, the object is the
// version "null", as HeadObject says, or another one that is not ours.
func (r *objectResource) removeVersion(ctx context.Context, state *objectModel) error {
	obj, id := state.object(), state.VersionID.ValueString()
	if id == "" {
		info, err := r.service.client.HeadObject(ctx, obj)
		if err != nil {
			return err
		}
		if info.VersionID == "" {
			return r.service.client.DeleteObject(ctx, obj)
		}
		id = unversionedID
	}
	return r.service.client.DeleteObjectVersion(ctx, obj, id)
}

// unversionedID is the version ID of what was written before the bucket had
// versioning. Source: developer guide "Versioning", overview.
const unversionedID = "null"

// removeAllVersions deletes the current version last. If it fails before, a
// refresh still finds the object, and the next destroy deletes the rest. Nor
// does any reader see an old version in between.
//
// There is one request for each version, because DeleteMultipleObjects names
// the keys in XML, which cannot hold all of them.
func (r *objectResource) removeAllVersions(ctx context.Context, obj resumable.Object) error {
	ids, err := r.service.client.ListObjectVersions(ctx, obj)
	if err != nil {
		return err
	}
	for n, id := range ids {
		if id == "" {
			return r.service.client.DeleteObject(ctx, obj) // a bucket without versioning
		}
		if err := r.service.client.DeleteObjectVersion(ctx, obj, id); err != nil {
			return fmt.Errorf("delete version %s of %s, after %d of %d: %w", id, obj, n, len(ids), err)
		}
	}
	return nil
}

// planDelete looks at the plan of a destroy.
func planDelete(ctx context.Context, prior tfsdk.State) diag.Diagnostics {
	var state objectModel
	if diags := prior.Get(ctx, &state); diags.HasError() {
		return diags
	}
	return warnRetained(&state)
}

// warnRetained corrects Terraform, which says "will be destroyed" of an object
// that is not.
func warnRetained(state *objectModel) (diags diag.Diagnostics) {
	if state.DeletionPolicy.ValueString() == policyRetain {
		diags.Append(warningAt(path.Empty(), "Object stays in OSS", escape.Sprintf(
			"The deletion policy of %s is %q: Terraform forgets the object, and OSS keeps and bills it. %s",
			state.object(), policyRetain, importHint(state.object()))))
	}
	return diags
}
