// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var (
	_ datasource.DataSource              = (*incompleteUploadsDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*incompleteUploadsDataSource)(nil)
)

type incompleteUploadsDataSource struct {
	service *service
}

func newIncompleteUploadsDataSource() datasource.DataSource { return &incompleteUploadsDataSource{} }

func (d *incompleteUploadsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_incomplete_uploads"
}

func (d *incompleteUploadsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.service, _ = req.ProviderData.(*service)
}

func (d *incompleteUploadsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists multipart uploads that were neither completed nor aborted, no matter which tool started " +
			"them. OSS stores and bills their parts, and a bucket that has any cannot be deleted. An interrupted upload of " +
			"`ossresumable_object` is listed until the next apply completes it.\n\n" +
			"One request reads 1000 uploads. More than 100000 are an error: use a longer `prefix`. The RAM policy must allow " +
			"`oss:ListMultipartUploads` on the bucket. To abort the uploads, use the action `ossresumable_abort_incomplete_uploads`.",
		Attributes: map[string]schema.Attribute{
			"bucket": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{isBucket()},
				MarkdownDescription: "Name of the bucket.",
			},
			"prefix": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{isPrefix()},
				MarkdownDescription: "Prefix of the keys to list. Defaults to the whole bucket.",
			},
			"older_than": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{isAge(0)},
				MarkdownDescription: "Lists only uploads that were initiated longer ago than this, such as `168h` for a week. The units " +
					"are `h`, `m` and `s`. An old upload may still be running. Defaults to all uploads.",
			},
			"uploads": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The uploads, sorted by key.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"key": schema.StringAttribute{
						Computed: true, MarkdownDescription: "Key of the object that the upload is for.",
					},
					"upload_id": schema.StringAttribute{
						Computed: true, MarkdownDescription: "ID of the upload. One key can have several uploads.",
					},
					"initiated": schema.StringAttribute{
						Computed: true, MarkdownDescription: "Time at which the upload was initiated, in RFC 3339 format and UTC.",
					},
					"storage_class": schema.StringAttribute{
						Computed: true, MarkdownDescription: "Storage class of the object to be created, or null if OSS does not report it.",
					},
				}},
			},
		},
	}
}

type incompleteUploadsModel struct {
	Bucket    types.String            `tfsdk:"bucket"`
	Prefix    types.String            `tfsdk:"prefix"`
	OlderThan types.String            `tfsdk:"older_than"`
	Uploads   []incompleteUploadModel `tfsdk:"uploads"`
}

type incompleteUploadModel struct {
	Key          types.String `tfsdk:"key"`
	UploadID     types.String `tfsdk:"upload_id"`
	Initiated    types.String `tfsdk:"initiated"`
	StorageClass types.String `tfsdk:"storage_class"`
}

func (d *incompleteUploadsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data incompleteUploadsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	resp.Diagnostics.Append(d.service.checkReady()...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := withTimeout(ctx, requestTimeout)
	defer cancel()

	of := resumable.Object{Bucket: data.Bucket.ValueString(), Key: data.Prefix.ValueString()}
	uploads, err := d.service.incompleteUploads(ctx, of, age(data.OlderThan))
	if err != nil {
		resp.Diagnostics.Append(listingUploads(of).diagnose(ctx, err))
		return
	}
	data.Uploads = []incompleteUploadModel{} // not null
	for _, upload := range uploads {
		data.Uploads = append(data.Uploads, incompleteUploadModel{
			Key:          types.StringValue(upload.Key),
			UploadID:     types.StringValue(upload.UploadID),
			Initiated:    types.StringValue(upload.Initiated.UTC().Format(time.RFC3339)),
			StorageClass: stringOrNull(upload.StorageClass),
		})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// incompleteUploads lists the uploads under a prefix that were initiated longer
// ago than olderThan, by the clock of OSS if it is known.
func (s *service) incompleteUploads(ctx context.Context, of resumable.Object, olderThan time.Duration) ([]ossclient.IncompleteUpload, error) {
	var uploads []ossclient.IncompleteUpload
	for upload, err := range s.client.IncompleteUploads(ctx, of.Bucket, of.Key) {
		if err != nil {
			return nil, err
		}
		if s.client.Now().Sub(upload.Initiated) > olderThan || olderThan == 0 {
			uploads = append(uploads, upload)
		}
	}
	return uploads, nil
}

func listingUploads(of resumable.Object) attempt {
	return request("Listing incomplete uploads", of, "oss:ListMultipartUploads on the bucket")
}
