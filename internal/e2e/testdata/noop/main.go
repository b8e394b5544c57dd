// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Noop is a provider that does nothing, to measure what Terraform and the plugin
// framework take. What they take grows with the number of attributes: noop_few
// has those of HashiCorp's terraform-provider-scaffolding-framework, noop_many
// as many as ossresumable_object.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return noop{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/ossresumable/noop"})
	if err != nil {
		log.Fatal(err)
	}
}

type noop struct{}

func (noop) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "noop"
}

func (noop) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (noop) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (noop) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (noop) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return thing{"few", 0} },
		func() resource.Resource { return thing{"many", 32} },
	}
}

type thing struct {
	name string
	more int // attributes; every third is computed, as in ossresumable_object
}

func (t thing) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "noop_" + t.name
}

func (t thing) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"configurable_attribute": schema.StringAttribute{Optional: true},
		"defaulted":              schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString("example value")},
		"id":                     schema.StringAttribute{Computed: true, PlanModifiers: keep},
	}}
	for i := range t.more {
		if i%3 == 0 {
			resp.Schema.Attributes[fmt.Sprintf("computed_%d", i)] = schema.StringAttribute{Computed: true, PlanModifiers: keep}
		} else {
			resp.Schema.Attributes[fmt.Sprintf("optional_%d", i)] = schema.StringAttribute{Optional: true}
		}
	}
}

// Create makes the plan's unknown values known; the other methods keep what they get.
func (t thing) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), "example-id")...)
	for i := 0; i < t.more; i += 3 {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(fmt.Sprintf("computed_%d", i)), "example value")...)
	}
}

func (thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (thing) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (thing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
