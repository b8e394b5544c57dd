// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Command local stands in for the provider hashicorp/local, which a test
// without a network cannot have: one resource, local_file, with the arguments
// that our examples use.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return local{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/hashicorp/local"})
	if err != nil {
		log.Fatal(err)
	}
}

type local struct{}

func (local) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "local"
}
func (local) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (local) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (local) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (local) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return file{} }}
}

// file is local_file: a change of it makes another one.
type file struct{}

type model struct {
	Filename types.String `tfsdk:"filename"`
	Content  types.String `tfsdk:"content"`
	SHA256   types.String `tfsdk:"content_sha256"`
}

func (file) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "local_file"
}

func (file) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"filename":       schema.StringAttribute{Required: true, PlanModifiers: replace},
		"content":        schema.StringAttribute{Required: true, PlanModifiers: replace},
		"content_sha256": schema.StringAttribute{Computed: true},
	}}
}

func (file) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	name := m.Filename.ValueString()
	err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(m.Content.ValueString()), 0o600))
	if err != nil {
		resp.Diagnostics.AddError("Cannot write the file", err.Error())
		return
	}
	sum := sha256.Sum256([]byte(m.Content.ValueString()))
	m.SHA256 = types.StringValue(hex.EncodeToString(sum[:]))
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func (file) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var name string
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("filename"), &name)...)
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		resp.State.RemoveResource(ctx)
	}
}

func (file) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (file) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var name string
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("filename"), &name)...)
	if err := os.Remove(name); err != nil {
		resp.Diagnostics.AddError("Cannot remove the file", err.Error())
	}
}
