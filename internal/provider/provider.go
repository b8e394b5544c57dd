// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"

	fwaction "github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient/credentials"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var (
	_ provider.Provider                  = (*ossresumableProvider)(nil)
	_ provider.ProviderWithListResources = (*ossresumableProvider)(nil)
	_ provider.ProviderWithActions       = (*ossresumableProvider)(nil)
	_ provider.ProviderWithFunctions     = (*ossresumableProvider)(nil)
)

// New returns the function that the plugin server calls for each provider instance.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &ossresumableProvider{version: version} }
}

type ossresumableProvider struct {
	version string
}

// service is what Configure passes to resources, data sources, lists and actions.
type service struct {
	defaults resumable.Options

	unusableDir     error // why the default checkpoint directory is a temporary one; nil: it is not
	warnedTemporary atomic.Bool

	// Both are nil while an argument of the provider block is unknown. This
	// happens only during a plan, if the argument comes from a resource that the
	// same apply creates.
	client   *ossclient.Client
	uploader *resumable.Uploader

	terminal terminal // shows what uploads do
	planned  plannedObjects
}

// checkReady returns an error if the provider is not configured yet.
func (s *service) checkReady() diag.Diagnostics {
	if s != nil && s.client != nil {
		return nil
	}
	return diag.Diagnostics{errorAt(path.Empty(), "Provider is not configured yet",
		"An argument of the provider \"ossresumable\" block is not known before the apply, so the provider cannot send requests to OSS "+
			"yet. Use values that are known at plan, or create the resources that they depend on in another configuration, which is "+
			"applied first. To plan without reading objects, use -refresh=false. A data source can be read during the apply with depends_on.")}
}

func (p *ossresumableProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "ossresumable"
	resp.Version = p.version
}

// Configure sends no requests to OSS, so that a plan without refresh works offline.
func (p *ossresumableProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var args providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &args)...)
	if resp.Diagnostics.HasError() {
		return
	}

	defaults, diags, unusable := uploadDefaults(args, os.Getenv, os.UserCacheDir)
	resp.Diagnostics.Append(diags...)
	svc := &service{defaults: defaults, unusableDir: unusable}
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = svc, svc, svc, svc
	if args.connectionUnknown(ctx) {
		return
	}

	conn, diags := resolveConnection(ctx, args, os.Getenv)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	var retries resumable.RetryPolicy
	if !args.MaxRetries.IsNull() {
		retries.Attempts = int(args.MaxRetries.ValueInt64()) + 1
	}
	log := slog.New(tflogHandler{})
	log.InfoContext(ctx, "credentials found", "method", conn.method, "assume_role", conn.credentials.AssumeRole != nil)
	client, err := ossclient.New(ossclient.Config{
		Endpoint:     conn.endpoint,
		Region:       conn.region,
		Internal:     args.UseInternalEndpoint.ValueBool(),
		Accelerate:   args.UseAccelerateEndpoint.ValueBool(),
		CNAME:        args.UseCNAME.ValueBool(),
		PathStyle:    args.UsePathStyle.ValueBool(),
		Proxy:        conn.proxy,
		Insecure:     args.Insecure.ValueBool(),
		Credentials:  credentials.New(conn.credentials),
		SignVersion:  conn.signVersion,
		RequestPayer: args.RequestPayer.ValueString(),
		UserAgent:    fmt.Sprintf("Terraform/%s terraform-provider-ossresumable/%s", req.TerraformVersion, p.version),
		Parallelism:  maxParallelParts(args),
		Retry:        retries,
		Log:          log,
	})
	if err != nil {
		resp.Diagnostics.Append(invalidArgument(err, conn.endpoint))
		return
	}
	terminal, diags := terminalWanted(ctx, os.Getenv)
	resp.Diagnostics.Append(diags...)
	svc.client, svc.terminal = client, terminal
	svc.uploader = resumable.New(resumable.Config{
		OSS:              client,
		Endpoint:         client.Endpoint(),
		Retry:            retries,
		MaxParallelParts: maxParallelParts(args),
		ToolVersion:      p.version,
		Log:              log,
		Progress:         terminal.progress(),
	})
}

// defaultMaxParallelParts is enough for one upload with the default parallelism, and
// low enough that ten uploads at once do not slow each other down.
const defaultMaxParallelParts = 2 * resumable.DefaultParallelism

// maxParallelParts is the number of parts that all uploads together send at once.
func maxParallelParts(args providerModel) int {
	return cmp.Or(int(args.MaxParallelParts.ValueInt64()), defaultMaxParallelParts)
}

func (p *ossresumableProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newObjectResource}
}

func (p *ossresumableProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newObjectDataSource, newFileDataSource, newIncompleteUploadsDataSource}
}

func (p *ossresumableProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newObjectList}
}

func (p *ossresumableProvider) Actions(context.Context) []func() fwaction.Action {
	return []func() fwaction.Action{newUploadAction, newAbortAction}
}

func (p *ossresumableProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newContentTypeFunction, newCRC64Function}
}

// invalidArgument returns the error for an argument that the client refuses.
func invalidArgument(err error, endpoint string) diag.Diagnostic {
	const summary = "Invalid provider argument"
	wrong, ok := errors.AsType[*ossclient.ArgumentError](err)
	if !ok {
		return errorAt(path.Empty(), summary, escape.Sprint(err))
	}
	detail := escape.Sprintf("The %s %s.", wrong.Argument, wrong.Problem)
	if wrong.Argument == "endpoint" {
		return addressError(path.Root("endpoint"), endpoint, summary, detail)
	}
	return errorAt(path.Root(wrong.Argument), summary, detail)
}
