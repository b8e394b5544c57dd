// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	fwaction "github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

// All that the provider says to people is made here, of texts that are safe to
// print. What the plugin framework says passes through [printable].

// errorAt is an error about an argument, or about none with [path.Empty].
func errorAt(argument path.Path, summary, detail escape.Text) diag.Diagnostic {
	if argument.Equal(path.Empty()) {
		return diag.NewErrorDiagnostic(string(summary), string(detail))
	}
	return diag.NewAttributeErrorDiagnostic(argument, string(summary), string(detail))
}

// warningAt is a warning about an argument, or about none with [path.Empty].
func warningAt(argument path.Path, summary, detail escape.Text) diag.Diagnostic {
	if argument.Equal(path.Empty()) {
		return diag.NewWarningDiagnostic(string(summary), string(detail))
	}
	return diag.NewAttributeWarningDiagnostic(argument, string(summary), string(detail))
}

// argumentError is an error about an argument of a function. Terraform puts it
// into a sentence.
func argumentError(position int64, text escape.Text) *function.FuncError {
	return function.NewArgumentFuncError(position, string(text))
}

// progressOf returns what prints a line while an action runs.
func progressOf(resp *fwaction.InvokeResponse) func(line escape.Text) {
	return func(line escape.Text) {
		resp.SendProgress(fwaction.InvokeProgressEvent{Message: string(line)})
	}
}
