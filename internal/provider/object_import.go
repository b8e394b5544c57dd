// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var _ resource.ResourceWithImportState = (*objectResource)(nil)

// ImportState names the object; Terraform calls Read for the rest.
func (r *objectResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	obj, err := parseImportID(req.ID)
	if err != nil {
		resp.Diagnostics.AddError("Invalid import ID", err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), objectID(obj))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("bucket"), obj.Bucket)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("key"), obj.Key)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("forbid_overwrite"), false)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("deletion_policy"), policyDelete)...)
}

func objectID(obj resumable.Object) string { return obj.Bucket + "/" + obj.Key }

// parseImportID reads bucket/key and oss://bucket/key. The key is everything
// after the first slash, slashes and percent signs included.
func parseImportID(id string) (resumable.Object, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(id, "oss://"), "/")
	if !bucketPattern.MatchString(bucket) || key == "" {
		return resumable.Object{}, fmt.Errorf("%q does not name an object. "+
			"Write bucket/key or oss://bucket/key, such as my-bucket/path/to/file.zip; the key is taken as it is, without decoding", id)
	}
	if err := checkKey(key); err != nil {
		return resumable.Object{}, fmt.Errorf("the key in %q %w", id, err)
	}
	return resumable.Object{Bucket: bucket, Key: key}, nil
}

// importHint ends a text about an object that is there already.
func importHint(obj resumable.Object) string {
	return fmt.Sprintf("To manage the object that is there, import it:\n\n  terraform import ADDRESS '%s'", objectID(obj))
}
