// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

// printable is a server whose messages are safe to print on a terminal. The plugin
// framework and its modules repeat values, states and import IDs in messages without
// escaping, and Terraform does not escape them either. The messages of this package
// are already escaped and do not change.
//
// The other methods return messages about the schema only, or serve blocks that this
// provider does not have.
type printable struct{ framework }

func escapeAll(diags []*tfprotov6.Diagnostic) {
	for _, d := range diags {
		d.Summary, d.Detail = escape.Line(d.Summary), escape.Lines(d.Detail)
	}
}

func changed[T any](seq iter.Seq[T], change func(T) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for item := range seq {
			if !yield(change(item)) {
				return
			}
		}
	}
}

func (s printable) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := s.framework.ValidateProviderConfig(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	resp, err := s.framework.ConfigureProvider(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := s.framework.ValidateResourceConfig(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	resp, err := s.framework.UpgradeResourceState(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := s.framework.ReadResource(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := s.framework.PlanResourceChange(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := s.framework.ApplyResourceChange(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := s.framework.ImportResourceState(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	resp, err := s.framework.MoveResourceState(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	resp, err := s.framework.UpgradeResourceIdentity(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	resp, err := s.framework.GenerateResourceConfig(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	resp, err := s.framework.ValidateDataResourceConfig(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	resp, err := s.framework.ReadDataSource(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	resp, err := s.framework.CallFunction(ctx, req)
	if err == nil && resp.Error != nil {
		resp.Error.Text = escape.Lines(resp.Error.Text)
	}
	return resp, err
}

func (s printable) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	resp, err := s.framework.ValidateListResourceConfig(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	resp, err := s.framework.ListResource(ctx, req)
	if err == nil {
		resp.Results = changed(resp.Results, func(result tfprotov6.ListResourceResult) tfprotov6.ListResourceResult {
			result.DisplayName = escape.Line(result.DisplayName)
			escapeAll(result.Diagnostics)
			return result
		})
	}
	return resp, err
}

func (s printable) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	resp, err := s.framework.ValidateActionConfig(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	resp, err := s.framework.PlanAction(ctx, req)
	if err == nil {
		escapeAll(resp.Diagnostics)
	}
	return resp, err
}

func (s printable) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	resp, err := s.framework.InvokeAction(ctx, req)
	if err == nil {
		resp.Events = changed(resp.Events, func(event tfprotov6.InvokeActionEvent) tfprotov6.InvokeActionEvent {
			switch what := event.Type.(type) {
			case tfprotov6.ProgressInvokeActionEventType:
				event.Type = tfprotov6.ProgressInvokeActionEventType{Message: escape.Line(what.Message)}
			case tfprotov6.CompletedInvokeActionEventType:
				escapeAll(what.Diagnostics)
			}
			return event
		})
	}
	return resp, err
}
