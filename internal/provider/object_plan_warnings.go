// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// planHeadTimeout limits a HEAD that only improves the messages of a plan, so that
// the plan does not hang.
const planHeadTimeout = 10 * time.Second

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
