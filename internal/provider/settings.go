// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// The environment variables that stand in for arguments, first found wins.
// The names and their order are those of the alicloud provider; what follows
// ALIBABA* belongs to the OSS SDKs and ossutil.
var (
	regionVariables   = []string{"ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "OSS_REGION"}
	endpointVariables = []string{"ALIBABA_CLOUD_ENDPOINT_OSS", "OSS_ENDPOINT"}

	credentialVariables = []credentialNames{
		{"ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"},
		{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"},
		{"ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_SECURITY_TOKEN"},
		{"OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"},
	}
)

const checkpointDirVariable = resumable.CheckpointDirVariable

// credentialNames names one family of credentials. An id signs only with its
// own secret and token, so the three are never taken from different families.
type credentialNames struct{ id, secret, token string }

// providerModel is the provider block as the user wrote it. An empty string
// counts as not set, because modules pass the defaults of their variables on.
type providerModel struct {
	AccessKey          types.String `tfsdk:"access_key"`
	SecretKey          types.String `tfsdk:"secret_key"`
	SecurityToken      types.String `tfsdk:"security_token"`
	Region             types.String `tfsdk:"region"`
	Endpoint           types.String `tfsdk:"endpoint"`
	SignVersion        types.String `tfsdk:"sign_version"`
	CheckpointDir      types.String `tfsdk:"checkpoint_dir"`
	PartSize           types.Int64  `tfsdk:"part_size"`
	Parallelism        types.Int64  `tfsdk:"parallelism"`
	MultipartThreshold types.Int64  `tfsdk:"multipart_threshold"`
	TrafficLimit       types.Int64  `tfsdk:"traffic_limit"`
	MaxParallelParts   types.Int64  `tfsdk:"max_parallel_parts"`
}

// connectionUnknown reports whether a client built now would be a wrong one.
func (m providerModel) connectionUnknown() bool {
	for _, v := range []attr.Value{
		m.AccessKey, m.SecretKey, m.SecurityToken, m.Region, m.Endpoint, m.SignVersion, m.MaxParallelParts,
	} {
		if v.IsUnknown() {
			return true
		}
	}
	return false
}

// connection says where OSS is and who asks.
type connection struct {
	region      string
	endpoint    string // "": the public one of the region
	signVersion string // "": the client's default
	credentials ossclient.Credentials
}

func resolveConnection(args providerModel, getenv func(string) string) (connection, diag.Diagnostics) {
	var diags diag.Diagnostics
	conn := connection{
		region:      firstSet(args.Region.ValueString(), regionVariables, getenv),
		endpoint:    firstSet(args.Endpoint.ValueString(), endpointVariables, getenv),
		signVersion: args.SignVersion.ValueString(),
	}
	if conn.region == "" {
		diags.AddAttributeError(path.Root("region"), "Missing region",
			"Requests to OSS are signed for one region, and the provider does not guess it. "+
				"Set region in the provider block to the region of the bucket, such as \"cn-hangzhou\", or set one of "+
				strings.Join(regionVariables, ", ")+".")
	}
	credentials, credentialDiags := resolveCredentials(args, getenv)
	conn.credentials = credentials
	return conn, append(diags, credentialDiags...)
}

// resolveCredentials takes the first family of which anything is set. A family
// that is set in part is an error and never passed over: signing with somebody
// else's key is worse than not signing.
func resolveCredentials(args providerModel, getenv func(string) string) (ossclient.Credentials, diag.Diagnostics) {
	arguments := credentialNames{"access_key", "secret_key", "security_token"}
	inBlock := ossclient.Credentials{
		AccessKeyID:     args.AccessKey.ValueString(),
		AccessKeySecret: args.SecretKey.ValueString(),
		SecurityToken:   args.SecurityToken.ValueString(),
	}
	if inBlock != (ossclient.Credentials{}) {
		return inBlock, arguments.missing(inBlock)
	}
	for _, names := range credentialVariables {
		found := ossclient.Credentials{
			AccessKeyID:     getenv(names.id),
			AccessKeySecret: getenv(names.secret),
			SecurityToken:   getenv(names.token),
		}
		if found != (ossclient.Credentials{}) {
			return found, names.missing(found)
		}
	}

	looked := []string{"access_key and secret_key in the provider block"}
	for _, names := range credentialVariables {
		looked = append(looked, names.id+" and "+names.secret)
	}
	return ossclient.Credentials{}, diag.Diagnostics{diag.NewErrorDiagnostic("Missing credentials",
		"No AccessKey pair was found. Looked for, in this order:\n\n  - "+strings.Join(looked, "\n  - ")+
			"\n\nSet one of the pairs. Temporary credentials need their security token as well.")}
}

// missing complains about each half of a pair that is not set.
func (n credentialNames) missing(found ossclient.Credentials) diag.Diagnostics {
	var diags diag.Diagnostics
	complain := func(name string) {
		diags.AddError("Incomplete credentials", fmt.Sprintf(
			"%s is not set, although another of %s, %s and %s is. "+
				"An AccessKey ID, its secret and its token are only ever taken from one place. "+
				"Set %[1]s too, or unset the others.", name, n.id, n.secret, n.token))
	}
	if found.AccessKeyID == "" {
		complain(n.id)
	}
	if found.AccessKeySecret == "" {
		complain(n.secret)
	}
	return diags
}

// uploadDefaults are the options of every upload that sets none itself.
// Arguments that are still unknown at plan count as not set: at worst a plan
// keeps its hash cache in another directory than the apply.
func uploadDefaults(args providerModel, getenv func(string) string, userCacheDir func() (string, error)) (resumable.Options, diag.Diagnostics) {
	var diags diag.Diagnostics
	opts := resumable.Options{
		CheckpointDir:      expandHome(args.CheckpointDir.ValueString()),
		PartSize:           args.PartSize.ValueInt64(),
		Parallelism:        int(args.Parallelism.ValueInt64()),
		MultipartThreshold: args.MultipartThreshold.ValueInt64(),
		TrafficLimit:       int(args.TrafficLimit.ValueInt64()),
	}
	if opts.CheckpointDir == "" {
		dir, err := resumable.DefaultCheckpointDir(getenv, userCacheDir)
		if err != nil {
			diags.AddAttributeError(path.Root("checkpoint_dir"), "No place for checkpoints", fmt.Sprintf(
				"This user has no cache directory (%v), so the provider cannot choose where to keep checkpoints. "+
					"Set checkpoint_dir in the provider block, or the environment variable %s.", err, checkpointDirVariable))
			return opts, diags
		}
		opts.CheckpointDir = dir
	}
	return opts, diags
}

// firstSet returns the argument, or the first of the variables that is set.
func firstSet(argument string, variables []string, getenv func(string) string) string {
	for i := 0; argument == "" && i < len(variables); i++ {
		argument = getenv(variables[i])
	}
	return argument
}

// expandHome replaces a leading ~, for which no shell has been: HCL has none.
func expandHome(dir string) string {
	if dir != "~" && !strings.HasPrefix(dir, "~/") {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return dir
	}
	return home + dir[1:]
}
