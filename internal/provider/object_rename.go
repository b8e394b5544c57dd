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

// renames reports whether m is at another place than the object in state, or
// may be.
func (m *objectModel) renames(state *objectModel) bool {
	return !m.Bucket.Equal(state.Bucket) || !m.Key.Equal(state.Key)
}

// planRename tells Terraform the new identity as soon as it is known.
func planRename(ctx context.Context, plan, state *objectModel, identity *tfsdk.ResourceIdentity) (diags diag.Diagnostics) {
	if identity != nil && !plan.ID.IsUnknown() {
		diags.Append(identity.Set(ctx, plan.identity())...)
	}
	old := *state
	old.DeletionPolicy = plan.DeletionPolicy
	return append(diags, warnRetained(&old)...)
}

// rename makes the object at its new place, and then removes the one in state.
// Interrupted anywhere, the state names the old object. The next apply finds the
// copy, adopts it, and continues; when the old object is gone already, the refresh
// notices, and the create that follows adopts the copy. When only the removal
// fails, owned remembers the copy, for a next apply that wants it elsewhere.
func (r *objectResource) rename(ctx context.Context, plan, state *objectModel, owned *ownership) (diags diag.Diagnostics) {
	req := plan.request(r.defaults())
	owned.sign(&req.Destination)
	var result resumable.Result
	var err error
	if bytesDiffer(plan.contents(), state.contents()) {
		result, err = r.service.uploader.Upload(ctx, req)
	} else {
		result, err = r.service.uploader.Rename(ctx, req, state.object(), state.info())
	}
	if err != nil {
		return diag.Diagnostics{updating.of(plan).diagnose(ctx, err)}
	}

	old := *state
	old.DeletionPolicy = plan.DeletionPolicy
	claim := old.claim(*owned, true)
	claim.Renamed = true
	left, err := r.remove(ctx, &old, claim)
	if err != nil && !gone(err) {
		owned.copied(plan.object(), result.Owner)
		return diag.Diagnostics{r.oldRemains(ctx, plan, &old, err)}
	}
	owned.wrote(result.Owner)
	if result.Fingerprint.SHA256 != "" {
		plan.setUploaded(result)
	} else {
		plan.setWritten(result.ObjectInfo)
	}
	return slices.Concat(warnings(result), plan.warnHidden(result.Headers), left)
}

// oldRemains is an error although the new object is in place: the state goes on
// naming the old one, or nothing would remove it any more.
func (r *objectResource) oldRemains(ctx context.Context, plan, old *objectModel, err error) diag.Diagnostic {
	removal := deleting.of(old)
	return errorAt(path.Empty(), "Old object could not be removed", escape.Sprintf(
		"%s\n\nThe object is at both places now. %s is complete; %s is as it was, and is what the state names. Run terraform apply again: "+
			"it adopts the new object without sending anything, and tries again to remove the old one. To leave the old one in OSS, set "+
			"deletion_policy to %q for that apply.",
		removal.detail(err, removal.explain(ctx, err)), plan.object(), old.object(), policyRetain))
}
