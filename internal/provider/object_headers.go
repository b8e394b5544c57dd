// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// Values of OSS that this package compares.
const (
	aclDefault    = "default" // the bucket's
	encryptionKMS = "KMS"
)

// headers returns the headers that the model configures or describes.
func (m *objectModel) headers() resumable.Headers {
	return resumable.Headers{
		ContentType:        m.ContentType.ValueString(),
		CacheControl:       m.CacheControl.ValueString(),
		ContentDisposition: m.ContentDisposition.ValueString(),
		ContentEncoding:    m.ContentEncoding.ValueString(),
		ContentLanguage:    m.ContentLanguage.ValueString(),
		Expires:            httpDate(m.Expires.ValueString()),
		Metadata:           stringsOf(m.Metadata),
		StorageClass:       m.StorageClass.ValueString(),
		Encryption: resumable.Encryption{
			Algorithm:     m.ServerSideEncryption.ValueString(),
			DataAlgorithm: m.ServerSideDataEncryption.ValueString(),
			KMSKeyID:      m.KMSKeyID.ValueString(),
		},
	}
}

// setHeaders records the headers that Read found. It keeps the spelling of an
// equal date, and of empty metadata.
func (m *objectModel) setHeaders(found resumable.Headers) {
	m.ContentType = stringOrNull(found.ContentType)
	m.CacheControl = stringOrNull(found.CacheControl)
	if !found.DispositionHidden { // otherwise the answer does not show it
		m.ContentDisposition = stringOrNull(found.ContentDisposition)
	}
	m.ContentEncoding = stringOrNull(found.ContentEncoding)
	m.ContentLanguage = stringOrNull(found.ContentLanguage)
	if !sameInstant(m.Expires, types.StringValue(found.Expires)) {
		m.Expires = stringOrNull(found.Expires)
	}
	m.Metadata = mapOf(found.Metadata, m.Metadata)
	m.StorageClass = stringOrNull(found.StorageClass)
	m.ServerSideEncryption = stringOrNull(found.Encryption.Algorithm)
	m.ServerSideDataEncryption = stringOrNull(found.Encryption.DataAlgorithm)
	m.KMSKeyID = stringOrNull(found.Encryption.KMSKeyID)
}

// warnHidden warns that Content-Disposition was written but cannot be read back.
func (m *objectModel) warnHidden(found resumable.Headers) (diags diag.Diagnostics) {
	if found.DispositionHidden && !m.ContentDisposition.IsNull() {
		diags.Append(warningAt(path.Root("content_disposition"), "Content-Disposition cannot be read back", escape.Sprintf(
			"%s was stored with the configured content_disposition. On its own domains, OSS answers requests for this content type with "+
				"x-oss-force-download and another Content-Disposition. The provider therefore cannot detect a change of the header, and "+
				"browsers do not receive it. To avoid both, use a domain that is bound to the bucket (use_cname and endpoint).",
			m.object())))
	}
	return diags
}

// setUnknownChoices sets the values that the plan left to the bucket.
func (m *objectModel) setUnknownChoices(found resumable.Headers) {
	for _, choice := range []struct {
		attribute *types.String
		found     string
	}{
		{&m.StorageClass, found.StorageClass},
		{&m.ServerSideEncryption, found.Encryption.Algorithm},
		{&m.ServerSideDataEncryption, found.Encryption.DataAlgorithm},
		{&m.KMSKeyID, found.Encryption.KMSKeyID},
	} {
		if choice.attribute.IsUnknown() {
			*choice.attribute = stringOrNull(choice.found)
		}
	}
}

// parseDate parses both formats of the argument expires. The HTTP format is the
// one that alicloud_oss_bucket_object requires.
func parseDate(text string) (time.Time, error) {
	if t, err := http.ParseTime(text); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return t, errors.New("the format is neither 2027-01-31T12:00:00Z nor Sun, 31 Jan 2027 12:00:00 GMT")
	case t.Nanosecond() != 0:
		return t, errors.New("HTTP dates have no fractions of a second")
	}
	return t, nil
}

// httpDate returns a date in HTTP format. A text that is not a date is returned as
// it is, because OSS stores any value.
func httpDate(text string) string {
	t, err := parseDate(text)
	if err != nil {
		return text
	}
	return t.UTC().Format(http.TimeFormat)
}

func sameInstant(a, b types.String) bool {
	return resumable.SameDate(httpDate(a.ValueString()), httpDate(b.ValueString()))
}

// changedHeader returns the name of the first attribute that differs and that only
// a copy of the object can change, or "". An attribute that the configuration leaves
// to the bucket never differs.
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

