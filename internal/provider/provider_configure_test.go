// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// goodArguments are the arguments that a provider needs.
var goodArguments = map[string]tftypes.Value{
	"region": text("cn-hangzhou"), "access_key": text("id"), "secret_key": text("secret"), "checkpoint_dir": text("x"),
}

// configure configures a provider with goodArguments and others.
func configure(t *testing.T, others map[string]tftypes.Value) (*service, diag.Diagnostics) {
	t.Helper()
	p := New("test")()
	var schema provider.SchemaResponse
	p.Schema(t.Context(), provider.SchemaRequest{}, &schema)
	arguments := maps.Clone(goodArguments)
	maps.Copy(arguments, others)
	raw := filled(schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object), arguments)
	var resp provider.ConfigureResponse
	p.Configure(t.Context(), provider.ConfigureRequest{Config: tfsdk.Config{Schema: schema.Schema, Raw: raw}}, &resp)
	svc, _ := resp.ResourceData.(*service)
	return svc, resp.Diagnostics
}

// oneBlock returns a block with these arguments, as Terraform sends it.
func oneBlock(t *testing.T, name string, arguments map[string]tftypes.Value) tftypes.Value {
	t.Helper()
	var schema provider.SchemaResponse
	New("test")().Schema(t.Context(), provider.SchemaRequest{}, &schema)
	list := schema.Schema.Blocks[name].Type().TerraformType(t.Context()).(tftypes.List)
	return tftypes.NewValue(list, []tftypes.Value{filled(list.ElementType.(tftypes.Object), arguments)})
}

// With an argument that is known after apply, the provider creates no client, which could
// use the wrong server or credentials. That is not an error.
func TestConfigure_unknown(t *testing.T) {
	of := func(typ tftypes.Type) tftypes.Value { return tftypes.NewValue(typ, tftypes.UnknownValue) }
	for name, value := range map[string]tftypes.Value{
		"access_key": unknownValue, "secret_key": unknownValue, "security_token": unknownValue,
		"profile": unknownValue, "shared_credentials_file": unknownValue, "credentials_uri": unknownValue, "ecs_role_name": unknownValue,
		"region": unknownValue, "endpoint": unknownValue, "sign_version": unknownValue, "request_payer": unknownValue, "proxy_url": unknownValue,
		"use_internal_endpoint": of(tftypes.Bool), "use_accelerate_endpoint": of(tftypes.Bool), "use_cname": of(tftypes.Bool),
		"use_path_style": of(tftypes.Bool), "insecure": of(tftypes.Bool), "max_retries": of(tftypes.Number),
		"assume_role":           oneBlock(t, "assume_role", map[string]tftypes.Value{"role_arn": unknownValue}),
		"assume_role_with_oidc": oneBlock(t, "assume_role_with_oidc", map[string]tftypes.Value{"oidc_token_file": unknownValue}),
		"endpoints":             oneBlock(t, "endpoints", map[string]tftypes.Value{"sts": unknownValue}),
	} {
		svc, diags := configure(t, map[string]tftypes.Value{name: value})
		if len(diags) > 0 || svc == nil || svc.client != nil || svc.uploader != nil {
			t.Errorf("%s unknown: %v; a client was made: %t", name, diags, svc != nil && svc.client != nil)
		}
	}
	wholeBlock := of(tftypes.List{ElementType: oneBlock(t, "assume_role", nil).Type().(tftypes.List).ElementType})
	if svc, diags := configure(t, map[string]tftypes.Value{"assume_role": wholeBlock}); len(diags) > 0 || svc.client != nil {
		t.Errorf("a dynamic block that is unknown: %v", diags)
	}
	if svc, diags := configure(t, nil); len(diags) > 0 || svc.client == nil {
		t.Errorf("all known: %v", diags)
	}
}

func TestConfigure_endpoints(t *testing.T) {
	yes := boolean(true)
	for name, test := range map[string]struct {
		arguments map[string]tftypes.Value
		host      string
	}{
		"public":        {nil, "oss-cn-hangzhou.aliyuncs.com"},
		"internal":      {map[string]tftypes.Value{"use_internal_endpoint": yes}, "oss-cn-hangzhou-internal.aliyuncs.com"},
		"accelerate":    {map[string]tftypes.Value{"use_accelerate_endpoint": yes}, "oss-accelerate.aliyuncs.com"},
		"endpoint":      {map[string]tftypes.Value{"endpoint": text("http://oss.example.com:8080")}, "oss.example.com:8080"},
		"the block's":   {map[string]tftypes.Value{"endpoints": oneBlock(t, "endpoints", map[string]tftypes.Value{"oss": text("OSS.example.com")})}, "oss.example.com"},
		"of a bucket":   {map[string]tftypes.Value{"endpoint": text("files.example.com"), "use_cname": yes}, "files.example.com"},
		"path style":    {map[string]tftypes.Value{"endpoint": text("gateway.example.com"), "use_path_style": yes}, "gateway.example.com"},
		"said to be no": {map[string]tftypes.Value{"endpoint": text("a.example.com"), "use_internal_endpoint": boolean(false), "use_accelerate_endpoint": boolean(false)}, "a.example.com"},
	} {
		svc, diags := configure(t, test.arguments)
		if diags.HasError() {
			t.Errorf("%s: %v", name, diags)
		} else if got := svc.client.Endpoint(); got != test.host {
			t.Errorf("%s: got %s, want %s", name, got, test.host)
		}
	}
}

