// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	fwaction "github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var (
	_ fwaction.Action              = (*abortAction)(nil)
	_ fwaction.ActionWithConfigure = (*abortAction)(nil)
)

// minAbortAge protects uploads that have just started. It is much longer than
// the difference between the clocks of OSS and of this machine can be.
const minAbortAge = time.Hour

// maxNamedFailures limits the uploads that one error lists.
const maxNamedFailures = 20

type abortAction struct {
	service *service
}

func newAbortAction() fwaction.Action { return &abortAction{} }

func (a *abortAction) Metadata(_ context.Context, req fwaction.MetadataRequest, resp *fwaction.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_abort_incomplete_uploads"
}

func (a *abortAction) Configure(_ context.Context, req fwaction.ConfigureRequest, _ *fwaction.ConfigureResponse) {
	a.service, _ = req.ProviderData.(*service)
}

func (a *abortAction) Schema(_ context.Context, _ fwaction.SchemaRequest, resp *fwaction.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Aborts old multipart uploads that were neither completed nor aborted, no matter which tool started " +
			"them. OSS then deletes their parts, which it stores and bills until then. Objects are not affected. The data source " +
			"`ossresumable_incomplete_uploads` with the same arguments lists the uploads that the action would abort.\n\n" +
			"Requires Terraform 1.14 or later. The RAM policy must allow `oss:ListMultipartUploads` on the bucket and " +
			"`oss:AbortMultipartUpload` on the objects. If some uploads cannot be aborted, the action aborts the others and returns " +
			"one error that names the remaining ones.",
		Attributes: map[string]schema.Attribute{
			"bucket": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{isBucket()},
				MarkdownDescription: "Name of the bucket.",
			},
			"prefix": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{isPrefix()},
				MarkdownDescription: "Prefix of the keys. Use `\"\"` for the whole bucket.",
			},
			"older_than": schema.StringAttribute{
				Required:   true,
				Validators: []validator.String{isAge(minAbortAge)},
				MarkdownDescription: "Aborts only uploads that were initiated longer ago than this, such as `168h` for a week. The " +
					"minimum is `1h`. The units are `h`, `m` and `s`.",
			},
		},
	}
}

type abortModel struct {
	Bucket    types.String `tfsdk:"bucket"`
	Prefix    types.String `tfsdk:"prefix"`
	OlderThan types.String `tfsdk:"older_than"`
}

func (a *abortAction) Invoke(ctx context.Context, req fwaction.InvokeRequest, resp *fwaction.InvokeResponse) {
	var config abortModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(a.service.checkReady()...)
	if resp.Diagnostics.HasError() {
		return
	}
	of := resumable.Object{Bucket: config.Bucket.ValueString(), Key: config.Prefix.ValueString()}
	uploads, err := a.service.incompleteUploads(ctx, of, max(age(config.OlderThan), minAbortAge))
	if err != nil {
		resp.Diagnostics.Append(listingUploads(of).diagnose(ctx, err))
		return
	}
	say := progressOf(ctx, resp)
	if len(uploads) == 0 {
		say(escape.Sprintf("no incomplete uploads to abort: none under %v is older than %s", of, config.OlderThan.ValueString()))
		return
	}
	aborted, failures := a.abort(ctx, of.Bucket, uploads, say)
	if len(failures) > 0 {
		resp.Diagnostics.Append(notAborted(ctx, of, aborted, len(uploads), failures))
	}
}

// abort continues after a failure, until ctx is done.
func (a *abortAction) abort(ctx context.Context, bucket string, uploads []ossclient.IncompleteUpload, say func(escape.Text)) (aborted int, failures []error) {
	for i, upload := range uploads {
		if err := ctx.Err(); err != nil {
			return aborted, append(failures, fmt.Errorf("%d uploads not attempted: %w", len(uploads)-i, err))
		}
		obj := resumable.Object{Bucket: bucket, Key: upload.Key}
		err := a.service.uploader.Abort(ctx, obj, upload.UploadID, a.service.defaults.CheckpointDir)
		outcome := escape.Text("aborted")
		switch {
		case err == nil:
			aborted++
		case errors.Is(err, resumable.ErrCheckpointLocked):
			outcome = "skipped active upload"
		default:
			outcome = "could not abort"
			failures = append(failures, err)
		}
		say(escape.Sprintf("%s %d of %d: %s", outcome, i+1, len(uploads), upload.Key))
	}
	return aborted, failures
}

// notAborted is one error for all failures. Its advice is that for the first.
func notAborted(ctx context.Context, of resumable.Object, aborted, all int, failures []error) diag.Diagnostic {
	lines := []escape.Text{escape.Sprintf("%d of %d uploads were aborted. These were not:\n", aborted, all)}
	for _, err := range failures[:min(len(failures), maxNamedFailures)] {
		lines = append(lines, escape.Sprintf("  %v", err))
	}
	if more := len(failures) - maxNamedFailures; more > 0 {
		lines = append(lines, escape.Sprintf("  and %d more", more))
	}
	why := request("Aborting incomplete uploads", of, "oss:AbortMultipartUpload on the objects").explain(ctx, failures[0])
	lines = append(lines, "\n"+why.next)
	return errorAt(path.Empty(), "Incomplete uploads remain", escape.Join(lines, "\n"))
}
