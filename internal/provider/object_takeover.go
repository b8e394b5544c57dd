// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var _ resource.ResourceWithMoveState = (*objectResource)(nil)

const alicloudObject = "alicloud_oss_bucket_object"

// alicloudSame are the attributes that alicloud_oss_bucket_object has with the same
// name, as strings, and with the same meaning
// (aliyun/terraform-provider-alicloud: resource_alicloud_oss_bucket_object.go).
var alicloudSame = []string{
	"source", "content", "acl", "content_type", "cache_control", "content_disposition", "content_encoding", "expires",
	"server_side_encryption", "kms_key_id", "etag", "version_id",
}

// MoveState takes over the object of an alicloud_oss_bucket_object. The SHA-256 of
// its content is not known, so the first plan compares the CRC-64, which Read finds.
// If it matches the source, nothing is sent.
func (r *objectResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: takeOverFromAlicloud}}
}

// takeOverFromAlicloud ignores other source types; the framework then reports that
// they are not supported. It decodes the JSON itself, so attributes that another
// version adds, removes or gives another type do not matter. Only the name of the
// object is required. Read sets the other attributes.
func takeOverFromAlicloud(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != alicloudObject || !isAlicloud(req.SourceProviderAddress) {
		return
	}
	source, obj, err := alicloudState(req.SourceRawState)
	if err != nil {
		resp.Diagnostics.Append(errorAt(path.Empty(), "Cannot take over "+alicloudObject, escape.Sprintf(
			"%s\n\nNothing was changed. Replace the moved block by a removed block with destroy = false, and import the object.",
			sentence(err))))
		return
	}
	resp.Diagnostics.Append(setAdopted(ctx, &resp.TargetState, resp.TargetIdentity, obj)...)
	resp.Diagnostics.Append(ownership{Imported: true}.keepIn(ctx, resp.TargetPrivate)...)
	for _, name := range alicloudSame {
		if value, ok := source[name].(string); ok && value != "" { // the SDK of alicloud stores "" for null
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), value)...)
		}
	}
	length, _ := source["content_length"].(string)
	if n, err := strconv.ParseInt(length, 10, 64); err == nil {
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("content_length"), n)...)
	}
}

// isAlicloud reports whether an address HOST/NAMESPACE/TYPE is that of alicloud. The
// host may be a mirror. Terraform 0.12 and upgrades from it use the namespace
// hashicorp.
func isAlicloud(address string) bool {
	_, name, _ := strings.Cut(address, "/")
	return name == "aliyun/alicloud" || name == "hashicorp/alicloud"
}

func alicloudState(raw *tfprotov6.RawState) (map[string]any, resumable.Object, error) {
	if raw == nil || raw.JSON == nil { // Terraform 0.11 wrote no JSON
		return nil, resumable.Object{}, errors.New("the state has no attributes")
	}
	var attributes map[string]any
	if err := json.Unmarshal(raw.JSON, &attributes); err != nil {
		return nil, resumable.Object{}, fmt.Errorf("the state cannot be read: %w", err)
	}
	var obj resumable.Object
	obj.Bucket, _ = attributes["bucket"].(string)
	obj.Key, _ = attributes["key"].(string)
	if err := checkObject(obj); err != nil {
		return nil, resumable.Object{}, fmt.Errorf("the state does not name an object: %w", err)
	}
	return attributes, obj, nil
}
