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
	maxParallelism = 64 // more connections than this to one host never paid in any measurement we know of
)

var (
	bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)
	sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
	headerPattern = regexp.MustCompile(`^[!-~]([ -~]*[!-~])?$`)
)

const bucketRule = "must be 3 to 63 lower-case letters, digits and hyphens, and neither begin nor end with a hyphen"

func isBucket() validator.String { return matches(bucketPattern, bucketRule) }

func isSHA256() validator.String {
	return matches(sha256Pattern,
		"must be a SHA-256 digest as 64 lower-case hexadecimal digits, as filesha256() returns it")
}

func isHeaderValue() validator.String {
	return matches(headerPattern,
		"must be printable ASCII, not empty, without spaces at its ends")
}

func isPartSize() validator.Int64 {
	return between(resumable.MinPartSize, resumable.MaxPartSize)
}

// A threshold below the smallest part would ask for uploads of one short part.
func isMultipartThreshold() validator.Int64 {
	return between(resumable.MinPartSize, resumable.MaxPutObjectSize)
}

func isParallelism() validator.Int64 { return between(1, maxParallelism) }

func isTrafficLimit() validator.Int64 {
	return between(resumable.MinTrafficLimit, resumable.MaxTrafficLimit)
}

func isBase64() validator.String {
	return textRule{"must be base64 with padding, as filebase64() returns it", func(text string) error {
		_, err := base64.StdEncoding.DecodeString(text)
		return err // which tells a place, not the content
	}}
}

// checkKey refuses the keys that OSS refuses, and nothing else: a key is a
// name, not a path, so "a//b" and "a/../b" are fine and stay as they are.
func checkKey(key string) error {
	switch {
	case key == "":
		return errors.New("must not be empty")
	case len(key) > maxKeyBytes:
		return fmt.Errorf("must be at most %d bytes of UTF-8, and this one has %d", maxKeyBytes, len(key))
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

// isPrefix allows what a key may begin with. No key begins with any other, so
// the list would always be empty.
func isPrefix() validator.String {
	rule := fmt.Sprintf("must be at most %d bytes of UTF-8 that a key may begin with", maxKeyBytes)
	return textRule{rule, func(prefix string) error {
		if prefix == "" {
			return nil
		}
		return checkKey(prefix)
	}}
}

// isAge allows durations in Go's syntax, from that on.
func isAge(least time.Duration) validator.String {
	rule := "must be a duration such as \"168h\" (a week) or \"90m\", in the units h, m and s"
	if least > 0 {
		rule += fmt.Sprintf(", and at least %v", least)
	} else {
		rule += ", and not negative"
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

// age is a duration that isAge has seen, or 0.
func age(text types.String) time.Duration {
	d, _ := time.ParseDuration(text.ValueString())
	return d
}
