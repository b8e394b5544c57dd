// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var _ resource.ResourceWithImportState = (*objectResource)(nil)

// ImportState sets the name of the object. Terraform then calls Read for the rest.
func (r *objectResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	obj, diags := importedObject(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(setAdopted(ctx, &resp.State, resp.Identity, obj)...)
	resp.Diagnostics.Append(ownership{Imported: true}.keepIn(ctx, resp.Private)...)
}

// importedObject returns the object of "terraform import" or an import block, from
// an ID or, with Terraform 1.12 and later, an identity.
func importedObject(ctx context.Context, req resource.ImportStateRequest) (obj resumable.Object, diags diag.Diagnostics) {
	if req.ID != "" || req.Identity == nil || req.Identity.Raw.IsNull() {
		obj, err := parseImportID(req.ID)
		if err != nil {
			diags.Append(errorAt(path.Empty(), "Invalid import ID", escape.Sprintf("%v.", err)))
		}
		return obj, diags
	}
	var identity objectIdentity
	diags.Append(req.Identity.Get(ctx, &identity)...)
	obj = resumable.Object{Bucket: identity.Bucket.ValueString(), Key: identity.Key.ValueString()}
	if err := checkObject(obj); err != nil && !diags.HasError() {
		diags.Append(errorAt(path.Empty(), "Invalid import identity", escape.Sprintf("%v.", err)))
	}
	return obj, diags
}

// adoptedState is a new state of an import, a takeover or a list.
type adoptedState interface {
	SetAttribute(ctx context.Context, path path.Path, value any) diag.Diagnostics
}

// setAdopted starts the state of an object that the provider did not create: it sets
// the name, and the arguments that OSS does not store.
func setAdopted(ctx context.Context, state adoptedState, identity *tfsdk.ResourceIdentity, obj resumable.Object) (diags diag.Diagnostics) {
	diags.Append(state.SetAttribute(ctx, path.Root("id"), shownID(obj))...)
	diags.Append(state.SetAttribute(ctx, path.Root("bucket"), obj.Bucket)...)
	diags.Append(state.SetAttribute(ctx, path.Root("key"), obj.Key)...)
	diags.Append(state.SetAttribute(ctx, path.Root("forbid_overwrite"), false)...)
	diags.Append(state.SetAttribute(ctx, path.Root("deletion_policy"), policyDelete)...)
	diags.Append(identity.Set(ctx, objectIdentity{types.StringValue(obj.Bucket), types.StringValue(obj.Key)})...)
	return diags
}

// checkObject validates a bucket and a key that do not come from the arguments of a
// resource, by the same rules.
func checkObject(obj resumable.Object) error {
	if !bucketPattern.MatchString(obj.Bucket) {
		return fmt.Errorf("the bucket %q is not valid: it %s", obj.Bucket, bucketRule)
	}
	if err := checkKey(obj.Key); err != nil {
		return fmt.Errorf("the key %q is not valid: it %w", obj.Key, err)
	}
	return nil
}

// shownID returns the attribute id. Terraform prints it without escaping, as in
// "Creation complete after 1s [id=bucket/key]".
func shownID(obj resumable.Object) string { return escape.Line(importID(obj)) }

func importID(obj resumable.Object) string { return obj.Bucket + "/" + obj.Key }

// parseImportID parses bucket/key and oss://bucket/key. The key is everything after
// the first slash, including slashes and percent signs.
func parseImportID(id string) (resumable.Object, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(id, "oss://"), "/")
	if !bucketPattern.MatchString(bucket) || key == "" {
		return resumable.Object{}, fmt.Errorf("%q does not name an object. "+
			"Use bucket/key or oss://bucket/key, such as my-bucket/path/to/file.zip. The key is not decoded", id)
	}
	if err := checkKey(key); err != nil {
		return resumable.Object{}, fmt.Errorf("the key in %q %w", id, err)
	}
	return resumable.Object{Bucket: bucket, Key: key}, nil
}

// plainWord matches an argument that needs no quotes in sh, cmd and PowerShell. It
// begins with the name of a bucket.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9/._+:-]+$`)

// importHint ends a text about an object that already exists. Shells quote in
// different ways, so an ID that needs quotes is shown in an import block.
func importHint(obj resumable.Object) escape.Text {
	id := importID(obj)
	if plainWord.MatchString(id) {
		return escape.Sprintf("To manage the existing object, import it:\n\n  terraform import ADDRESS %s", id)
	}
	return escape.Sprintf("To manage the existing object, import it with this block in the configuration:\n\n"+
		"  import {\n    to = ADDRESS\n    id = %s\n  }", escape.HCL(id))
}

var _ resource.ResourceWithIdentity = (*objectResource)(nil)

// objectIdentity is the resource identity, which Terraform 1.12 and later stores
// beside the state: the name of the object, independent of the schema. It changes
// only with bucket and key. An older Terraform drops it, so the prior identity can
// be null at any time, and every method that returns a state sets it again.
type objectIdentity struct {
	Bucket types.String `tfsdk:"bucket"`
	Key    types.String `tfsdk:"key"`
}

func (r *objectResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"bucket": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "Name of the bucket.",
			},
			"key": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "Key of the object, as written, without decoding.",
			},
		},
	}
}

func (m *objectModel) identity() objectIdentity { return objectIdentity{m.Bucket, m.Key} }
