// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"fmt"
	"io"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

// line is an upload for pipes, logs and greps.
func (u upload) line() string {
	if u.progress == nil {
		return u.name + ": " + u.state
	}
	return u.name + ": " + u.progress.String() + ", " + u.state
}

// printLines writes one line for each upload.
func printLines(out io.Writer, dir string, uploads []upload) {
	if len(uploads) == 0 {
		fmt.Fprintln(out, nothing(dir))
	}
	for _, u := range uploads {
		fmt.Fprintln(out, u.line())
	}
}

func nothing(dir string) string { return "Nothing is unfinished in " + escape.Line(dir) + "." }
