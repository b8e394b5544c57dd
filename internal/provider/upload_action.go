// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	fwaction "github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var (
	_ fwaction.Action              = (*uploadAction)(nil)
	_ fwaction.ActionWithConfigure = (*uploadAction)(nil)
)

// uploadAction sends the parts of an upload before the resource does. Terraform shows
// the progress of an action, but not that of a resource (hashicorp/terraform#17267).
type uploadAction struct {
	service *service
}

func newUploadAction() fwaction.Action { return &uploadAction{} }

func (a *uploadAction) Metadata(_ context.Context, req fwaction.MetadataRequest, resp *fwaction.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upload"
}

func (a *uploadAction) Configure(_ context.Context, req fwaction.ConfigureRequest, _ *fwaction.ConfigureResponse) {
	a.service, _ = req.ProviderData.(*service)
}

// uploadArguments are the arguments of the resource that the action has as well, and
// their values in m: everything that InitiateMultipartUpload fixes, so that the resource
// can complete the upload without a copy, and what decides how the file is sent.
func uploadArguments(m *objectModel) map[string]any {
	return map[string]any{
		"bucket": &m.Bucket, "key": &m.Key, "source": &m.Source,

		"content_type": &m.ContentType, "cache_control": &m.CacheControl, "content_disposition": &m.ContentDisposition,
		"content_encoding": &m.ContentEncoding, "content_language": &m.ContentLanguage, "expires": &m.Expires,
		"metadata": &m.Metadata, "tags": &m.Tags,
		"storage_class": &m.StorageClass, "server_side_encryption": &m.ServerSideEncryption,
		"server_side_data_encryption": &m.ServerSideDataEncryption, "kms_key_id": &m.KMSKeyID,

		"checkpoint_dir": &m.CheckpointDir, "part_size": &m.PartSize, "parallelism": &m.Parallelism,
		"multipart_threshold": &m.MultipartThreshold, "traffic_limit": &m.TrafficLimit,
	}
}

func (a *uploadAction) Schema(ctx context.Context, _ fwaction.SchemaRequest, resp *fwaction.SchemaResponse) {
	var object resource.SchemaResponse
	new(objectResource).Schema(ctx, resource.SchemaRequest{}, &object)
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends the parts of a file to OSS and shows the progress in the output of Terraform. It publishes nothing: " +
			"the resource `ossresumable_object` that triggers the action completes the upload and sends nothing again. The action sends " +
			"nothing if OSS already has the content of the file, or if the file is smaller than `multipart_threshold`.\n\nRequires " +
			"Terraform 1.14 or later. The resource works in the same way without the action, but Terraform does not show its progress.",
		Attributes: map[string]schema.Attribute{
			"triggers": schema.MapAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Values that the action itself ignores. Refer here to the resources that create the file. Before " +
					"Terraform 1.16, the action runs when everything that its own arguments refer to is complete, and does not wait for " +
					"what the resource depends on.",
			},
		},
	}
	for name := range uploadArguments(new(objectModel)) {
		resp.Schema.Attributes[name] = actionAttribute(name, object.Schema.Attributes[name])
	}
}

// actionAttribute is an argument of the resource in the schema of the action. Where the
// resource computes a value that is not set, so does the action.
func actionAttribute(name string, attribute resourceschema.Attribute) schema.Attribute {
	required := attribute.IsRequired() || name == "source"
	text := "The same value as in the resource."
	if !required {
		text = "The same value as in the resource, if it sets one."
	}
	switch attribute := attribute.(type) {
	case resourceschema.Int64Attribute:
		return schema.Int64Attribute{Required: required, Optional: !required, Validators: attribute.Validators, MarkdownDescription: text}
	case resourceschema.MapAttribute:
		return schema.MapAttribute{
			Required: required, Optional: !required, Validators: attribute.Validators, MarkdownDescription: text, ElementType: attribute.ElementType,
		}
	default:
		return schema.StringAttribute{
			Required: required, Optional: !required, Validators: attribute.(resourceschema.StringAttribute).Validators, MarkdownDescription: text,
		}
	}
}

// objectIn returns the object that the configuration of an action describes.
func objectIn(ctx context.Context, config tfsdk.Config) (m objectModel, diags diag.Diagnostics) {
	for name, value := range uploadArguments(&m) {
		diags.Append(config.GetAttribute(ctx, path.Root(name), value)...)
	}
	m.ContentType = planContentType(&m, &m)
	return m, diags
}

func (a *uploadAction) Invoke(ctx context.Context, req fwaction.InvokeRequest, resp *fwaction.InvokeResponse) {
	object, diags := objectIn(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(a.service.checkReady()...)
	if resp.Diagnostics.HasError() {
		return
	}
	say := progressOf(ctx, resp)
	request := object.request(a.service.defaults)
	request.Headers.Mark = resumable.NewMark()
	result, err := a.service.uploader.Prepare(ctx, request, func(p resumable.Progress) { say(escape.Sprint(p)) })
	if err != nil {
		resp.Diagnostics.Append(creating.of(&object).diagnose(ctx, err))
		return
	}
	resp.Diagnostics.Append(warnings(result)...)
	say(sentParts(request, result))
}

// sentParts is the last line that the action prints.
func sentParts(request resumable.Request, result resumable.Result) escape.Text {
	switch {
	case result.Stats.Adopted:
		return escape.Sprintf("%v already has the content of %s; nothing was sent", request.Object, request.Source)
	case result.Stats.Parts == 0:
		return escape.Sprintf("%s (%s) is smaller than multipart_threshold; the resource sends it in one request",
			request.Source, resumable.ByteSize(result.Fingerprint.Size))
	}
	return escape.Sprintf("OSS holds all %d parts of %v (%s); the resource completes the object",
		result.Stats.Parts, request.Object, transferred(result.Stats))
}
