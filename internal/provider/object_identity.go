// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ resource.ResourceWithIdentity = (*objectResource)(nil)

// objectIdentity is what Terraform 1.12 and later keeps beside the state: the
// name of the object, whatever becomes of the schema. It changes only with bucket
// and key in the configuration. An
// older Terraform drops it, so the prior identity may be null at any time, and
// whoever returns a state sets it anew.
type objectIdentity struct {
	Bucket types.String `tfsdk:"bucket"`
	Key    types.String `tfsdk:"key"`
}

func (r *objectResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"bucket": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "Name of the bucket.",
			},
			"key": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "Key of the object, as written, without decoding.",
			},
		},
	}
}

func (m *objectModel) identity() objectIdentity { return objectIdentity{m.Bucket, m.Key} }
