// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

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
