// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// What the engine asks of OSS and this package compares.
const (
	aclDefault    = "default" // the bucket's
	encryptionKMS = "KMS"
)

// changedHeader names the first attribute that differs and that only a copy of
// the object changes, or "". What the configuration leaves to the bucket never
// differs.
func changedHeader(config, plan, state *objectModel) string {
	for _, choice := range []struct {
		name          string
		config, state types.String
	}{
		{"storage_class", config.StorageClass, state.StorageClass},
		{"server_side_encryption", config.ServerSideEncryption, state.ServerSideEncryption},
		{"server_side_data_encryption", config.ServerSideDataEncryption, state.ServerSideDataEncryption},
		{"kms_key_id", config.KMSKeyID, state.KMSKeyID},
	} {
		if !choice.config.IsNull() && !choice.config.Equal(choice.state) {
			return choice.name
		}
	}
	for _, header := range []struct {
		name        string
		plan, state types.String
	}{
		{"content_type", plan.ContentType, state.ContentType},
		{"cache_control", plan.CacheControl, state.CacheControl},
		{"content_disposition", plan.ContentDisposition, state.ContentDisposition},
		{"content_encoding", plan.ContentEncoding, state.ContentEncoding},
		{"content_language", plan.ContentLanguage, state.ContentLanguage},
	} {
		if !header.plan.Equal(header.state) {
			return header.name
		}
	}
	switch {
	case plan.Expires.IsUnknown() || !sameInstant(plan.Expires, state.Expires):
		return "expires"
	case mapDiffers(plan.Metadata, state.Metadata):
		return "metadata"
	}
	return ""
}

// mapDiffers takes null and {} for the same.
func mapDiffers(plan, state types.Map) bool {
	if plan.IsUnknown() {
		return true
	}
	return len(plan.Elements())+len(state.Elements()) > 0 && !plan.Equal(state)
}

// choicesKept is the object whose storage class and encryption the next one keeps
// where the configuration says nothing: for a copy, the one in state. New bytes
// keep nothing. Others may have changed the object, a lifecycle rule among them,
// and what was right for the old bytes is not right for the new ones. A copy of
// an archived object may end as an upload, so that class is open as well.
func choicesKept(state *objectModel, bytes, renamed bool) *objectModel {
	if state == nil || bytes {
		return new(objectModel)
	}
	kept := *state
	if renamed && resumable.Archived(state.StorageClass.ValueString()) {
		kept.StorageClass = types.StringNull()
	}
	return &kept
}

// planChoices decides the attributes that the bucket chooses when the
// configuration does not. A copy asks by name for those that the object in state
// has, also when they leave the configuration. written says that there will be
// an upload or a copy.
func (m *objectModel) planChoices(config, state *objectModel, written bool) {
	if !written {
		m.StorageClass, m.ServerSideEncryption = state.StorageClass, state.ServerSideEncryption
		m.ServerSideDataEncryption, m.KMSKeyID = state.ServerSideDataEncryption, state.KMSKeyID
		return
	}
	m.StorageClass = choice(config.StorageClass, state.StorageClass)
	m.ServerSideEncryption = choice(config.ServerSideEncryption, state.ServerSideEncryption)

	dataAlgorithm, key := types.StringNull(), types.StringNull()
	switch {
	case m.ServerSideEncryption.IsUnknown():
		dataAlgorithm, key = types.StringUnknown(), types.StringUnknown()
	case m.ServerSideEncryption.ValueString() != encryptionKMS:
		// KMS's own go with it.
	case state.ServerSideEncryption.ValueString() == encryptionKMS:
		// No data algorithm is one too: AES-256, which OSS does not report.
		dataAlgorithm, key = state.ServerSideDataEncryption, choice(types.StringNull(), state.KMSKeyID)
	default:
		dataAlgorithm, key = types.StringUnknown(), types.StringUnknown()
	}
	m.ServerSideDataEncryption = orElse(config.ServerSideDataEncryption, dataAlgorithm)
	m.KMSKeyID = orElse(config.KMSKeyID, key)
}

// choice is the configuration's, else what was chosen before, else the bucket's
// at the apply.
func choice(config, state types.String) types.String {
	return orElse(config, orElse(state, types.StringUnknown()))
}

func orElse(value, otherwise types.String) types.String {
	if value.IsNull() {
		return otherwise
	}
	return value
}
