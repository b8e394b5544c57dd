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

// progressVariable asks for lines on the terminal while uploads run. Terraform
// shows nothing that a provider prints (hashicorp/terraform#17267), but the
// terminal that started both can be opened.
const progressVariable = "OSSRESUMABLE_PROGRESS"

// progressWanted returns what takes the progress of uploads, or nil. Without a
// terminal, as in CI, it is nil whatever was asked for.
func progressWanted(ctx context.Context, getenv func(string) string) (func(resumable.Object, resumable.Progress), diag.Diagnostics) {
	switch getenv(progressVariable) {
	case "":
		return nil, nil
	case "tty":
	default:
		return nil, diag.Diagnostics{warningAt(path.Empty(), "Unknown value of "+progressVariable, escape.Text("Its value is ignored. The only value that it can have is tty: lines on the terminal while an upload runs."))}
	}
	terminal, err := openTerminal()
	if err != nil {
		slog.New(tflogHandler{}).DebugContext(ctx, "no terminal to show progress on", "error", err)
		return nil, nil
	}
	return progressLines(terminal), nil
}

// openTerminal opens the terminal that the process was started from, wherever
// its output goes. Sources of the names: POSIX.1-2024, Base Definitions, 10.1;
// Microsoft, CreateFileW, "Consoles", where CONOUT$ is opened to read, too.
func openTerminal() (*os.File, error) {
	if runtime.GOOS == "windows" {
		return os.OpenFile("CONOUT$", os.O_RDWR, 0)
	}
	return os.OpenFile("/dev/tty", os.O_WRONLY, 0)
}

// maxWaiting lines of ten resources and their retries wait for the terminal.
const maxWaiting = 64

// progressLines writes whole lines, so that they stand between Terraform's. A
// terminal may stop taking them for as long as its user likes (Ctrl-S); uploads
// go on, and the lines are dropped.
func progressLines(terminal *os.File) func(resumable.Object, resumable.Progress) {
	lines := make(chan string, maxWaiting)
	go func() {
		for line := range lines {
			_, _ = terminal.WriteString(line)
		}
	}()
	return func(object resumable.Object, p resumable.Progress) {
		select {
		case lines <- string(escape.Sprintf("ossresumable: %s: %s\n", object, p)):
		default:
		}
	}
}
