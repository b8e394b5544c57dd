// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

var (
	_ resource.ResourceWithConfigValidators = (*objectResource)(nil)
	_ resource.ResourceWithValidateConfig   = (*objectResource)(nil)
)

// ConfigValidators returns a validator that runs for every resource, and takes a few percent
// of the time of a plan. Validators that rarely apply are with their attributes, where they
// take no time if the attribute is not set.
func (r *objectResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		resourcevalidator.ExactlyOneOf(path.MatchRoot("source"), path.MatchRoot("content"), path.MatchRoot("content_base64"),
			path.MatchRoot("content_wo"), path.MatchRoot("source_object")),
	}
}

// ValidateConfig checks attributes that depend on each other.
func (r *objectResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config objectModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	algorithm := config.ServerSideEncryption
	if resp.Diagnostics.HasError() || algorithm.IsUnknown() || algorithm.ValueString() == encryptionKMS {
		return
	}
	for name, value := range map[string]types.String{
		"server_side_data_encryption": config.ServerSideDataEncryption,
		"kms_key_id":                  config.KMSKeyID,
	} {
		if !value.IsNull() {
			resp.Diagnostics.Append(errorAt(path.Root(name), "Argument requires KMS encryption", escape.Sprintf(
				"The argument %s has an effect only with server_side_encryption = %q. Set that as well, or remove %[1]s.", name, encryptionKMS)))
		}
	}
}
