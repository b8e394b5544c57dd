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

// Delete removes the object, if this instance still owns it, and what interrupted
// updates and failed renames of the instance have left. If it fails, the framework
// keeps the state. There is no timeout by default, because another resource may be
// uploading to the key.
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
	if err := r.removeCopies(ctx, &state, &owned); err != nil { // first, because only the state names them
		resp.Diagnostics.Append(deleting.of(&state).diagnose(ctx, err))
		return
	}
	claim := state.claim(owned, known)
	claim.Shared = state.keepsRemote() && state.DeletionPolicy.ValueString() != policyDeleteVersion // which names one version
	diags, err := r.remove(ctx, &state, claim)
	if err != nil && !gone(err) {
		resp.Diagnostics.Append(deleting.of(&state).diagnose(ctx, err))
		return
	}
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(warnRetained(&state)...)
}

// applyPolicy deletes from OSS what the deletion policy specifies.
func (r *objectResource) applyPolicy(ctx context.Context, state *objectModel) error {
	switch state.DeletionPolicy.ValueString() {
	case policyDeleteVersion:
		return r.removeVersion(ctx, state)
	case policyDeleteAllVersions:
		return r.removeAllVersions(ctx, state.object())
	}
	return r.service.client.DeleteObject(ctx, state.object())
}

// removeVersion deletes the version in state. If the version has no ID, the bucket
// had no versioning at the last refresh. If HeadObject shows that it has versioning
// now, the version in state is "null", and any other was written by another writer.
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

// unversionedID is the version ID of an object that was written before versioning
// was enabled. Source: developer guide "Versioning", overview.
const unversionedID = "null"

// removeAllVersions deletes the current version last. If it fails earlier, a
// refresh still finds the object, and the next destroy deletes the rest. Readers
// never see an old version in between.
//
// It sends one request for each version, because DeleteMultipleObjects names keys
// in XML, which cannot represent all keys.
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

// planDelete returns the warnings of a planned destroy.
func planDelete(ctx context.Context, prior tfsdk.State) diag.Diagnostics {
	var state objectModel
	if diags := prior.Get(ctx, &state); diags.HasError() {
		return diags
	}
	return warnRetained(&state)
}

// warnRetained corrects Terraform's "will be destroyed" for an object that will
// stay in OSS.
func warnRetained(state *objectModel) (diags diag.Diagnostics) {
	if state.DeletionPolicy.ValueString() == policyRetain {
		diags.Append(warningAt(path.Empty(), "Object stays in OSS", escape.Sprintf(
			"The deletion policy of %s is %q: Terraform removes the object from the state only. OSS keeps the object and bills it. %s",
			state.object(), policyRetain, importHint(state.object()))))
	}
	return diags
}

// claim describes the object in the state, for a removal.
func (m *objectModel) claim(owned ownership, known bool) resumable.Claim {
	claim := resumable.Claim{Object: m.object(), Imported: owned.From, Known: m.info()}
	if known {
		claim.Owner = owned.owner()
	}
	return claim
}

// remove removes the claimed object from OSS by the deletion policy in state. It
// returns a warning if it leaves the object alone.
func (r *objectResource) remove(ctx context.Context, state *objectModel, claim resumable.Claim) (diag.Diagnostics, error) {
	policy := func(ctx context.Context) error { return r.applyPolicy(ctx, state) }
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
		diags.Append(warnNotRemoved(claim, *left.Kept))
	}
	if left.Unfinished != nil && !gone(left.Unfinished) {
		diags.Append(warningAt(path.Empty(), "Unfinished upload remains", escape.Sprintf(
			"Terraform no longer manages %s, but an unfinished upload to it was not aborted: %v\n\nThe checkpoint of the upload is "+
				"in %s. OSS bills the parts until the upload is completed or aborted. The command abort of the provider or a lifecycle "+
				"rule of the bucket (AbortMultipartUpload) can abort it.",
			claim.Object, left.Unfinished, checkpointDir)))
	}
	return diags, nil
}

// removeCopies removes the copies that failed renames of the instance have left at
// other keys. A copy that has another mark now belongs to another writer. After an
// error, owned still lists the copies that remain.
func (r *objectResource) removeCopies(ctx context.Context, state *objectModel, owned *ownership) error {
	for _, c := range owned.Copies {
		if c.object() != state.object() {
			claim := resumable.Claim{Object: c.object(), Owner: c.Mark, Renamed: true}
			_, err := r.service.uploader.Remove(ctx, claim, state.options(r.defaults()).CheckpointDir, func(ctx context.Context) error {
				return r.service.client.DeleteObject(ctx, c.object())
			})
			if err != nil && !gone(err) {
				return fmt.Errorf("remove %s, a copy left by an earlier rename: %w", c.object(), err)
			}
		}
		*owned = owned.without(c.object())
	}
	return nil
}

// markLost is about an object with a mark and an instance without one. Terraform drops the
// private state of a resource whose provider dies during the apply.
const markLost escape.Text = "it has an owner mark, and the Terraform state has none for this resource: another ossresumable_object wrote " +
	"the object, or the provider was killed in an earlier apply and Terraform lost the mark"

// warnNotRemoved warns that an object was not removed, because this instance does not
// own it.
func warnNotRemoved(claim resumable.Claim, found resumable.ObjectInfo) diag.Diagnostic {
	const byHand escape.Text = "If you do not need the object, delete it with a tool such as ossutil, or import and destroy it."
	why, next := escape.Text("because it has changed since Terraform last read it."), byHand
	switch mark := found.Headers.Mark; {
	case mark != "" && claim.Owner == resumable.Unmarked:
		why = "because " + markLost + "."
		next = "If no other resource manages the object, import and destroy it, or delete it with a tool such as ossutil."
	case mark != "" && mark != claim.Owner:
		why = "because another ossresumable_object owns it now."
		next = "If the configuration now assigns this key to another resource instance, no action is needed. Otherwise another " +
			"configuration uses the same key."
	case mark == "" && claim.Renamed && !claim.Shared:
		why = "because another program has written it: it does not have the mark of this resource."
	}
	return warningAt(path.Empty(), "Object stays in OSS", escape.Sprintf("%s (%s, last modified %s) was not deleted, %s\n\n%s",
		claim.Object, resumable.ByteSize(found.Size), found.LastModified.UTC().Format(time.RFC3339), why, next))
}
