// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

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
	return oneOf(aclDefault, "private", "public-read", "public-read-write")
}

func isStorageClass() validator.String {
	return oneOf("Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive")
}

func isEncryption() validator.String { return oneOf("AES256", encryptionKMS, "SM4") }

// OSS has no name for AES-256 here: it is what no header asks for.
func isDataEncryption() validator.String { return oneOf("SM4") }

func isTrafficLimit() validator.Int64 {
	return between(resumable.MinTrafficLimit, resumable.MaxTrafficLimit)
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

func isMetadata() validator.Map {
	return mapRule{
		rule: "must have names of lower-case letters, digits and hyphens, values of printable ASCII without spaces at their " +
			"ends, and at most 8128 bytes in all",
		name: func(name string) error {
			switch {
			case !metadataNamePattern.MatchString(name):
				return errors.New("the name must be lower-case letters, digits and hyphens, without x-oss-meta-")
			case name == ossclient.MarkName:
				return errors.New("the name is the provider's own")
			}
			return nil
		},
		value: func(value string) error {
			if !headerPattern.MatchString(value) {
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
		name: func(key string) error {
			if !tagKeyPattern.MatchString(key) {
				return errors.New("the key must be 1 to 128 " + set)
			}
			return nil
		},
		value: func(value string) error {
			if !tagValuePattern.MatchString(value) {
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
