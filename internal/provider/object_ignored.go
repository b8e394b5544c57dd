// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// With lifecycle { ignore_changes = all }, Terraform passes the prior state to a plan as
// the configuration, without the attributes that are only computed. Nothing else differs
// from an ordinary plan. So the attribute id is optional and computed, and isNotSet
// refuses it in a configuration: it has a value in a plan exactly if all changes are
// ignored. Terraform leaves an id of this kind out of generated configurations.
// Source: processIgnoreChanges in Terraform and in OpenTofu.

// ignoresChanges reports whether all changes of the object in state are ignored.
func ignoresChanges(config, state *objectModel) bool { return state != nil && !config.ID.IsNull() }

// isNotSet refuses any value. Other validators accept a value that is not known yet.
type isNotSet struct{}

func (isNotSet) Description(context.Context) string { return "must not be set" }

func (v isNotSet) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isNotSet) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !req.ConfigValue.IsNull() {
		resp.Diagnostics.Append(invalid(req.Path, v.Description(ctx), errRule))
	}
}

// hasContent reports whether the configuration m says what the object contains. After an
// import with source in ignore_changes, it does not, and the content in OSS stays.
// Terraform does not apply ignore_changes to a create or a replacement.
func (m *objectModel) hasContent() bool {
	return !m.Source.IsNull() || !m.Content.IsNull() || !m.ContentBase64.IsNull() || !m.SourceObject.IsNull() || m.isSecret()
}
