// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"fmt"
	"io"
	"os"

	"github.com/charmbracelet/x/term"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

// maxColumns limits the length of a name in output that is not a terminal. A key may
// have 1023 bytes, and six times as many characters when it is escaped.
const maxColumns = 200

// printf prints the arguments, escaped by package escape.
func printf(out io.Writer, format escape.Text, args ...any) {
	fmt.Fprint(out, string(escape.Sprintf(format, args...)))
}

// escaped is the output of package flag, which prints arguments unescaped.
type escaped struct{ io.Writer }

func (e escaped) Write(text []byte) (int, error) {
	_, err := io.WriteString(e.Writer, escape.Lines(string(text)))
	return len(text), err
}

// columns returns the maximum width of names in out.
func columns(out io.Writer) int {
	if file, ok := out.(term.File); ok && isTerminal(out) {
		if width, _, err := term.GetSize(file.Fd()); err == nil && width > 0 {
			return width
		}
	}
	return maxColumns
}

// screenWidth returns the width of out, and whether it can be drawn on.
func screenWidth(out io.Writer) (width int, drawing bool) {
	if !isTerminal(out) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return 0, false
	}
	width, _, err := term.GetSize(out.(term.File).Fd())
	return width, err == nil && width > 0
}

func isTerminal(stream any) bool {
	file, ok := stream.(term.File)
	return ok && term.IsTerminal(file.Fd())
}
