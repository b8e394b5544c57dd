// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// renames reports whether m has or may have another bucket or key than the object in
// state.
func (m *objectModel) renames(state *objectModel) bool {
	return !m.Bucket.Equal(state.Bucket) || !m.Key.Equal(state.Key)
}

// planRename sets the new identity, if it is known, and warns if the old object will
// stay.
func planRename(ctx context.Context, plan, state *objectModel, identity *tfsdk.ResourceIdentity) (diags diag.Diagnostics) {
	if identity != nil && !plan.ID.IsUnknown() {
		diags.Append(identity.Set(ctx, plan.identity())...)
	}
	old := *state
	old.DeletionPolicy = plan.DeletionPolicy
	return append(diags, warnRetained(&old)...)
}

// rename creates the object at its new key, and then removes the one in state. If it
// is interrupted, the state names the old object, and the next apply finds the copy,
// adopts it and continues. If the old object is already removed, the refresh notices,
// and the create that follows adopts the copy. If only the removal fails, owned
// records the copy, for a next apply with yet another key.
func (r *objectResource) rename(ctx context.Context, plan, state *objectModel, owned *ownership, private privateState) (diags diag.Diagnostics) {
	req := plan.request(r.defaults())
	owned.setMark(&req.Destination)
	var result resumable.Result
	var err error
	uploads := plan.uploads(plan.contents(), state, *owned)
	if uploads {
		result, err = r.service.uploader.Upload(ctx, req)
	} else {
		if plan.keepsRemote() || plan.isSecret() {
			req.Source, req.Content = "", nil // the object may have other content
		}
		result, err = r.service.uploader.Rename(ctx, req, state.object(), state.info())
	}
	if err != nil {
		return diag.Diagnostics{updating.of(plan).diagnose(ctx, err)}
	}
	r.service.summarize(ctx, req.Object, result.Stats)

	old := *state
	old.DeletionPolicy = plan.DeletionPolicy
	claim := old.claim(*owned, true)
	claim.Renamed, claim.Shared = true, plan.keepsRemote()
	left, err := r.remove(ctx, &old, claim)
	if err != nil && !gone(err) {
		owned.copied(plan.object(), result.Owner)
		return diag.Diagnostics{r.oldObjectRemains(ctx, plan, &old, err)}
	}
	owned.uploaded(result)
	if uploads {
		plan.setUploaded(result)
		diags.Append(uploadedChunks(req, result).keepIn(ctx, private)...)
	} else {
		plan.setWritten(result.ObjectInfo)
	}
	return slices.Concat(diags, warnings(result), plan.warnHidden(result.Headers), plan.warnUnforeseen(result.ObjectInfo), left)
}

// oldObjectRemains is an error, although the new object is complete: the state must still
// name the old object, or it would never be removed.
func (r *objectResource) oldObjectRemains(ctx context.Context, plan, old *objectModel, err error) diag.Diagnostic {
	removal := deleting.of(old)
	return errorAt(path.Empty(), "Old object could not be removed", escape.Sprintf(
		"%s\n\nThe object exists at both keys. %s is complete. %s is unchanged, and the state still names it. Run terraform apply again: it "+
			"adopts the new object without sending data, and tries again to remove the old one. To keep the old object in OSS, set "+
			"deletion_policy to %q for that apply.",
		removal.detail(err, removal.explain(ctx, err)), plan.object(), old.object(), policyRetain))
}
