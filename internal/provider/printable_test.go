// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// hostile is a name with control characters for a terminal: window title, clear screen,
// line break, right-to-left override, C1, and quotes for shells.
const hostile = "a\x1b]0;title\x07b\x1b[2J\r\nError: c\u202e\u009b2J\u200b'\"`$(touch x)\\"

// controlRunes are the runes of hostile that must not reach a terminal. The provider itself
// uses line breaks.
const controlRunes = "\x1b\x07\r\u202e\u009b\u200b"

// schemaOnly are the methods whose answers contain no text from outside.
var schemaOnly = []string{
	"GetMetadata", "GetProviderSchema", "GetResourceIdentitySchemas", "GetFunctions", "StopProvider",
	"ValidateEphemeralResourceConfig", "OpenEphemeralResource", "RenewEphemeralResource", "CloseEphemeralResource", // the provider has no ephemeral resources
}

// Every answer of the plugin framework is escaped before it goes to Terraform. The test
// calls every method of the protocol, so that it includes new ones.
func TestPrintable(t *testing.T) {
	server := reflect.ValueOf(printable{hostileFramework{}})
	asked := 0
	for i := range server.NumMethod() {
		name := server.Type().Method(i).Name
		if slices.Contains(schemaOnly, name) {
			continue
		}
		asked++
		var said strings.Builder
		results := server.Method(i).Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.Zero(server.Method(i).Type().In(1))})
		collect(&said, results[0])
		if !strings.Contains(said.String(), "title") {
			t.Errorf("%s said nothing", name)
		}
		if strings.ContainsAny(said.String(), controlRunes) {
			t.Errorf("%s says %q", name, said.String())
		}
	}
	t.Logf("methods asked: %d", asked)
	if asked < 19 {
		t.Errorf("only %d methods were asked", asked)
	}
}

// collect writes all texts of an answer.
func collect(to *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		to.WriteString(v.String())
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collect(to, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				collect(to, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			collect(to, v.Index(i))
		}
	case reflect.Func: // an iterator
		if v.Type().NumIn() == 1 && v.Type().CanSeq() && !v.IsNil() {
			for item := range v.Seq() {
				collect(to, item)
			}
		}
	}
}

// hostileFramework answers every method with hostile text.
type hostileFramework struct{ framework }

func answered[Response any]() (*Response, error) {
	resp := new(Response)
	reflect.ValueOf(resp).Elem().FieldByName("Diagnostics").Set(reflect.ValueOf(hostileDiagnostics()))
	return resp, nil
}

func hostileDiagnostics() []*tfprotov6.Diagnostic {
	return []*tfprotov6.Diagnostic{{Summary: hostile, Detail: fmt.Sprintf("%s\n%s", hostile, hostile)}}
}

func (hostileFramework) ValidateProviderConfig(context.Context, *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return answered[tfprotov6.ValidateProviderConfigResponse]()
}

func (hostileFramework) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return answered[tfprotov6.ConfigureProviderResponse]()
}

func (hostileFramework) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return answered[tfprotov6.ValidateResourceConfigResponse]()
}

func (hostileFramework) UpgradeResourceState(context.Context, *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return answered[tfprotov6.UpgradeResourceStateResponse]()
}

func (hostileFramework) ReadResource(context.Context, *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return answered[tfprotov6.ReadResourceResponse]()
}

func (hostileFramework) PlanResourceChange(context.Context, *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return answered[tfprotov6.PlanResourceChangeResponse]()
}

func (hostileFramework) ApplyResourceChange(context.Context, *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return answered[tfprotov6.ApplyResourceChangeResponse]()
}

func (hostileFramework) ImportResourceState(context.Context, *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return answered[tfprotov6.ImportResourceStateResponse]()
}

func (hostileFramework) MoveResourceState(context.Context, *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return answered[tfprotov6.MoveResourceStateResponse]()
}

func (hostileFramework) UpgradeResourceIdentity(context.Context, *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return answered[tfprotov6.UpgradeResourceIdentityResponse]()
}

func (hostileFramework) GenerateResourceConfig(context.Context, *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return answered[tfprotov6.GenerateResourceConfigResponse]()
}

func (hostileFramework) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return answered[tfprotov6.ValidateDataResourceConfigResponse]()
}

func (hostileFramework) ReadDataSource(context.Context, *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return answered[tfprotov6.ReadDataSourceResponse]()
}

func (hostileFramework) ValidateListResourceConfig(context.Context, *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return answered[tfprotov6.ValidateListResourceConfigResponse]()
}

func (hostileFramework) ValidateActionConfig(context.Context, *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return answered[tfprotov6.ValidateActionConfigResponse]()
}

func (hostileFramework) PlanAction(context.Context, *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return answered[tfprotov6.PlanActionResponse]()
}

func (hostileFramework) CallFunction(context.Context, *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	return &tfprotov6.CallFunctionResponse{Error: &tfprotov6.FunctionError{Text: hostile}}, nil
}

func (hostileFramework) ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	return &tfprotov6.ListResourceServerStream{Results: slices.Values([]tfprotov6.ListResourceResult{{
		DisplayName: hostile, Diagnostics: hostileDiagnostics(),
	}})}, nil
}

func (hostileFramework) InvokeAction(context.Context, *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{Events: slices.Values([]tfprotov6.InvokeActionEvent{
		{Type: tfprotov6.ProgressInvokeActionEventType{Message: hostile}},
		{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: hostileDiagnostics()}},
	})}, nil
}
