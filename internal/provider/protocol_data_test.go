// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// read reads a data source. Attributes that are not in config are null.
func (s *server) read(name string, config map[string]tftypes.Value) (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
	s.Helper()
	schema, err := s.GetProviderSchema(s.Context(), &tfprotov6.GetProviderSchemaRequest{})
	s.check(err, schema.Diagnostics)
	typ := schema.DataSourceSchemas[name].ValueType().(tftypes.Object)
	resp, err := s.ReadDataSource(s.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: s.dynamic(filled(typ, config))})
	s.check(err, nil)
	return s.attributesOf(resp.State, typ), resp.Diagnostics
}

func (s *server) mustRead(name string, config map[string]tftypes.Value) map[string]tftypes.Value {
	s.Helper()
	attributes, diags := s.read(name, config)
	s.check(nil, diags)
	return attributes
}

// attributesOf returns the attributes of an object, or nil for null.
func (s *server) attributesOf(object *tfprotov6.DynamicValue, typ tftypes.Object) map[string]tftypes.Value {
	s.Helper()
	if object == nil {
		return nil
	}
	value, err := object.Unmarshal(typ)
	s.check(err, nil)
	var attributes map[string]tftypes.Value
	s.check(value.As(&attributes), nil)
	return attributes
}

// actions returns the methods for actions, which tfprotov6.ProviderServer does not include.
func (s *server) actions() tfprotov6.ActionServer { return s.ProviderServer.(tfprotov6.ActionServer) }

// invoke validates, plans and invokes an action, as Terraform does. It returns
// the progress lines.
func (s *server) invoke(ctx context.Context, name string, config map[string]tftypes.Value) ([]string, []*tfprotov6.Diagnostic) {
	s.Helper()
	schema, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	s.check(err, schema.Diagnostics)
	encoded := s.dynamic(filled(schema.ActionSchemas[name].Schema.ValueType().(tftypes.Object), config))
	valid, err := s.actions().ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: encoded})
	s.check(err, nil)
	if len(valid.Diagnostics) > 0 {
		return nil, valid.Diagnostics
	}
	planned, err := s.actions().PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: name, Config: encoded})
	s.check(err, planned.Diagnostics)
	stream, err := s.actions().InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: name, Config: encoded})
	s.check(err, nil)

	var lines []string
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			lines = append(lines, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			return lines, event.Diagnostics
		}
	}
	s.Fatal("the action has not completed")
	return nil, nil
}
