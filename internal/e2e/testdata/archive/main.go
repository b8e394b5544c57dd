// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Command archive stands in for the provider hashicorp/archive, which a test without a
// network cannot have: one data source, archive_file, with the arguments that the guides
// use. Like the original, it writes the archive whenever it is read, and gives all
// entries the same time.
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return archive{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/hashicorp/archive"})
	if err != nil {
		log.Fatal(err)
	}
}

type archive struct{}

func (archive) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "archive"
}
func (archive) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (archive) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (archive) Resources(context.Context) []func() resource.Resource                              { return nil }
func (archive) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return file{} }}
}

// file is archive_file.
type file struct{}

type model struct {
	Type         types.String `tfsdk:"type"`
	SourceDir    types.String `tfsdk:"source_dir"`
	OutputPath   types.String `tfsdk:"output_path"`
	OutputSHA256 types.String `tfsdk:"output_sha256"`
}

func (file) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "archive_file"
}

func (file) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"type":          schema.StringAttribute{Required: true},
		"source_dir":    schema.StringAttribute{Required: true},
		"output_path":   schema.StringAttribute{Required: true},
		"output_sha256": schema.StringAttribute{Computed: true},
	}}
}

func (file) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	packed, err := pack(m.SourceDir.ValueString())
	if err == nil {
		err = os.WriteFile(m.OutputPath.ValueString(), packed, 0o600)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot write the archive", err.Error())
		return
	}
	sum := sha256.Sum256(packed)
	m.OutputSHA256 = types.StringValue(hex.EncodeToString(sum[:]))
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// pack returns a zip file of the files in dir.
func pack(dir string) ([]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, entry := range entries {
		content, err := os.ReadFile(dir + "/" + entry.Name())
		if err != nil {
			return nil, err
		}
		out, err := w.Create(entry.Name())
		if err != nil {
			return nil, err
		}
		if _, err := out.Write(content); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return packed.Bytes(), err
}
