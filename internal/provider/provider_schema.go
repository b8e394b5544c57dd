// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func (p *ossresumableProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Uploads local files to Alibaba Cloud Object Storage Service (OSS) and manages the " +
			"objects. Uploads survive interruption: if `terraform apply` stops for any reason, the next apply sends " +
			"only the data that OSS does not hold yet.",
		Attributes: merged(credentialAttributes(), connectionAttributes(), uploadAttributes()),
		Blocks: map[string]schema.Block{
			"assume_role":           assumeRoleBlock(),
			"assume_role_with_oidc": assumeRoleWithOIDCBlock(),
			"endpoints":             endpointsBlock(),
		},
	}
}

// merged returns one map of several that have no keys in common.
func merged(groups ...map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for _, group := range groups {
		maps.Copy(all, group)
	}
	return all
}

// uploadAttributes are the defaults for the options of uploads. A resource can
// override most of them.
func uploadAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"checkpoint_dir": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Directory for checkpoints, which record unfinished uploads, and for the cached " +
				"hashes of files. The provider creates it if it does not exist, readable only by its owner. It holds " +
				"no credentials. In CI, put it on storage that outlives the job; otherwise the provider has to find an " +
				"interrupted upload in OSS. A leading `~` stands for the home directory. If other users may write to the " +
				"directory, as to many volumes of containers, the provider uses a folder in it that only its user can enter. " +
				"Defaults to `terraform-provider-ossresumable` in the cache directory of the user. If that cannot be used, as " +
				"in a container without a home directory, it is a folder in the temporary directory of the system, and the " +
				"plan warns. Content that is sent in one request (`multipart_threshold`) needs no directory. " +
				environment([]string{checkpointDirVariable}),
		},
		"part_size": schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{isPartSize()},
			MarkdownDescription: partSizeText + " A resource can override it.",
		},
		"parallelism": schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{isParallelism()},
			MarkdownDescription: parallelismText + " A resource can override it.",
		},
		"multipart_threshold": schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{isMultipartThreshold()},
			MarkdownDescription: multipartThresholdText + " A resource can override it.",
		},
		"traffic_limit": schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{isTrafficLimit()},
			MarkdownDescription: trafficLimitText + " A resource can override it.",
		},
		"max_parallel_parts": schema.Int64Attribute{
			Optional:   true,
			Validators: []validator.Int64{atLeast(1)},
			MarkdownDescription: "Maximum number of parts in flight for all resources of this provider configuration " +
				"together. By default Terraform applies ten resources at once, and each sends up to `parallelism` " +
				"parts at once. Defaults to `32`.",
		},
	}
}

// environment returns the last sentence of a description, about variables.
func environment(variables []string) string {
	if len(variables) == 1 {
		return fmt.Sprintf("Environment variable: `%s`.", variables[0])
	}
	return fmt.Sprintf("Environment variables, in order of precedence: `%s`.", strings.Join(variables, "`, `"))
}
