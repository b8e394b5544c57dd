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

// The retention of one version of the object. It can be extended but not removed. A
// retention whose date has passed protects nothing, so the provider treats it as none
// and does not request it from OSS.

const wormCompliance = "COMPLIANCE"

// retentionAttributes accept both modes. The API page PutObjectRetention lists
// COMPLIANCE only, but the SDK v2 of OSS and its tests have both.
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
	return textRule{"must be a date in RFC 3339 format, with at most milliseconds", func(text string) error {
		t, err := time.Parse(time.RFC3339, text)
		switch {
		case err != nil:
			return errors.New("the format is not 2030-01-31T00:00:00Z")
		case t.Nanosecond()%int(time.Millisecond) != 0:
			return errors.New("it has fractions of a millisecond")
		}
		return nil
	}}
}

// retention returns the retention of the model. The zero value means no retention, or
// one that is not known yet.
func (m *objectModel) retention() resumable.Retention {
	until, err := time.Parse(time.RFC3339, m.WormRetainUntil.ValueString())
	if err != nil || m.WormMode.ValueString() == "" {
		return resumable.Retention{}
	}
	return resumable.Retention{Mode: m.WormMode.ValueString(), Until: until}
}

// retentionInForce returns the retention, or the zero value if its date has passed.
func (m *objectModel) retentionInForce(now time.Time) resumable.Retention {
	if r := m.retention(); r.Until.After(now) {
		return r
	}
	return resumable.Retention{}
}

func (m *objectModel) sameRetention(other *objectModel) bool {
	return m.retention().Equal(other.retention())
}

// planRetention plans the retention of the version that the apply results in: the one
// in state, or a new one if written or if state is nil.
func (m *objectModel) planRetention(config, state *objectModel, written bool, now time.Time) diag.Diagnostics {
	if config.WormMode.IsNull() && config.WormRetainUntil.IsNull() {
		m.WormMode, m.WormRetainUntil = types.StringUnknown(), types.StringUnknown()             // the bucket's for the new version
		if !written || state != nil && state.WormMode.IsNull() && m.Bucket.Equal(state.Bucket) { // as for [objectModel.expectsPlain]
			m.WormMode, m.WormRetainUntil = state.WormMode, state.WormRetainUntil
		}
		return nil
	}
	asked := config.retention()
	if asked.Mode == "" || state != nil && config.sameRetention(state) {
		return nil
	}
	if !asked.Until.After(now) {
		return diag.Diagnostics{errorAt(path.Root("object_worm_retain_until_date"), "Retention date has passed",
			escape.Sprintf("The date is not in the future, so OSS would refuse this retention of %s. Choose a later date, or remove "+
				"object_worm_mode and object_worm_retain_until_date.", m.object()))}
	}
	if written || state == nil {
		return nil
	}
	has := state.retentionInForce(now)
	switch {
	case asked.Until.Before(has.Until):
		return diag.Diagnostics{errorAt(path.Root("object_worm_retain_until_date"), "Retention cannot be shortened",
			escape.Sprintf("%s is retained until %s, and OSS can only extend its retention. Set this date or a later one. To keep the "+
				"retention as it is, remove object_worm_mode and object_worm_retain_until_date.",
				m.object(), state.WormRetainUntil.ValueString()))}
	case has.Mode != "" && asked.Mode != has.Mode:
		return diag.Diagnostics{errorAt(path.Root("object_worm_mode"), "Retention mode cannot be changed",
			escape.Sprintf("%s is retained in mode %s until %s, and OSS cannot change the mode before that date. "+
				"Set object_worm_mode to this mode.", m.object(), has.Mode, state.WormRetainUntil.ValueString()))}
	}
	return nil
}

// checkCanRetain refuses a retention if the provider cannot sign its request.
func (r *objectResource) checkCanRetain(config *objectModel) diag.Diagnostics {
	if config.WormMode.IsNull() || r.service == nil || r.service.client == nil {
		return nil
	}
	if err := r.service.client.CheckRetention(); err != nil {
		return diag.Diagnostics{errorAt(path.Root("object_worm_mode"), "Retention cannot be set",
			escape.Sprintf("Change the provider block: %v.", err))}
	}
	return nil
}

// setUnknownRetention sets the values that the plan left to the bucket.
func (m *objectModel) setUnknownRetention(found resumable.Retention) {
	mode, until := retentionTexts(found)
	if m.WormMode.IsUnknown() {
		m.WormMode = mode
	}
	if m.WormRetainUntil.IsUnknown() {
		m.WormRetainUntil = until
	}
}

// setRetention records the retention that Read found. It keeps the spelling of an
// equal date, and a date that has passed if OSS reports no retention.
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