func TestConfigure_refuses(t *testing.T) {
	yes := boolean(true)
	for _, test := range []struct {
		arguments map[string]tftypes.Value
		at, says  string
	}{
		{map[string]tftypes.Value{"use_internal_endpoint": yes, "use_accelerate_endpoint": yes}, "use_accelerate_endpoint", "conflicts with use_internal_endpoint"},
		{map[string]tftypes.Value{"use_internal_endpoint": yes, "endpoint": text("x")}, "use_internal_endpoint", "conflicts with endpoint"},
		{map[string]tftypes.Value{"use_accelerate_endpoint": yes, "endpoint": text("x")}, "use_accelerate_endpoint", "conflicts with endpoint"},
		{map[string]tftypes.Value{"use_cname": yes}, "use_cname", "requires endpoint"},
		{map[string]tftypes.Value{"use_path_style": yes}, "use_path_style", "requires endpoint"},
		{map[string]tftypes.Value{"use_cname": yes, "use_path_style": yes, "endpoint": text("x")}, "use_path_style", "conflicts with use_cname"},
		{map[string]tftypes.Value{"endpoint": text("https://a/b")}, "endpoint", "must not contain a path"},
		{map[string]tftypes.Value{"region": text("Not a region")}, "region", "is not the ID of a region"},
	} {
		_, diags := configure(t, test.arguments)
		expectPaths(t, diags, []string{test.at}, test.says)
	}
}

// The schema refuses these arguments before a plan.
func TestValidateProvider_refuses(t *testing.T) {
	role := func(name string, value tftypes.Value) tftypes.Value {
		return oneBlock(t, "assume_role", map[string]tftypes.Value{name: value})
	}
	seconds := tftypes.NewAttributePath().WithAttributeName("assume_role").WithElementKeyInt(0).WithAttributeName("session_expiration")
	twoOf := func(block tftypes.Value) tftypes.Value {
		var blocks []tftypes.Value
		if err := block.As(&blocks); err != nil {
			t.Fatal(err)
		}
		return tftypes.NewValue(block.Type(), append(blocks, blocks...))
	}
	for _, test := range []struct {
		name  string
		value tftypes.Value
		at    *tftypes.AttributePath // nil: the path of the name
	}{
		{"assume_role", role("session_expiration", number(minSession-1)), seconds},
		{"assume_role", role("session_expiration", number(minSession)), nil},
		{"assume_role", role("session_expiration", number(maxSession)), nil},
		{"assume_role", role("session_expiration", number(maxSession+1)), seconds},
		{"assume_role", twoOf(role("role_arn", text("x"))), tftypes.NewAttributePath().WithAttributeName("assume_role")},
		{"max_retries", number(-1), tftypes.NewAttributePath().WithAttributeName("max_retries")},
		{"max_retries", number(0), nil},
		{"sign_version", text("v2"), tftypes.NewAttributePath().WithAttributeName("sign_version")},
	} {
		s := &server{T: t, ProviderServer: providerserver.NewProtocol6(New("test")())()}
		schema, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		s.check(err, schema.Diagnostics)
		arguments := maps.Clone(goodArguments)
		arguments[test.name] = test.value
		resp, err := s.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{
			Config: s.dynamic(filled(schema.Provider.ValueType().(tftypes.Object), arguments)),
		})
		s.check(err, nil)
		switch {
		case test.at == nil && len(resp.Diagnostics) > 0:
			t.Errorf("%s: %s", test.name, show(resp.Diagnostics))
		case test.at != nil && (len(resp.Diagnostics) != 1 || !resp.Diagnostics[0].Attribute.Equal(test.at)):
			t.Errorf("%s: want an error at %s: %s", test.name, test.at, show(resp.Diagnostics))
		}
	}
}

// max_retries is the number of retries of a refused request.
func TestConfigure_maxRetries(t *testing.T) {
	for _, retries := range []int64{0, 1} {
		w := newWorld(t)
		w.oss.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.Refuse(503, "ServiceUnavailable")})
		s := w.serve(map[string]tftypes.Value{"max_retries": number(retries)})
		s.planCreate(objectConfig(w.write("file", "hello")))
		if got := w.oss.Count(osstest.HeadObject); got != int(retries)+1 {
			t.Errorf("max_retries = %d: %d requests", retries, got)
		}
	}
}
