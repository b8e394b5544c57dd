// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// maxRetries is more than is useful: with the longest waits, an hour.
const maxRetries = 200

// connectionAttributes configure the endpoint of OSS and the connections to it.
func connectionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"region": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Region of the buckets, such as `cn-hangzhou`. Requests are signed for this region, " +
				"so there is no default: set it here, in the environment or in `profile`. " + environment(regionVariables),
		},
		"endpoint": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Host of OSS, such as `oss-cn-hangzhou-internal.aliyuncs.com`, with an optional " +
				"scheme and port. The scheme defaults to `https`. If the host is an IP address, the bucket is part of " +
				"the path. Defaults to the public endpoint of `region`. " + environment(endpointVariables),
		},
		"use_internal_endpoint": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Use the internal endpoint of `region`. It can be reached only from within Alibaba " +
				"Cloud in the same region, and its traffic is free.",
		},
		"use_accelerate_endpoint": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Use the transfer acceleration endpoint, `oss-accelerate.aliyuncs.com`. Transfer " +
				"acceleration must be enabled for the bucket.",
		},
		"use_cname": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Treat `endpoint` as a domain that is bound to the bucket (CNAME). All resources of " +
				"this provider configuration must then use that bucket.",
		},
		"use_path_style": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Send the bucket as part of the path, as in `endpoint/bucket/key`. Gateways and " +
				"private installations may need it. The public endpoints of OSS refuse it.",
		},
		"sign_version": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{oneOf("v4", "v1")},
			MarkdownDescription: "Version of the request signature. Valid values are `v4` and `v1`, for endpoints " +
				"that do not support `v4`. Defaults to `v4`.",
		},
		"request_payer": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{oneOf("requester")},
			MarkdownDescription: "Set to `requester` to pay for requests to a bucket of another account that has " +
				"pay-by-requester enabled. OSS refuses requests to such a bucket without it. It is sent with every " +
				"request (`x-oss-request-payer`) and has no effect on other buckets.",
		},
		"proxy_url": schema.StringAttribute{
			Optional:  true,
			Sensitive: true,
			MarkdownDescription: "Proxy for requests to OSS and STS, such as `http://proxy.example.com:3128`. The " +
				"scheme must be `http`, `https` or `socks5`. Defaults to the proxy that `HTTPS_PROXY`, `HTTP_PROXY` " +
				"and `NO_PROXY` select. One of these variables that is not the address of a proxy is an error.",
		},
		"insecure": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Do not verify the certificate of OSS. An attacker on the network can then read and " +
				"change the data. For a private certificate authority, add it to the trust store of the system or set " +
				"`SSL_CERT_FILE` to its file (not on macOS and Windows). The certificate of STS is always verified.",
		},
		"max_retries": schema.Int64Attribute{
			Optional:   true,
			Validators: []validator.Int64{between(0, maxRetries)},
			MarkdownDescription: "Number of times a request is retried after a network error or a temporary error of " +
				"OSS, with waits of up to 20 seconds, between `0` and `200`. For a part of an upload, the count starts " +
				"over whenever another part arrives. A request without a body is retried at most 3 times. Defaults to " +
				"`8`.",
		},
	}
}

func endpointsBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "Endpoints by service, as in the `alicloud` provider.",
		Validators:          []validator.List{listvalidator.SizeAtMost(1)},
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"oss": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Same as `endpoint`. Set only one of them.",
			},
			"sts": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Host of STS, with an optional port. It may begin with `https://`; the provider " +
					"always uses HTTPS. Defaults to the endpoint of `region`. " +
					environment(stsVariables),
			},
		}},
	}
}
