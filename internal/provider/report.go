// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	fwaction "github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

// All messages of this package are created here, from texts that are safe to print.
// Messages of the plugin framework pass through [printable].

// errorAt returns an error about an argument, or about none with [path.Empty].
func errorAt(argument path.Path, summary, detail escape.Text) diag.Diagnostic {
	if argument.Equal(path.Empty()) {
		return diag.NewErrorDiagnostic(string(summary), string(detail))
	}
	return diag.NewAttributeErrorDiagnostic(argument, string(summary), string(detail))
}

// warningAt returns a warning about an argument, or about none with [path.Empty].
func warningAt(argument path.Path, summary, detail escape.Text) diag.Diagnostic {
	if argument.Equal(path.Empty()) {
		return diag.NewWarningDiagnostic(string(summary), string(detail))
	}
	return diag.NewAttributeWarningDiagnostic(argument, string(summary), string(detail))
}

// argumentError returns an error about an argument of a function. Terraform makes a
// sentence of it.
func argumentError(position int64, text escape.Text) *function.FuncError {
	return function.NewArgumentFuncError(position, string(text))
}

// progressOf returns a function that prints a line while an action runs. It never
// blocks an interrupted action: Terraform reads no lines then, and the framework would
// wait for it (v1.19.0, internal/fwserver/server_invokeaction.go).
func progressOf(ctx context.Context, resp *fwaction.InvokeResponse) func(line escape.Text) {
	return func(line escape.Text) {
		if ctx.Err() != nil {
			return
		}
		printed := make(chan struct{})
		go func() {
			defer close(printed)
			resp.SendProgress(fwaction.InvokeProgressEvent{Message: string(line)})
		}()
		select {
		case <-printed:
		case <-ctx.Done():
		}
	}
}
