// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// read reads a data source; attributes that config does not name are null.
func (s *server) read(name string, config map[string]tftypes.Value) (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
	s.Helper()
	schema, err := s.GetProviderSchema(s.Context(), &tfprotov6.GetProviderSchemaRequest{})
	s.check(err, schema.Diagnostics)
	typ := schema.DataSourceSchemas[name].ValueType().(tftypes.Object)
	resp, err := s.ReadDataSource(s.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: s.dynamic(filled(typ, config))})
	s.check(err, nil)
	return s.takenApart(resp.State, typ), resp.Diagnostics
}

func (s *server) mustRead(name string, config map[string]tftypes.Value) map[string]tftypes.Value {
	s.Helper()
	attributes, diags := s.read(name, config)
	s.check(nil, diags)
	return attributes
}

// takenApart returns the attributes of an object; nil is null.
func (s *server) takenApart(object *tfprotov6.DynamicValue, typ tftypes.Object) map[string]tftypes.Value {
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
