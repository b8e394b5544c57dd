// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

// The validators of this package name the argument and its rule. They do not repeat the
// value, because any value may be sensitive, and only Terraform knows whether it is. The
// validators of terraform-plugin-framework-validators repeat it.

// errRule means that a text violates a rule, without further details.
var errRule = errors.New("the value violates the rule")

// textRule validates a text by a function. The error of the function adds details to the
// rule, and must not repeat the text.
type textRule struct {
	rule  string
	check func(string) error
}

// matches accepts the texts that a pattern matches.
func matches(pattern interface{ MatchString(string) bool }, rule string) textRule {
	return textRule{rule, func(text string) error {
		if !pattern.MatchString(text) {
			return errRule
		}
		return nil
	}}
}

func oneOf(allowed ...string) textRule {
	return textRule{fmt.Sprintf("value must be one of: %q", allowed), func(text string) error {
		if !slices.Contains(allowed, text) {
			return errRule
		}
		return nil
	}}
}

func notEmpty() textRule {
	return textRule{"must not be empty", func(text string) error {
		if text == "" {
			return errRule
		}
		return nil
	}}
}

func (r textRule) Description(context.Context) string { return r.rule }

func (r textRule) MarkdownDescription(context.Context) string { return r.rule }

func (r textRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := r.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(invalid(req.Path, r.rule, err))
	}
}

func invalid(argument path.Path, rule string, why error) diag.Diagnostic {
	detail := escape.Sprintf("Attribute %s %s", argument, rule)
	if !errors.Is(why, errRule) {
		detail += escape.Sprintf(": %v", why)
	}
	return errorAt(argument, "Invalid attribute value", detail+".")
}

// numberRule accepts numbers from least to most.
type numberRule struct{ least, most int64 }

func between(least, most int64) validator.Int64 { return numberRule{least, most} }

func atLeast(least int64) validator.Int64 { return numberRule{least, math.MaxInt64} }

func (r numberRule) Description(context.Context) string {
	if r.most == math.MaxInt64 {
		return fmt.Sprintf("value must be at least %d", r.least)
	}
	return fmt.Sprintf("value must be between %d and %d", r.least, r.most)
}

func (r numberRule) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

func (r numberRule) ValidateInt64(ctx context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if n := req.ConfigValue.ValueInt64(); n < r.least || n > r.most {
		resp.Diagnostics.Append(invalid(req.Path, r.Description(ctx), errRule))
	}
}

// mapRule validates a map of strings, entry by entry and then as a whole. Unknown values
// count as empty.
type mapRule struct {
	rule  string
	name  func(string) error
	value func(string) error            // nil: any
	whole func(map[string]string) error // nil: any
}

func (r mapRule) Description(context.Context) string { return r.rule }

func (r mapRule) MarkdownDescription(context.Context) string { return r.rule }

// ValidateMap identifies an entry by its name, as in a path, or by its position if the
// name is not valid.
func (r mapRule) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	elements := req.ConfigValue.Elements()
	for i, name := range slices.Sorted(maps.Keys(elements)) {
		value, _ := elements[name].(types.String)
		if err := r.name(name); err != nil {
			resp.Diagnostics.Append(errorAt(req.Path.AtMapKey(name), "Invalid map entry", escape.Sprintf(
				"In entry %d of %d of %s, sorted by name, %v.", i+1, len(elements), req.Path, err)))
		} else if err := r.checkValue(value); err != nil {
			resp.Diagnostics.Append(errorAt(req.Path.AtMapKey(name), "Invalid map entry", escape.Sprintf(
				"In %s, %v.", req.Path.AtMapKey(name), err)))
		}
	}
	if r.whole == nil {
		return
	}
	if err := r.whole(stringsOf(req.ConfigValue)); err != nil {
		resp.Diagnostics.Append(errorAt(req.Path, "Map too large", escape.Sprintf("In %s, %v.", req.Path, err)))
	}
}

func (r mapRule) checkValue(value types.String) error {
	switch {
	case value.IsNull():
		return errors.New("the value must not be null; remove the entry")
	case value.IsUnknown() || r.value == nil:
		return nil
	}
	return r.value(value.ValueString())
}
