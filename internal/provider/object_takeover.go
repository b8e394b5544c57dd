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

// alicloudSame are the attributes that an alicloud_oss_bucket_object has under
// the same name, as text, and with the same meaning
// (aliyun/terraform-provider-alicloud: resource_alicloud_oss_bucket_object.go).
var alicloudSame = []string{
	"source", "content", "acl", "content_type", "cache_control", "content_disposition", "content_encoding", "expires",
	"server_side_encryption", "kms_key_id", "etag", "version_id",
}

// MoveState takes over the object of an alicloud_oss_bucket_object. Its bytes
// are not known to hash to anything, so the first plan compares their CRC-64,
// which Read finds, and none are sent when they are those of the source.
func (r *objectResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: takeOverFromAlicloud}}
}

// takeOverFromAlicloud leaves other sources alone; the framework says that they
// are not supported. It reads the JSON itself, so that attributes which another
// version adds, drops, or gives another type do no harm: only the name of the
// object must be there. What it does not set, Read does.
func takeOverFromAlicloud(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != alicloudObject || !isAlicloud(req.SourceProviderAddress) {
		return
	}
	source, obj, err := alicloudState(req.SourceRawState)
	if err != nil {
		resp.Diagnostics.Append(errorAt(path.Empty(), "State cannot be moved from "+alicloudObject, escape.Sprintf(
			"%s\n\nNothing was changed. Write a removed block with destroy = false in place of the moved block, and import the object.",
			err)))
		return
	}
	resp.Diagnostics.Append(setAdopted(ctx, &resp.TargetState, resp.TargetIdentity, obj)...)
	resp.Diagnostics.Append(ownership{Imported: true}.keepIn(ctx, resp.TargetPrivate)...)
	for _, name := range alicloudSame {
		if value, ok := source[name].(string); ok && value != "" { // its SDK writes "" for null
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), value)...)
		}
	}
	length, _ := source["content_length"].(string)
	if n, err := strconv.ParseInt(length, 10, 64); err == nil {
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("content_length"), n)...)
	}
}

// isAlicloud takes HOST/NAMESPACE/TYPE. The host may be a mirror; hashicorp is
// where Terraform 0.12 and its upgrades have put the provider.
func isAlicloud(address string) bool {
	_, name, _ := strings.Cut(address, "/")
	return name == "aliyun/alicloud" || name == "hashicorp/alicloud"
}

func alicloudState(raw *tfprotov6.RawState) (map[string]any, resumable.Object, error) {
	if raw == nil || raw.JSON == nil { // Terraform 0.11 wrote no JSON
		return nil, resumable.Object{}, errors.New("the state holds no attributes")
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
