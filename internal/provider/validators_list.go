// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

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
