// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// maxRetries is far beyond what helps: with the longest waits, an hour.
const maxRetries = 200

// connectionAttributes say where OSS is, and the way there.
func connectionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"region": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Region of the buckets, such as `cn-hangzhou`. It is required, here, in the environment or in " +
				"`profile`, because requests are signed for it; there is no default. " + environment(regionVariables),
		},
		"endpoint": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Host of OSS, such as `oss-cn-hangzhou-internal.aliyuncs.com`, optionally with a scheme " +
				"and a port; no scheme means `https`. At an IP address buckets are addressed in the path. " +
				"Default: the public endpoint of `region`. " + environment(endpointVariables),
		},
		"use_internal_endpoint": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Use the internal endpoint of `region`, which is reached from within Alibaba Cloud only, in the same " +
				"region, and costs no traffic.",
		},
		"use_accelerate_endpoint": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Use the transfer acceleration endpoint, `oss-accelerate.aliyuncs.com`. The bucket must have transfer " +
				"acceleration enabled.",
		},
		"use_cname": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "`endpoint` is a domain bound to the bucket (CNAME). All resources of this provider configuration " +
				"are then in that bucket.",
		},
		"use_path_style": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Address buckets in the path, as `endpoint/bucket/key`. For gateways and private installations: " +
				"the public endpoints of OSS refuse it.",
		},
		"sign_version": schema.StringAttribute{
			Optional:            true,
			Validators:          []validator.String{oneOf("v4", "v1")},
			MarkdownDescription: "Version of OSS's request signature: `v4` (default), or `v1` for endpoints that do not know it.",
		},
		"request_payer": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{oneOf("requester")},
			MarkdownDescription: "Who pays for requests to the bucket of another account that has enabled pay-by-requester: " +
				"`requester`, the account of these credentials. OSS refuses requests to such a bucket without it. It is sent with " +
				"every request (`x-oss-request-payer`) and means nothing to other buckets.",
		},
		"proxy_url": schema.StringAttribute{
			Optional:  true,
			Sensitive: true,
			MarkdownDescription: "Proxy for requests to OSS and STS, such as `http://proxy.example.com:3128`, with the scheme `http`, " +
				"`https` or `socks5`. Default: what `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say. A variable of these that is not " +
				"the address of a proxy is an error.",
		},
		"insecure": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Do not verify the certificate of OSS. Whoever is on the way can then read and change what is sent. " +
				"For a private certificate authority, add it to the system's, or name its file in `SSL_CERT_FILE` " +
				"(all systems but macOS and Windows). STS is verified in any case.",
		},
		"max_retries": schema.Int64Attribute{
			Optional:   true,
			Validators: []validator.Int64{between(0, maxRetries)},
			MarkdownDescription: "How often a request that failed for the network or for OSS is repeated, with waits that grow to 20 " +
				"seconds. Of a part of an upload, only failures count during which no other part arrived. A request without " +
				"a body is repeated three times at most. Default: 8.",
		},
	}
}

func endpointsBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "Endpoints by service, as in `alicloud`.",
		Validators:          []validator.List{listvalidator.SizeAtMost(1)},
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"oss": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The same as `endpoint`.",
			},
			"sts": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Host of STS, optionally with a port and after `https://`. Default: the one of `region`. " +
					environment(stsVariables),
			},
		}},
	}
}
