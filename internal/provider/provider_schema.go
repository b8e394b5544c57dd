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
		MarkdownDescription: "Keeps local files as objects in Alibaba Cloud Object Storage Service (OSS), " +
			"with uploads that survive interruption: whatever stops `terraform apply`, the next one sends only what OSS " +
			"does not hold yet.\n\n" +
			"Arguments and environment variables have the names that the `alicloud` provider uses. An argument wins over " +
			"its environment variables, unless it is empty.",
		Attributes: merged(credentialAttributes(), connectionAttributes(), uploadAttributes()),
		Blocks: map[string]schema.Block{
			"assume_role":           assumeRoleBlock(),
			"assume_role_with_oidc": assumeRoleWithOIDCBlock(),
			"endpoints":             endpointsBlock(),
		},
	}
}

// merged is one map of several, which have no name in common.
func merged(groups ...map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for _, group := range groups {
		maps.Copy(all, group)
	}
	return all
}

// uploadAttributes are what every upload does unless its resource says else.
func uploadAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"checkpoint_dir": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Directory that remembers unfinished uploads and the hashes of files that did not change. " +
				"It is made when absent, readable only by its owner, and holds no credentials. In CI, put it on storage that " +
				"outlives the job, or an interrupted upload has to be found again in OSS. A leading `~` is the home directory. " +
				"Default: `terraform-provider-ossresumable` in the user's cache directory. " +
				environment([]string{checkpointDirVariable}),
		},
		"part_size": schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{isPartSize()},
			MarkdownDescription: partSizeText + " Every resource may override it.",
		},
		"parallelism": schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{isParallelism()},
			MarkdownDescription: parallelismText + " Every resource may override it.",
		},
		"multipart_threshold": schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{isMultipartThreshold()},
			MarkdownDescription: multipartThresholdText + " Every resource may override it.",
		},
		"traffic_limit": schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{isTrafficLimit()},
			MarkdownDescription: trafficLimitText + " Every resource may override it.",
		},
		"max_parallel_parts": schema.Int64Attribute{
			Optional:   true,
			Validators: []validator.Int64{atLeast(1)},
			MarkdownDescription: "Parts in flight of all resources of this provider configuration together. Terraform applies " +
				"ten resources at once unless `-parallelism` says otherwise, and each sends `parallelism` parts at once; this " +
				"bounds the product. Default: 32.",
		},
	}
}

// environment is the sentence about variables that ends a description.
func environment(variables []string) string {
	if len(variables) == 1 {
		return fmt.Sprintf("Environment: `%s`.", variables[0])
	}
	return fmt.Sprintf("Environment, first set wins: `%s`.", strings.Join(variables, "`, `"))
}
