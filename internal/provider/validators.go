// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const (
	maxKeyBytes    = 1023
	maxParallelism = 64 // more connections to one host have been no faster in any known measurement
)

var (
	bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)
	sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
	headerPattern = regexp.MustCompile(`^[!-~]([ -~]*[!-~])?$`)
)

const bucketRule = "must have 3 to 63 lowercase letters, digits and hyphens, and must not begin or end with a hyphen"

func isBucket() validator.String { return matches(bucketPattern, bucketRule) }

func isSHA256() validator.String {
	return matches(sha256Pattern,
		"must be a SHA-256 digest of 64 lowercase hexadecimal digits, as filesha256() returns it")
}

func isHeaderValue() validator.String {
	return matches(headerPattern,
		"must be printable ASCII, not empty, without leading or trailing spaces")
}

func isPartSize() validator.Int64 {
	return between(resumable.MinPartSize, resumable.MaxPartSize)
}

// A threshold below the minimum part size would allow uploads of one short part.
func isMultipartThreshold() validator.Int64 {
	return between(resumable.MinPartSize, resumable.MaxPutObjectSize)
}

func isParallelism() validator.Int64 { return between(1, maxParallelism) }

func isTrafficLimit() validator.Int64 {
	return between(resumable.MinTrafficLimit, resumable.MaxTrafficLimit)
}

var urlPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+://`)

// isFilePath refuses a URL, which would otherwise be the path of an absent file.
func isFilePath() validator.String {
	return textRule{"must be the path of a local file", func(text string) error {
		switch {
		case text == "":
			return errors.New("it is empty")
		case urlPattern.MatchString(text):
			return errors.New("URLs are not supported. Use source_object for an object in OSS. Download other files before Terraform runs")
		}
		return nil
	}}
}

func isBase64() validator.String {
	return textRule{"must be base64 with padding, as filebase64() returns it", func(text string) error {
		_, err := base64.StdEncoding.DecodeString(text)
		return err // it contains a position, but not the content
	}}
}

// checkKey refuses exactly the keys that OSS refuses. A key is a name and not a path, so
// "a//b" and "a/../b" are valid and are not changed.
func checkKey(key string) error {
	switch {
	case key == "":
		return errors.New("must not be empty")
	case len(key) > maxKeyBytes:
		return fmt.Errorf("must be at most %d bytes of UTF-8, but has %d", maxKeyBytes, len(key))
	case !utf8.ValidString(key):
		return errors.New("must be valid UTF-8")
	case key[0] == '/' || key[0] == '\\':
		return fmt.Errorf("must not begin with %q", key[0])
	case strings.ContainsRune(key, 0):
		return errors.New("must not contain a NUL character")
	}
	return nil
}

// isKey validates an object key with [checkKey].
type isKey struct{}

func (isKey) Description(context.Context) string {
	return fmt.Sprintf("must be 1 to %d bytes of UTF-8 and must not begin with / or \\", maxKeyBytes)
}

func (v isKey) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (isKey) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := checkKey(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(errorAt(req.Path, "Invalid object key", escape.Sprintf("The key %v.", err)))
	}
}

// isPrefix accepts a text that a key can begin with. For any other, the list would always
// be empty.
func isPrefix() validator.String {
	rule := fmt.Sprintf("must be at most %d bytes of UTF-8 that a key can begin with", maxKeyBytes)
	return textRule{rule, func(prefix string) error {
		if prefix == "" {
			return nil
		}
		return checkKey(prefix)
	}}
}

// isAge accepts durations in the syntax of Go that are at least as long as least.
func isAge(least time.Duration) validator.String {
	rule := "must be a duration such as \"168h\" (a week) or \"90m\", in the units h, m and s"
	if least > 0 {
		rule += fmt.Sprintf(", of at least %v", least)
	} else {
		rule += ", and must not be negative"
	}
	return textRule{rule, func(text string) error {
		if d, err := time.ParseDuration(text); err != nil || d < least {
			return errRule
		}
		return nil
	}}
}

// isTimeout is the rule of the timeouts block.
func isTimeout() validator.String {
	return textRule{"must be a duration such as \"30s\" or \"2h45m\"", func(text string) error {
		if _, err := time.ParseDuration(text); err != nil {
			return errRule
		}
		return nil
	}}
}

// age returns a duration that isAge has validated, or 0 for null.
func age(text types.String) time.Duration {
	d, _ := time.ParseDuration(text.ValueString())
	return d
}
