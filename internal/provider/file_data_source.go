// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"io/fs"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var (
	_ datasource.DataSource              = (*fileDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*fileDataSource)(nil)
)

// fileDataSource sends no requests, so it needs only the checkpoint directory of the
// provider, for the hash cache.
type fileDataSource struct {
	service *service
}

func newFileDataSource() datasource.DataSource { return &fileDataSource{} }

func (d *fileDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_file"
}

func (d *fileDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.service, _ = req.ProviderData.(*service)
}

type fileModel struct {
	Path        types.String `tfsdk:"path"`
	SHA256      types.String `tfsdk:"sha256"`
	CRC64       types.String `tfsdk:"crc64"`
	Size        types.Int64  `tfsdk:"size"`
	ContentType types.String `tfsdk:"content_type"`
}

func (d *fileDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the checksums and the size of a local file. It does not load the file into memory, and reads a large " +
			"file only if it has changed. With `depends_on`, Terraform reads the data source after the resource that builds the file.\n\n" +
			"A file that does not exist gives null values and a warning, so that a plan and a destroy work on a machine that did not " +
			"build the file.",
		Attributes: map[string]schema.Attribute{
			"path": schema.StringAttribute{
				Required:   true,
				Validators: []validator.String{notEmpty()},
				MarkdownDescription: "Path of a regular file, or of a link to one. A relative path is relative to the working directory of " +
					"Terraform, so write `\"${path.module}/file\"` in a module. A leading `~` stands for the home directory.",
			},
			"sha256": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "SHA-256 of the file, as 64 lowercase hexadecimal digits, for `source_hash` of `ossresumable_object`.",
			},
			"crc64": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "CRC-64 (ECMA) of the file as a decimal number, as OSS reports it in `x-oss-hash-crc64ecma`.",
			},
			"size": schema.Int64Attribute{Computed: true, MarkdownDescription: "Size of the file in bytes."},
			"content_type": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Content type for the extension of `path`, from the table that `ossresumable_object` uses. It is not " +
					"null if the file does not exist.",
			},
		},
	}
}

func (d *fileDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data fileModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var cache string
	if d.service != nil {
		cache = d.service.defaults.CheckpointDir
	}
	fp, uncached, err := resumable.FingerprintSource(ctx, data.Path.ValueString(), cache)
	resp.Diagnostics.Append(fileDiagnostics(err, uncached)...)
	if err == nil {
		found := fingerprinted(fp)
		data.SHA256, data.CRC64, data.Size = found.SourceHash, found.CRC64, found.ContentLength
	}
	data.ContentType = types.StringValue(contentTypeOf(data.Path.ValueString()))
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// fileDiagnostics explains why a file could not be read, or why its hash could not be
// cached.
func fileDiagnostics(err, uncached error) (diags diag.Diagnostics) {
	argument := path.Root("path")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		diags.Append(warningAt(argument, "File does not exist", escape.Sprintf("%v\n\nIts checksums and its size are null. If another "+
			"resource builds the file, set depends_on to that resource. On a machine that did not build the file, no action is needed.", err)))
	case err != nil:
		diags.Append(errorAt(argument, "File cannot be read", unreadable(err)+"."))
	case uncached != nil:
		diags.Append(warningAt(argument, "Every plan reads the whole file", escape.Sprintf("%v\n\nThe hash of the file cannot be cached. Make "+
			"the directory writable for the user that runs Terraform and for no other user, or set checkpoint_dir in the provider block.", uncached)))
	}
	return diags
}
