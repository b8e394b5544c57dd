// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// The retention of one version of the object. It can be extended and never
// taken away. A date that is over protects nothing, so nobody asks OSS for it
// any more, and it is the same as none.

const wormCompliance = "COMPLIANCE"

// retentionAttributes: the page PutObjectRetention has COMPLIANCE only; OSS's
// SDK v2 and its tests have both modes.
func retentionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"object_worm_mode": schema.StringAttribute{
			Optional: true,
			Computed: true,
			Validators: []validator.String{
				oneOf(wormCompliance, "GOVERNANCE"),
				stringvalidator.AlsoRequires(path.MatchRoot("object_worm_retain_until_date")),
			},
			MarkdownDescription: "Retention mode of the object. Valid values are `COMPLIANCE` and `GOVERNANCE`. " +
				"Requires `object_worm_retain_until_date`: until that date, this version of the object cannot be " +
				"deleted or overwritten. The bucket must have versioning and object-level retention (object WORM) " +
				"enabled, and the provider must use `sign_version = \"v4\"`. Changing it does not rewrite the object. " +
				"New content or headers create a new version with the configured retention; the old version keeps its " +
				"own. Defaults to the retention of the bucket." + staysText,
		},
		"object_worm_retain_until_date": schema.StringAttribute{
			Optional: true,
			Computed: true,
			Validators: []validator.String{
				isRetentionDate(),
				stringvalidator.AlsoRequires(path.MatchRoot("object_worm_mode")),
			},
			MarkdownDescription: "Date until which the object is retained, in RFC 3339 format, such as " +
				"`2030-01-31T00:00:00Z`. Requires `object_worm_mode`. Another spelling of the same time is not a " +
				"change. OSS can extend the retention of a version but not shorten it, so an earlier date is an error " +
				"at plan. After the date, the object stays in OSS but is no longer protected." + staysText,
		},
	}
}

func isRetentionDate() validator.String {
	return textRule{"must be a date of RFC 3339, in milliseconds at most", func(text string) error {
		t, err := time.Parse(time.RFC3339, text)
		switch {
		case err != nil:
			return errors.New("it is not of the form 2030-01-31T00:00:00Z")
		case t.Nanosecond()%int(time.Millisecond) != 0:
			return errors.New("it is more exact than a millisecond")
		}
		return nil
	}}
}

// retention is what the model says; the zero value is none, or not known yet.
func (m *objectModel) retention() resumable.Retention {
	until, err := time.Parse(time.RFC3339, m.WormRetainUntil.ValueString())
	if err != nil || m.WormMode.ValueString() == "" {
		return resumable.Retention{}
	}
	return resumable.Retention{Mode: m.WormMode.ValueString(), Until: until}
}

// retentionInForce is the retention, unless it is over.
func (m *objectModel) retentionInForce(now time.Time) resumable.Retention {
	if r := m.retention(); r.Until.After(now) {
		return r
	}
	return resumable.Retention{}
}

func (m *objectModel) sameRetention(other *objectModel) bool {
	return m.retention().Equal(other.retention())
}

// planRetention decides about the version that there will be: the one in state,
// nil for none, or a new one when written.
func (m *objectModel) planRetention(config, state *objectModel, written bool, now time.Time) diag.Diagnostics {
	if config.WormMode.IsNull() && config.WormRetainUntil.IsNull() {
		m.WormMode, m.WormRetainUntil = types.StringUnknown(), types.StringUnknown() // the bucket's for the new version
		if !written {
			m.WormMode, m.WormRetainUntil = state.WormMode, state.WormRetainUntil
		}
		return nil
	}
	asked := config.retention()
	if asked.Mode == "" || state != nil && config.sameRetention(state) {
		return nil
	}
	if !asked.Until.After(now) {
		return diag.Diagnostics{errorAt(path.Root("object_worm_retain_until_date"), "Retention date is over",
			escape.Sprintf("The date is not in the future, so OSS would refuse to retain %s until then. Choose a later date, or leave "+
				"object_worm_mode and object_worm_retain_until_date out.", m.object()))}
	}
	if written || state == nil {
		return nil
	}
	has := state.retentionInForce(now)
	switch {
	case asked.Until.Before(has.Until):
		return diag.Diagnostics{errorAt(path.Root("object_worm_retain_until_date"), "Retention cannot be shortened",
			escape.Sprintf("%s is retained until %s, and OSS can only extend that. Set that date or a later one, or leave "+
				"object_worm_mode and object_worm_retain_until_date out: then the object keeps what it has.",
				m.object(), state.WormRetainUntil.ValueString()))}
	case has.Mode != "" && asked.Mode != has.Mode:
		return diag.Diagnostics{errorAt(path.Root("object_worm_mode"), "Retention mode cannot be changed",
			escape.Sprintf("%s is retained in mode %s until %s, and OSS does not change the mode of a retention that is in force. "+
				"Set that mode.", m.object(), has.Mode, state.WormRetainUntil.ValueString()))}
	}
	return nil
}

// checkCanRetain refuses a retention that no request could be signed for.
func (r *objectResource) checkCanRetain(config *objectModel) diag.Diagnostics {
	if config.WormMode.IsNull() || r.service == nil || r.service.client == nil {
		return nil
	}
	if err := r.service.client.CheckRetention(); err != nil {
		return diag.Diagnostics{errorAt(path.Root("object_worm_mode"), "Retention cannot be set",
			escape.Sprintf("In the provider block, %v.", err))}
	}
	return nil
}

// settleRetention fills in what the plan left to the bucket.
func (m *objectModel) settleRetention(found resumable.Retention) {
	mode, until := retentionTexts(found)
	if m.WormMode.IsUnknown() {
		m.WormMode = mode
	}
	if m.WormRetainUntil.IsUnknown() {
		m.WormRetainUntil = until
	}
}

// setRetention records what Read found. It keeps the spelling of what is the
// same, and a date that is over where OSS has none.
func (m *objectModel) setRetention(found resumable.Retention, now time.Time) {
	over := m.retention().Mode != "" && m.retentionInForce(now).Mode == ""
	if found.Equal(m.retention()) && found.Mode != "" || found.Mode == "" && over {
		return
	}
	m.WormMode, m.WormRetainUntil = retentionTexts(found)
}

func retentionTexts(r resumable.Retention) (mode, until types.String) {
	if r.Mode == "" {
		return types.StringNull(), types.StringNull()
	}
	return types.StringValue(r.Mode), types.StringValue(r.Until.UTC().Format(time.RFC3339Nano))
}
