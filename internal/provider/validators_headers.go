// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// OSS's limits on what is kept beside an object. Sources: API pages PutObject,
// PutObjectTagging. Of the 8 KiB of metadata, 64 bytes are for the mark.
const (
	maxMetadataBytes = 8<<10 - 64
	maxTags          = 10
)

var (
	metadataNamePattern = regexp.MustCompile(`^[a-z0-9-]+$`)
	tagKeyPattern       = regexp.MustCompile(`^[A-Za-z0-9 +\-=._:/]{1,128}$`)
	tagValuePattern     = regexp.MustCompile(`^[A-Za-z0-9 +\-=._:/]{0,256}$`)
)

func isACL() validator.String {
	return stringvalidator.OneOf(aclDefault, "private", "public-read", "public-read-write")
}

func isStorageClass() validator.String {
	return stringvalidator.OneOf("Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive")
}

func isEncryption() validator.String { return stringvalidator.OneOf("AES256", encryptionKMS, "SM4") }

// OSS has no name for AES-256 here: it is what no header asks for.
func isDataEncryption() validator.String { return stringvalidator.OneOf("SM4") }

func isTrafficLimit() validator.Int64 {
	return int64validator.Between(resumable.MinTrafficLimit, resumable.MaxTrafficLimit)
}

// textRule validates a text by a function.
type textRule struct {
	rule  string
	check func(string) error
}

func isDate() validator.String {
	return textRule{"must be a date of RFC 3339 or of HTTP (RFC 1123), in whole seconds", func(text string) error {
		_, err := parseDate(text)
		return err
	}}
}

func isBase64() validator.String {
	return textRule{"must be base64 with padding, as filebase64() returns it", func(text string) error {
		_, err := base64.StdEncoding.DecodeString(text)
		return err // which tells a place, not the content
	}}
}

func (r textRule) Description(context.Context) string { return r.rule }

func (r textRule) MarkdownDescription(context.Context) string { return r.rule }

func (r textRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := r.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid attribute value", fmt.Sprintf("The value %s: %v.", r.rule, err))
	}
}

// mapRule validates a map of strings, entry by entry and then as a whole. What
// is unknown yet counts as empty.
type mapRule struct {
	rule  string
	entry func(name, value string) error
	whole func(map[string]string) error
}

func isMetadata() validator.Map {
	return mapRule{
		rule: "must have names of lower-case letters, digits and hyphens, values of printable ASCII without spaces at their " +
			"ends, and at most 8128 bytes in all",
		entry: func(name, value string) error {
			switch {
			case !metadataNamePattern.MatchString(name):
				return errors.New("the name must be lower-case letters, digits and hyphens, without x-oss-meta-")
			case name == ossclient.MarkName:
				return errors.New("the name is the provider's own")
			case !headerPattern.MatchString(value):
				return errors.New("the value must be printable ASCII, not empty, without spaces at its ends")
			}
			return nil
		},
		whole: func(values map[string]string) error {
			size := 0
			for name, value := range values {
				size += len(name) + len(value)
			}
			if size > maxMetadataBytes {
				return fmt.Errorf("names and values have %d bytes, and may have at most %d", size, maxMetadataBytes)
			}
			return nil
		},
	}
}

func areTags() validator.Map {
	const set = "letters, digits, spaces and + - = . _ : /"
	return mapRule{
		rule: "must be at most 10 tags, with keys of 1 to 128 and values of 0 to 256 characters, of " + set,
		entry: func(key, value string) error {
			switch {
			case !tagKeyPattern.MatchString(key):
				return errors.New("the key must be 1 to 128 " + set)
			case !tagValuePattern.MatchString(value):
				return errors.New("the value must be at most 256 " + set)
			}
			return nil
		},
		whole: func(tags map[string]string) error {
			if len(tags) > maxTags {
				return fmt.Errorf("there are %d tags, and an object has at most %d", len(tags), maxTags)
			}
			return nil
		},
	}
}

func (r mapRule) Description(context.Context) string { return r.rule }

func (r mapRule) MarkdownDescription(context.Context) string { return r.rule }

func (r mapRule) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	elements := req.ConfigValue.Elements()
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		value, _ := elements[name].(types.String)
		err := errors.New("the value must not be null; leave the entry out")
		if !value.IsNull() {
			known := value.ValueString()
			if value.IsUnknown() {
				known = "unknown" // a value like any other, so that the name is checked
			}
			err = r.entry(name, known)
		}
		if err != nil {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(name), "Invalid map entry", fmt.Sprintf("In %q %v.", name, err))
		}
	}
	if err := r.whole(stringsOf(req.ConfigValue)); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Map too large", fmt.Sprintf("In %s %v.", req.Path, err))
	}
}
