// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// headers are those that the model asks for, or describes.
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

// setHeaders records what Read found. It keeps the spelling of what is the
// same: of a date, and of no metadata at all.
func (m *objectModel) setHeaders(found resumable.Headers) {
	m.ContentType = stringOrNull(found.ContentType)
	m.CacheControl = stringOrNull(found.CacheControl)
	if !found.DispositionHidden { // else only OSS knows it
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

// warnHidden tells that a Content-Disposition was written and cannot be read back.
func (m *objectModel) warnHidden(found resumable.Headers) (diags diag.Diagnostics) {
	if found.DispositionHidden && !m.ContentDisposition.IsNull() {
		diags.Append(warningAt(path.Root("content_disposition"), "Content-Disposition cannot be read back", escape.Sprintf(
			"%s was stored with content_disposition as configured. OSS answers for this type through its own domains with "+
				"x-oss-force-download and a Content-Disposition of its own, so the provider cannot tell when the object's own one changes, and "+
				"browsers do not get it either. Through a domain that is bound to the bucket (use_cname and endpoint) both work.",
			m.object())))
	}
	return diags
}

// settleChoices fills in what the plan left to the bucket.
func (m *objectModel) settleChoices(found resumable.Headers) {
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

// parseDate reads both forms that expires takes. HTTP's is older, and the one
// that alicloud_oss_bucket_object wants.
func parseDate(text string) (time.Time, error) {
	if t, err := http.ParseTime(text); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return t, errors.New("it is neither of the form 2027-01-31T12:00:00Z nor Sun, 31 Jan 2027 12:00:00 GMT")
	case t.Nanosecond() != 0:
		return t, errors.New("it has a fraction of a second, which HTTP does not")
	}
	return t, nil
}

// httpDate is the form that goes over the wire. What OSS holds need not be a
// date: it keeps whatever somebody has set.
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

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// stringsOf is nil for an empty map.
func stringsOf(m types.Map) map[string]string {
	if len(m.Elements()) == 0 {
		return nil
	}
	values := make(map[string]string, len(m.Elements()))
	for name, value := range m.Elements() {
		if text, ok := value.(types.String); ok {
			values[name] = text.ValueString()
		}
	}
	return values
}

// mapOf is null for no values, unless the configuration said {} before.
func mapOf(values map[string]string, before types.Map) types.Map {
	if len(values) == 0 {
		if !before.IsNull() && len(before.Elements()) == 0 {
			return before
		}
		return types.MapNull(types.StringType)
	}
	elements := make(map[string]attr.Value, len(values))
	for name, value := range values {
		elements[name] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}
