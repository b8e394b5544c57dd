// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"io"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

// line describes an upload in one line. The name has at most width columns.
func (u upload) line(width int) escape.Text {
	name := escape.Cut(u.name, width)
	if u.progress == nil {
		return escape.Sprintf("%s: %s", name, u.state)
	}
	return escape.Sprintf("%s: %v, %s", name, u.progress, u.state)
}

// printLines writes one line for each upload.
func printLines(out io.Writer, dir string, uploads []upload) {
	if len(uploads) == 0 {
		printf(out, "%s\n", nothing(dir))
	}
	for _, u := range uploads {
		printf(out, "%s\n", u.line(columns(out)))
	}
}

func nothing(dir string) escape.Text { return escape.Sprintf("No unfinished uploads in %s.", dir) }
