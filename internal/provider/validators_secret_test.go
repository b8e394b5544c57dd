// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// No error repeats the value of an argument. The test sets every argument of every block to
// invalid values. A user can mark any of them with sensitive(), and only Terraform knows it.
func TestValidators_repeatNoValue(t *testing.T) {
	const word, digits = "hunter2", "7654321"
	spoilt := map[string]func(tftypes.Type) tftypes.Value{
		"form": func(typ tftypes.Type) tftypes.Value { return spoil(typ, "Owner", "\n"+word+"\n", -7654321) },
		"name": func(typ tftypes.Type) tftypes.Value { return spoil(typ, "X:"+word+"\n", word, 7654321) },
		"length": func(typ tftypes.Type) tftypes.Value {
			return spoil(typ, "x:a", strings.Repeat(word, 2000), 9e18-7654321)
		},
		"date": func(typ tftypes.Type) tftypes.Value { return spoil(typ, "a", "2027-01-01T00:00:00.7654321Z", 7654321) },
		"url": func(typ tftypes.Type) tftypes.Value {
			return spoil(typ, "a", "https://u:"+word+"@x/%zz;ftp://"+word, 0)
		},
	}
	s := newWorld(t).serve(nil)
	schema, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	s.check(err, nil)

	type block struct {
		name     string
		typ      tftypes.Object
		validate func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic
	}
	blocks := []block{{"provider", schema.Provider.ValueType().(tftypes.Object), func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
		resp, err := s.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
		s.check(err, nil)
		return resp.Diagnostics
	}}}
	for name, resource := range schema.ResourceSchemas {
		blocks = append(blocks, block{name, resource.ValueType().(tftypes.Object), func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			resp, err := s.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: name, Config: config})
			s.check(err, nil)
			return resp.Diagnostics
		}})
	}
	for name, source := range schema.DataSourceSchemas {
		blocks = append(blocks, block{"data " + name, source.ValueType().(tftypes.Object), func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			resp, err := s.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})
			s.check(err, nil)
			return resp.Diagnostics
		}})
	}
	for name, list := range schema.ListResourceSchemas {
		blocks = append(blocks, block{"list " + name, list.ValueType().(tftypes.Object), func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			resp, err := s.ProviderServer.(framework).ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: name, Config: config})
			s.check(err, nil)
			return resp.Diagnostics
		}})
	}
	for name, action := range schema.ActionSchemas {
		blocks = append(blocks, block{"action " + name, action.Schema.ValueType().(tftypes.Object), func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			resp, err := s.ProviderServer.(framework).ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: config})
			s.check(err, nil)
			return resp.Diagnostics
		}})
	}

	refused := map[string]bool{}
	for _, b := range blocks {
		for argument, typ := range b.typ.AttributeTypes {
			for how, spoil := range spoilt {
				config := s.dynamic(filled(b.typ, map[string]tftypes.Value{argument: spoil(typ)}))
				for _, d := range b.validate(config) {
					text := d.Summary + d.Detail
					if strings.Contains(text, word) || strings.Contains(text, digits) {
						t.Errorf("%s, %s, %s: %s: %s", b.name, argument, how, d.Summary, d.Detail)
					}
					if d.Attribute != nil && strings.Contains(d.Attribute.String(), `"`+argument+`"`) {
						refused[b.name+" "+argument] = true
					}
				}
			}
		}
	}
	t.Logf("arguments that refuse something: %d: %s", len(refused), strings.Join(slices.Sorted(maps.Keys(refused)), ", "))
	if len(refused) < 40 {
		t.Error("that cannot be all of them")
	}
}

// spoil returns a value of a type with the same name, text and number throughout.
func spoil(typ tftypes.Type, name, text string, number int64) tftypes.Value {
	switch typ := typ.(type) {
	case tftypes.Map:
		return tftypes.NewValue(typ, map[string]tftypes.Value{name: spoil(typ.ElementType, name, text, number)})
	case tftypes.List:
		return tftypes.NewValue(typ, []tftypes.Value{spoil(typ.ElementType, name, text, number)})
	case tftypes.Object:
		values := map[string]tftypes.Value{}
		for attribute, attributeType := range typ.AttributeTypes {
			values[attribute] = spoil(attributeType, name, text, number)
		}
		return tftypes.NewValue(typ, values)
	}
	switch {
	case typ.Is(tftypes.String):
		return tftypes.NewValue(typ, text)
	case typ.Is(tftypes.Number):
		return tftypes.NewValue(typ, number)
	case typ.Is(tftypes.Bool):
		return tftypes.NewValue(typ, nil)
	}
	panic(fmt.Sprint("no value for ", typ))
}
