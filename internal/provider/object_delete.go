// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

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

// claim is what the state knows of its object, for a removal.
func (m *objectModel) claim(owned ownership, known bool) resumable.Claim {
	claim := resumable.Claim{Object: m.object(), Imported: owned.From, Known: m.info()}
	claim.Known.LastModified, _ = time.Parse(time.RFC3339, m.LastModified.ValueString()) // ours, or never set
	if known {
		claim.Owner = owned.owner()
	}
	return claim
}

// remove takes the claimed object from OSS as the deletion policy in state says.
// What is left alone is a warning.
func (r *objectResource) remove(ctx context.Context, state *objectModel, claim resumable.Claim) (diag.Diagnostics, error) {
	policy := func(ctx context.Context) error { return r.obeyPolicy(ctx, state) }
	if state.DeletionPolicy.ValueString() == policyRetain {
		policy = nil
	}
	checkpointDir := state.options(r.defaults()).CheckpointDir
	left, err := r.service.uploader.Remove(ctx, claim, checkpointDir, policy)
	if err != nil {
		return nil, err
	}
	var diags diag.Diagnostics
	if left.Kept != nil {
		diags.Append(warnKept(claim, *left.Kept))
	}
	if left.Unfinished != nil && !gone(left.Unfinished) {
		diags.Append(warningAt(path.Empty(), "Unfinished upload remains", escape.Sprintf(
			"Terraform no longer manages %s, but an earlier upload to it that did not finish could not be aborted: %v\n\n"+
				"Its checkpoint is in %s. OSS bills its parts until the upload is aborted; a lifecycle rule "+
				"(AbortMultipartUpload) of the bucket does that by itself.", claim.Object, left.Unfinished, checkpointDir)))
	}
	return diags, nil
}

// removeCopies removes what failed renames of the instance have left at other
// places. What carries another mark by now is not the instance's any more. owned
// remembers the copies that are still there after an error.
func (r *objectResource) removeCopies(ctx context.Context, state *objectModel, owned *ownership) error {
	for _, c := range owned.Copies {
		if c.object() != state.object() {
			claim := resumable.Claim{Object: c.object(), Owner: c.Mark, Renamed: true}
			_, err := r.service.uploader.Remove(ctx, claim, state.options(r.defaults()).CheckpointDir, func(ctx context.Context) error {
				return r.service.client.DeleteObject(ctx, c.object())
			})
			if err != nil && !gone(err) {
				return fmt.Errorf("remove %s, the copy that an earlier rename left: %w", c.object(), err)
			}
		}
		*owned = owned.without(c.object())
	}
	return nil
}

// warnKept tells about an object that was to be removed and is not this
// instance's.
func warnKept(claim resumable.Claim, found resumable.ObjectInfo) diag.Diagnostic {
	const byHand escape.Text = "If nothing needs the object, delete it with a tool such as ossutil, or import it and destroy it."
	why, next := escape.Text("because it has changed since Terraform last read it."), byHand
	switch mark := found.Headers.Mark; {
	case mark != "" && mark != claim.Owner:
		why = "because another ossresumable_object owns it now."
		next = "If the configuration gives this key to another resource instance, there is nothing to do. Otherwise another configuration " +
			"uses the key as well."
	case mark == "" && claim.Renamed:
		why = "because it does not carry the mark of this resource: another program has written it."
	}
	return warningAt(path.Empty(), "Object stays in OSS", escape.Sprintf("%s (%s, last modified %s) was not deleted, %s\n\n%s",
		claim.Object, resumable.ByteSize(found.Size), found.LastModified.UTC().Format(time.RFC3339), why, next))
}
