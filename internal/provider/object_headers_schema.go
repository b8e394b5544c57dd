// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

const (
	copiedText = " Changing it copies the object inside OSS and sends no data."
	staysText  = " If you remove it, the object keeps its current value."
	untilText  = " If you remove it, the object keeps its current value until new content is uploaded."
)

// headerAttributes are the arguments for what OSS stores beside the content, except
// content_type.
func headerAttributes() map[string]schema.Attribute {
	header := func(name, more string) schema.Attribute {
		return schema.StringAttribute{
			Optional:            true,
			Validators:          []validator.String{isHeaderValue()},
			MarkdownDescription: "Value of the `" + name + "` header, in printable ASCII." + more + copiedText + " No header by default.",
		}
	}
	return map[string]schema.Attribute{
		"cache_control": header("Cache-Control", " Example: `public, max-age=31536000, immutable`."),
		"content_disposition": header("Content-Disposition", " Encode a file name that is not ASCII, as in "+
			"`attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf`."),
		"content_encoding": header("Content-Encoding", " Example: `gzip` for a file that is already compressed. The "+
			"provider compresses nothing."),
		"content_language": header("Content-Language", " Example: `zh-CN`."),
		"expires": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{isDate()},
			MarkdownDescription: "Value of the `Expires` header: a date in RFC 3339 format, such as " +
				"`2027-01-31T12:00:00Z`, or in HTTP (RFC 1123) format, such as `Sun, 31 Jan 2027 12:00:00 GMT`. " +
				"Another spelling of the same time is not a change. The header controls caches and does not delete the " +
				"object." + copiedText + " No header by default.",
		},
		"metadata": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			Validators:  []validator.Map{isMetadata()},
			MarkdownDescription: "User metadata. Names are written without `x-oss-meta-` and consist of lowercase " +
				"letters, digits and hyphens. Values are printable ASCII. Names and values together are at most 8128 " +
				"bytes. Metadata that is not in the configuration is removed. The name `ossresumable-owner` is " +
				"reserved for the provider." + copiedText,
		},
		"tags": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			Validators:  []validator.Map{areTags()},
			MarkdownDescription: "Tags of the object, at most 10. Keys have 1 to 128 characters and values 0 to 256: " +
				"letters, digits, spaces and `+ - = . _ : /`. Tags that are not in the configuration are removed. " +
				"Changing them does not rewrite the object: `etag`, `version_id` and `last_modified` stay the same.",
		},
		"acl": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{isACL()},
			MarkdownDescription: "ACL of the object. Valid values are `default` (the ACL of the bucket), `private`, " +
				"`public-read` and `public-read-write`. Changing it does not rewrite the object. Removing it sets the " +
				"ACL to `default`. If it is not set, the provider ignores the ACL: an upload gets the ACL of the bucket, " +
				"and a copy keeps the ACL of the object.",
		},
		"storage_class": schema.StringAttribute{
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{isStorageClass()},
			MarkdownDescription: "Storage class. Valid values are `Standard`, `IA`, `Archive`, `ColdArchive` and " +
				"`DeepColdArchive`. Defaults to the storage class of the bucket. An archived object must be restored " +
				"before OSS can copy it." + copiedText + untilText,
		},
		"server_side_encryption": schema.StringAttribute{
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{isEncryption()},
			MarkdownDescription: "Method of server-side encryption. Valid values are `AES256` (with keys managed by " +
				"OSS), `KMS` and `SM4`. Defaults to the encryption rule of the bucket." + copiedText + untilText,
		},
		"server_side_data_encryption": schema.StringAttribute{
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{isDataEncryption()},
			MarkdownDescription: "Encryption algorithm when `server_side_encryption` is `KMS`. The only valid value " +
				"is `SM4`; if it is not set, OSS uses AES-256." + copiedText + untilText,
		},
		"kms_key_id": schema.StringAttribute{
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{isHeaderValue()},
			MarkdownDescription: "ID of the KMS key when `server_side_encryption` is `KMS`. Defaults to the key that " +
				"OSS manages in KMS." + copiedText + untilText,
		},
	}
}

// Limits of OSS. Sources: API pages PutObject, PutObjectTagging. Of the 8 KiB of
// metadata, 64 bytes are reserved for the mark.
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

// AES-256 has no name in OSS. It is the default without the header.
func isDataEncryption() validator.String { return oneOf("SM4") }

func isDate() validator.String {
	return textRule{"must be a date in RFC 3339 or HTTP (RFC 1123) format, in whole seconds", func(text string) error {
		_, err := parseDate(text)
		return err
	}}
}

func isMetadata() validator.Map {
	return mapRule{
		rule: "must have names of lowercase letters, digits and hyphens, values of printable ASCII without leading or trailing " +
			"spaces, and at most 8128 bytes in total",
		name: func(name string) error {
			switch {
			case !metadataNamePattern.MatchString(name):
				return errors.New("the name must consist of lowercase letters, digits and hyphens, without x-oss-meta-")
			case name == ossclient.MarkName:
				return errors.New("the name is reserved for the provider")
			}
			return nil
		},
		value: func(value string) error {
			if !headerPattern.MatchString(value) {
				return errors.New("the value must be printable ASCII, not empty, without leading or trailing spaces")
			}
			return nil
		},
		whole: func(values map[string]string) error {
			size := 0
			for name, value := range values {
				size += len(name) + len(value)
			}
			if size > maxMetadataBytes {
				return fmt.Errorf("names and values have %d bytes; the limit is %d", size, maxMetadataBytes)
			}
			return nil
		},
	}
}

func areTags() validator.Map {
	const set = "letters, digits, spaces and + - = . _ : /"
	return mapRule{
		rule: "must have at most 10 tags, with keys of 1 to 128 and values of 0 to 256 of these characters: " + set,
		name: func(key string) error {
			if !tagKeyPattern.MatchString(key) {
				return errors.New("the key must have 1 to 128 of these characters: " + set)
			}
			return nil
		},
		value: func(value string) error {
			if !tagValuePattern.MatchString(value) {
				return errors.New("the value must have at most 256 of these characters: " + set)
			}
			return nil
		},
		whole: func(tags map[string]string) error {
			if len(tags) > maxTags {
				return fmt.Errorf("there are %d tags; the limit is %d", len(tags), maxTags)
			}
			return nil
		},
	}
}
