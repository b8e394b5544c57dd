// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"log/slog"
	"os"
	"runtime"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// progressVariable enables progress lines on the terminal during uploads. Terraform
// does not show what a provider prints (hashicorp/terraform#17267), but the provider
// can open the terminal itself.
const progressVariable = "OSSRESUMABLE_PROGRESS"

// terminalWanted returns the terminal for the progress of uploads. It returns nil if
// progress is not enabled, or without a terminal, as in CI.
func terminalWanted(ctx context.Context, getenv func(string) string) (terminal, diag.Diagnostics) {
	switch getenv(progressVariable) {
	case "":
		return nil, nil
	case "tty":
	default:
		return nil, diag.Diagnostics{warningAt(path.Empty(), "Invalid value of "+progressVariable, "The provider ignores the value. The only valid value is \"tty\", which shows the progress of uploads on the terminal.")}
	}
	file, err := openTerminal()
	if err != nil {
		slog.New(tflogHandler{}).DebugContext(ctx, "no terminal for progress", "error", err)
		return nil, nil
	}
	return startTerminal(file), nil
}

// openTerminal opens the terminal of the process, even if its output is redirected.
// Sources of the names: POSIX.1-2024, Base Definitions, 10.1; Microsoft, CreateFileW,
// "Consoles", which opens CONOUT$ for reading as well.
func openTerminal() (*os.File, error) {
	if runtime.GOOS == "windows" {
		return os.OpenFile("CONOUT$", os.O_RDWR, 0)
	}
	return os.OpenFile("/dev/tty", os.O_WRONLY, 0)
}

// maxWaiting is the number of lines that can wait for the terminal: enough for ten
// resources and their retries.
const maxWaiting = 64

// terminal shows lines between those of Terraform. A nil terminal shows nothing.
type terminal chan<- string

// startTerminal writes whole lines. If the user stops the terminal (Ctrl-S), uploads
// continue and lines are dropped.
func startTerminal(file *os.File) terminal {
	lines := make(chan string, maxWaiting)
	go func() {
		for line := range lines {
			_, _ = file.WriteString(line)
		}
	}()
	return lines
}

// show prints numbers about an object.
func (t terminal) show(object resumable.Object, numbers string) {
	select {
	case t <- string(terminalLine(object, numbers)) + "\n":
	default: // also if t is nil
	}
}

// progress returns the function that shows the progress of uploads; nil: none.
func (t terminal) progress() func(resumable.Object, resumable.Progress) {
	if t == nil {
		return nil
	}
	return func(object resumable.Object, p resumable.Progress) { t.show(object, p.Brief()) }
}

// terminalLine fits a terminal of 80 columns, of which the last stays empty because some
// terminals would begin a new line after it. The end of the key has what is left.
func terminalLine(object resumable.Object, numbers string) escape.Text {
	const columns, least = 79, 8
	room := columns - len("ossresumable: : ") - len(numbers)
	return escape.Sprintf("ossresumable: %s: %s", escape.Cut(escape.Sprint(object), max(room, least)), numbers)
}
