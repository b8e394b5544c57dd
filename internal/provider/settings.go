// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/address"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient/credentials"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// The environment variables that replace arguments, in order of precedence. The names
// and their order are those of the alicloud provider, followed by those of the OSS SDKs
// and ossutil.
var (
	regionVariables   = []string{"ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "OSS_REGION"}
	endpointVariables = []string{"ALIBABA_CLOUD_ENDPOINT_OSS", "OSS_ENDPOINT"}
	stsVariables      = []string{"ALIBABA_CLOUD_ENDPOINT_STS", "STS_ENDPOINT"}
)

// providerModel is the provider block. An empty string counts as not set, because
// modules pass on the defaults of their variables.
type providerModel struct {
	AccessKey             types.String `tfsdk:"access_key"`
	SecretKey             types.String `tfsdk:"secret_key"`
	SecurityToken         types.String `tfsdk:"security_token"`
	Profile               types.String `tfsdk:"profile"`
	SharedCredentialsFile types.String `tfsdk:"shared_credentials_file"`
	CredentialsURI        types.String `tfsdk:"credentials_uri"`
	ECSRoleName           types.String `tfsdk:"ecs_role_name"`
	AssumeRoleWithOIDC    types.List   `tfsdk:"assume_role_with_oidc"`
	AssumeRole            types.List   `tfsdk:"assume_role"`

	Region                types.String `tfsdk:"region"`
	Endpoint              types.String `tfsdk:"endpoint"`
	Endpoints             types.List   `tfsdk:"endpoints"`
	UseInternalEndpoint   types.Bool   `tfsdk:"use_internal_endpoint"`
	UseAccelerateEndpoint types.Bool   `tfsdk:"use_accelerate_endpoint"`
	UseCNAME              types.Bool   `tfsdk:"use_cname"`
	UsePathStyle          types.Bool   `tfsdk:"use_path_style"`
	SignVersion           types.String `tfsdk:"sign_version"`
	RequestPayer          types.String `tfsdk:"request_payer"`
	ProxyURL              types.String `tfsdk:"proxy_url"`
	Insecure              types.Bool   `tfsdk:"insecure"`
	MaxRetries            types.Int64  `tfsdk:"max_retries"`

	CheckpointDir      types.String `tfsdk:"checkpoint_dir"`
	PartSize           types.Int64  `tfsdk:"part_size"`
	Parallelism        types.Int64  `tfsdk:"parallelism"`
	MultipartThreshold types.Int64  `tfsdk:"multipart_threshold"`
	TrafficLimit       types.Int64  `tfsdk:"traffic_limit"`
	MaxParallelParts   types.Int64  `tfsdk:"max_parallel_parts"`
}

type endpointsModel struct {
	OSS types.String `tfsdk:"oss"`
	STS types.String `tfsdk:"sts"`
}

// connectionUnknown reports whether an argument of the connection is still unknown.
func (m providerModel) connectionUnknown(ctx context.Context) bool {
	for _, v := range []attr.Value{
		m.AccessKey, m.SecretKey, m.SecurityToken, m.Profile, m.SharedCredentialsFile, m.CredentialsURI, m.ECSRoleName,
		m.AssumeRoleWithOIDC, m.AssumeRole,
		m.Region, m.Endpoint, m.Endpoints, m.UseInternalEndpoint, m.UseAccelerateEndpoint, m.UseCNAME, m.UsePathStyle,
		m.SignVersion, m.RequestPayer, m.ProxyURL, m.Insecure, m.MaxRetries, m.MaxParallelParts,
	} {
		if v.IsNull() {
			continue
		}
		if whole, err := v.ToTerraformValue(ctx); err != nil || !whole.IsFullyKnown() {
			return true
		}
	}
	return false
}

// connection is the endpoint of OSS and the credentials for it.
type connection struct {
	region      string
	endpoint    string    // "": an endpoint of the region
	endpointAt  path.Path // the argument that sets it; empty if a variable does
	signVersion string    // "": the default of the client
	proxy       *url.URL
	credentials credentials.Config
	method      string // the argument or variable that selects the credentials
}

func resolveConnection(ctx context.Context, args providerModel, getenv func(string) string) (connection, diag.Diagnostics) {
	endpoints, at, diags := only[endpointsModel](ctx, args.Endpoints, "endpoints")
	if endpoints == nil {
		endpoints = &endpointsModel{}
	}
	if args.Endpoint.ValueString() != "" && endpoints.OSS.ValueString() != "" {
		diags.Append(errorAt(at.AtName("oss"), "Conflicting endpoint arguments", "Both endpoint and endpoints.oss are set. They have the same meaning: remove one of them."))
	}
	conn := connection{
		region:      firstSet(args.Region.ValueString(), regionVariables, getenv),
		endpoint:    cmp.Or(args.Endpoint.ValueString(), endpoints.OSS.ValueString()),
		signVersion: args.SignVersion.ValueString(),
	}
	switch {
	case args.Endpoint.ValueString() != "":
		conn.endpointAt = path.Root("endpoint")
	case conn.endpoint != "":
		conn.endpointAt = at.AtName("oss")
	}
	// use_internal_endpoint and use_accelerate_endpoint take precedence over variables.
	if !args.UseInternalEndpoint.ValueBool() && !args.UseAccelerateEndpoint.ValueBool() {
		conn.endpoint = firstSet(conn.endpoint, endpointVariables, getenv)
	}
	if profile := namedProfile(args, getenv); conn.region == "" && profile != nil {
		conn.region, _ = profile.Region() // resolveCredentials reports the error
	}
	if conn.region == "" {
		diags.Append(errorAt(path.Root("region"), "Missing region",
			"The provider signs requests to OSS for a region and has no default for it. Set region in the provider block to the region "+
				"of the bucket, such as \"cn-hangzhou\", or set one of the environment variables "+
				escape.Sprint(strings.Join(regionVariables, ", "))+"."))
	}
	var proxyDiags, credentialDiags diag.Diagnostics
	conn.proxy, proxyDiags = parseProxy(args.ProxyURL.ValueString())
	conn.credentials, conn.method, credentialDiags = resolveCredentials(ctx, args, getenv)
	conn.credentials.Region, conn.credentials.Proxy = conn.region, conn.proxy
	conn.credentials.STSEndpoint = firstSet(endpoints.STS.ValueString(), stsVariables, getenv)
	if endpoint := conn.credentials.STSEndpoint; endpoint != "" {
		if err := credentials.CheckSTSEndpoint(endpoint); err != nil {
			diags.Append(addressError(at.AtName("sts"), endpoint, "Invalid endpoint of STS", escape.Sprintf(
				"The endpoint of STS %v. It is set by endpoints.sts or by %s. STS requires https, because its answers contain secrets.",
				err, strings.Join(stsVariables, " or "))))
		}
	}
	if err := address.CheckProxyVariables(getenv); err != nil && conn.proxy == nil {
		diags.Append(errorAt(path.Empty(), "Invalid proxy variable", escape.Sprintf("The environment variable %v. "+
			"The provider sends nothing, because requests would bypass the proxy. Correct the variable or unset it.", err)))
	}
	diags = append(append(diags, proxyDiags...), credentialDiags...)
	if !diags.HasError() {
		diags = append(diags, warnUnusedMethods(args, conn.method, getenv)...)
		diags = append(diags, warnWeakTLS(args, conn, getenv)...)
	}
	return conn, diags
}

// parseProxy does not repeat the address in its error, because the address may contain
// a password. The error does not point at the argument either, because Terraform would
// show the line.
func parseProxy(text string) (*url.URL, diag.Diagnostics) {
	if text == "" {
		return nil, nil
	}
	proxy, err := address.ParseProxy(text)
	if err == nil && !strings.Contains(text, "://") {
		err = errors.New("must begin with http://, https:// or socks5://")
	}
	if err != nil {
		return nil, diag.Diagnostics{errorAt(path.Empty(), "Invalid proxy", escape.Sprintf("proxy_url %v.", err))}
	}
	return proxy, nil
}

// addressError points at an argument, unless its address may contain a password or a
// token, because Terraform shows the line that an error points at.
func addressError(at path.Path, text string, summary, detail escape.Text) diag.Diagnostic {
	if strings.ContainsAny(text, "@?#") {
		at = path.Empty()
	}
	return errorAt(at, summary, detail)
}

// firstSet returns the argument if it is set, or else the first variable that is set.
func firstSet(argument string, variables []string, getenv func(string) string) string {
	for i := 0; argument == "" && i < len(variables); i++ {
		argument = getenv(variables[i])
	}
	return argument
}

// expandHome replaces a leading "~" by the user's home directory, as [source.Resolve]
// does for the argument source. If the user has no home directory, the path stays
// as it is, and opening the file fails with its name.
func expandHome(file string) string {
	if resolved, err := source.Resolve(file); err == nil {
		return resolved
	}
	return file
}
