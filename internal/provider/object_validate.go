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

func (r *objectResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		resourcevalidator.ExactlyOneOf(path.MatchRoot("source"), path.MatchRoot("content"), path.MatchRoot("content_base64")),
	}
}

// ValidateConfig checks what no attribute can check alone.
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
			resp.Diagnostics.Append(errorAt(path.Root(name), "Argument needs encryption by KMS", escape.Sprintf(
				"The argument %s only means something with server_side_encryption = %q. Set that too, or leave %[1]s out.", name, encryptionKMS)))
		}
	}
}
