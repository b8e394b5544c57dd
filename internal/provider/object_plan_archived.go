// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const archivedText escape.Text = "OSS copies an archived object only while it is restored, and this change takes a copy. Restore it, for " +
	"example with ossutil restore, and apply again when that is done; or leave the object as it is; or replace it with terraform " +
	"apply -replace=ADDRESS, which sends the file again."

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