// mapDiffers treats null and {} as equal.
func mapDiffers(plan, state types.Map) bool {
	if plan.IsUnknown() {
		return true
	}
	return len(plan.Elements())+len(state.Elements()) > 0 && !plan.Equal(state)
}

// keptChoices returns the object whose storage class and encryption the next one
// keeps where the configuration does not set them. A copy keeps those of the object
// in state. New content keeps none, because a lifecycle rule or another program may
// have changed them for the old content. A copy of an archived object can become an
// upload, so it does not keep the storage class either.
func keptChoices(state *objectModel, bytes, renamed bool) *objectModel {
	if state == nil || bytes {
		return new(objectModel)
	}
	kept := *state
	if renamed && resumable.Archived(state.StorageClass.ValueString()) {
		kept.StorageClass = types.StringNull()
	}
	return &kept
}

// planChoices plans the attributes that the bucket chooses if the configuration
// does not. A copy keeps the values of the object in state, even if they are removed
// from the configuration. written is true for an upload or a copy. plain is true if
// no encryption is expected; see [objectModel.expectsPlain].
func (m *objectModel) planChoices(config, state *objectModel, written, plain bool) {
	if !written {
		m.StorageClass, m.ServerSideEncryption = state.StorageClass, state.ServerSideEncryption
		m.ServerSideDataEncryption, m.KMSKeyID = state.ServerSideDataEncryption, state.KMSKeyID
		return
	}
	m.StorageClass = choice(config.StorageClass, state.StorageClass)
	m.ServerSideEncryption = choice(config.ServerSideEncryption, state.ServerSideEncryption)
	if plain {
		m.ServerSideEncryption = types.StringNull()
	}

	dataAlgorithm, key := types.StringNull(), types.StringNull()
	switch {
	case m.ServerSideEncryption.IsUnknown():
		dataAlgorithm, key = types.StringUnknown(), types.StringUnknown()
	case m.ServerSideEncryption.ValueString() != encryptionKMS:
		// Both attributes are null without KMS.
	case state.ServerSideEncryption.ValueString() == encryptionKMS:
		// A null algorithm means AES-256, which OSS does not report.
		dataAlgorithm, key = state.ServerSideDataEncryption, choice(types.StringNull(), state.KMSKeyID)
	default:
		dataAlgorithm, key = types.StringUnknown(), types.StringUnknown()
	}
	m.ServerSideDataEncryption = orElse(config.ServerSideDataEncryption, dataAlgorithm)
	m.KMSKeyID = orElse(config.KMSKeyID, key)
}

// expectsPlain reports whether the object in state is not encrypted, and nothing in
// the configuration asks for it. The next object then has no encryption either, unless
// the rule of the bucket has changed, so a plan does not show three unknown values.
// [objectModel.warnUnforeseen] reports a rule that has changed.
func (m *objectModel) expectsPlain(config, state *objectModel) bool {
	return state != nil && m.Bucket.Equal(state.Bucket) && state.ServerSideEncryption.IsNull() &&
		config.ServerSideEncryption.IsNull() && config.ServerSideDataEncryption.IsNull() && config.KMSKeyID.IsNull()
}

// warnUnforeseen warns of an encryption or a retention that the plan did not show.
// Terraform requires the state to have the values of the plan; the next refresh
// corrects it.
func (m *objectModel) warnUnforeseen(found resumable.ObjectInfo) (diags diag.Diagnostics) {
	const summary, correct = "Bucket has a new rule", "The state does not show it before the next refresh, which changes nothing in OSS."
	if m.ServerSideEncryption.IsNull() && found.Headers.Encryption.Algorithm != "" {
		diags.Append(warningAt(path.Root("server_side_encryption"), summary, escape.Sprintf(
			"%s is encrypted with %s by a rule of the bucket. The object that it replaces was not encrypted. "+correct,
			m.object(), found.Headers.Encryption.Algorithm)))
	}
	if m.WormMode.IsNull() && found.Retention.Mode != "" {
		diags.Append(warningAt(path.Root("object_worm_mode"), summary, escape.Sprintf(
			"%s is retained in mode %s until %s by a rule of the bucket. The object that it replaces was not retained. "+correct,
			m.object(), found.Retention.Mode, found.Retention.Until.UTC().Format(time.RFC3339))))
	}
	return diags
}

// choice returns the configured value, or else the previous one, or else unknown:
// the bucket chooses during the apply.
func choice(config, state types.String) types.String {
	return orElse(config, orElse(state, types.StringUnknown()))
}

func orElse(value, otherwise types.String) types.String {
	if value.IsNull() {
		return otherwise
	}
	return value
}
