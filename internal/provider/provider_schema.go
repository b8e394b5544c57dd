// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
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
		Attributes: map[string]schema.Attribute{
			"access_key": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "AccessKey ID. An ID, its secret and its token are always taken from the same place; " +
					"a pair of which only one half is set is an error. " + inEnvironment(credentialNames.idOf),
			},
			"secret_key": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "AccessKey secret. " + inEnvironment(credentialNames.secretOf),
			},
			"security_token": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				MarkdownDescription: "Security token, which temporary (STS) credentials have beside their ID and secret. " +
					inEnvironment(credentialNames.tokenOf),
			},
			"region": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Region of the buckets, such as `cn-hangzhou`. It is required, here or in the " +
					"environment, because requests are signed for it; there is no default. " + environment(regionVariables),
			},
			"endpoint": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Host of OSS, such as `oss-cn-hangzhou-internal.aliyuncs.com`, optionally with a scheme " +
					"and a port; no scheme means `https`. At an IP address buckets are addressed in the path. " +
					"Default: the public endpoint of `region`. " + environment(endpointVariables),
			},
			"sign_version": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf("v4", "v1")},
				MarkdownDescription: "Version of OSS's request signature: `v4` (default), or `v1` for endpoints that do not know it.",
			},
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
				Validators: []validator.Int64{int64validator.AtLeast(1)},
				MarkdownDescription: "Parts in flight of all resources of this provider configuration together. Terraform applies " +
					"ten resources at once unless `-parallelism` says otherwise, and each sends `parallelism` parts at once; this " +
					"bounds the product. Default: no bound.",
			},
		},
	}
}

func (n credentialNames) idOf() string     { return n.id }
func (n credentialNames) secretOf() string { return n.secret }
func (n credentialNames) tokenOf() string  { return n.token }

// inEnvironment names the variable of each credential family.
func inEnvironment(of func(credentialNames) string) string {
	var variables []string
	for _, names := range credentialVariables {
		variables = append(variables, of(names))
	}
	return environment(variables)
}

// environment is the sentence about variables that ends a description.
func environment(variables []string) string {
	if len(variables) == 1 {
		return fmt.Sprintf("Environment: `%s`.", variables[0])
	}
	return fmt.Sprintf("Environment, first set wins: `%s`.", strings.Join(variables, "`, `"))
}
