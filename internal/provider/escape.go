// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"

	visible "github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

// escape makes what could move the cursor of a terminal, or change its colour,
// visible. Terraform prints diagnostics as they are, and names of files and
// objects may hold anything.
func escape(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = escapeLine(line)
	}
	return strings.Join(lines, "\n")
}

// escapeLine is escape for a text that must not begin a line of its own, such
// as one with a file name in it.
func escapeLine(text string) string { return visible.Line(text) }
