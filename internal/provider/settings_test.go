// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func TestResolveConnection(t *testing.T) {
	type environment map[string]string
	set := types.StringValue
	pair := providerModel{AccessKey: set("id"), SecretKey: set("secret"), Region: set("cn-beijing")}

	for _, test := range []struct {
		name        string
		args        providerModel
		env         environment
		region      string
		endpoint    string
		credentials ossclient.Credentials
		wantErrors  []string // each in one error, in order
	}{
		{
			name: "arguments win",
			args: providerModel{
				AccessKey: set("id"), SecretKey: set("secret"), SecurityToken: set("token"),
				Region: set("cn-beijing"), Endpoint: set("http://127.0.0.1:9000"),
			},
			env: environment{
				"ALICLOUD_ACCESS_KEY": "other", "ALICLOUD_SECRET_KEY": "other", "ALICLOUD_REGION": "cn-other", "OSS_ENDPOINT": "other",
			},
			region: "cn-beijing", endpoint: "http://127.0.0.1:9000",
			credentials: ossclient.Credentials{AccessKeyID: "id", AccessKeySecret: "secret", SecurityToken: "token"},
		},
		{
			name: "alicloud family before the others",
			env: environment{
				"ALICLOUD_ACCESS_KEY": "1", "ALICLOUD_SECRET_KEY": "1s",
				"ALIBABA_CLOUD_ACCESS_KEY_ID": "2", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "2s", "ALIBABA_CLOUD_SECURITY_TOKEN": "2t",
				"ALICLOUD_REGION": "cn-1", "ALIBABA_CLOUD_REGION": "cn-2", "OSS_REGION": "cn-3",
			},
			region:      "cn-1",
			credentials: ossclient.Credentials{AccessKeyID: "1", AccessKeySecret: "1s"}, // not the token of another family
		},
		{
			name: "second family",
			env: environment{
				"ALIBABA_CLOUD_ACCESS_KEY_ID": "2", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "2s", "ALIBABA_CLOUD_SECURITY_TOKEN": "2t",
				"ALIBABACLOUD_ACCESS_KEY_ID": "3", "ALIBABACLOUD_ACCESS_KEY_SECRET": "3s",
				"ALIBABA_CLOUD_REGION": "cn-2", "OSS_REGION": "cn-3",
				"ALIBABA_CLOUD_ENDPOINT_OSS": "first.example.com", "OSS_ENDPOINT": "second.example.com",
			},
			region: "cn-2", endpoint: "first.example.com",
			credentials: ossclient.Credentials{AccessKeyID: "2", AccessKeySecret: "2s", SecurityToken: "2t"},
		},
		{
			name: "third family",
			env: environment{
				"ALIBABACLOUD_ACCESS_KEY_ID": "3", "ALIBABACLOUD_ACCESS_KEY_SECRET": "3s", "ALIBABACLOUD_SECURITY_TOKEN": "3t",
				"OSS_ACCESS_KEY_ID": "4", "OSS_ACCESS_KEY_SECRET": "4s", "OSS_REGION": "cn-3", "OSS_ENDPOINT": "second.example.com",
			},
			region: "cn-3", endpoint: "second.example.com",
			credentials: ossclient.Credentials{AccessKeyID: "3", AccessKeySecret: "3s", SecurityToken: "3t"},
		},
		{
			name: "family of the OSS tools",
			env: environment{
				"OSS_ACCESS_KEY_ID": "4", "OSS_ACCESS_KEY_SECRET": "4s", "OSS_SESSION_TOKEN": "4t", "OSS_REGION": "cn-3",
			},
			region:      "cn-3",
			credentials: ossclient.Credentials{AccessKeyID: "4", AccessKeySecret: "4s", SecurityToken: "4t"},
		},
		{
			name: "empty strings count as not set",
			args: providerModel{AccessKey: set(""), SecretKey: set(""), SecurityToken: set(""), Region: set(""), Endpoint: set("")},
			env: environment{
				"ALICLOUD_ACCESS_KEY": "", "ALICLOUD_SECURITY_TOKEN": "",
				"OSS_ACCESS_KEY_ID": "4", "OSS_ACCESS_KEY_SECRET": "4s", "OSS_REGION": "cn-3",
			},
			region:      "cn-3",
			credentials: ossclient.Credentials{AccessKeyID: "4", AccessKeySecret: "4s"},
		},
		{
			name:       "nothing set",
			wantErrors: []string{"Missing region", "OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET"},
		},
		{
			name:       "a region is not taken from the endpoint",
			args:       providerModel{AccessKey: set("id"), SecretKey: set("secret"), Endpoint: set("oss-cn-hangzhou.aliyuncs.com")},
			wantErrors: []string{"Missing region"},
		},
		{
			name:       "argument without its secret",
			args:       providerModel{AccessKey: set("id"), Region: set("cn-1")},
			env:        environment{"ALICLOUD_SECRET_KEY": "secret"},
			wantErrors: []string{"secret_key is not set"},
		},
		{
			name: "variable without its secret, although a later family is whole",
			env: environment{
				"ALICLOUD_ACCESS_KEY": "1", "OSS_REGION": "cn-1",
				"OSS_ACCESS_KEY_ID": "4", "OSS_ACCESS_KEY_SECRET": "4s",
			},
			wantErrors: []string{"ALICLOUD_SECRET_KEY is not set"},
		},
		{
			name:       "variable without its id",
			env:        environment{"OSS_ACCESS_KEY_SECRET": "4s", "OSS_REGION": "cn-1"},
			wantErrors: []string{"OSS_ACCESS_KEY_ID is not set"},
		},
		{
			name:       "token alone",
			args:       providerModel{SecurityToken: set("token"), Region: set("cn-1")},
			wantErrors: []string{"access_key is not set", "secret_key is not set"},
		},
		{
			name:        "an incomplete family after a complete one is ignored",
			args:        pair,
			env:         environment{"OSS_ACCESS_KEY_ID": "4"},
			region:      "cn-beijing",
			credentials: ossclient.Credentials{AccessKeyID: "id", AccessKeySecret: "secret"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, diags := resolveConnection(t.Context(), test.args, func(name string) string { return test.env[name] })
			expectErrors(t, diags, test.wantErrors)
			if len(test.wantErrors) > 0 {
				return
			}
			if got.region != test.region || got.endpoint != test.endpoint || got.credentials.Static != test.credentials {
				t.Errorf("got region %q, endpoint %q, right credentials %t; want region %q, endpoint %q",
					got.region, got.endpoint, got.credentials.Static == test.credentials, test.region, test.endpoint)
			}
		})
	}
}

func TestUploadDefaults(t *testing.T) {
	none := func(string) string { return "" }
	home := t.TempDir()
	cache := func() (string, error) { return home, nil }

	opts, diags, unusable := uploadDefaults(providerModel{}, none, cache)
	expectErrors(t, diags, nil)
	if want := filepath.Join(home, "terraform-provider-ossresumable"); opts.CheckpointDir != want || unusable != nil {
		t.Errorf("default checkpoint_dir is %q, %v, want %q", opts.CheckpointDir, unusable, want)
	}

	variable := func(name string) string {
		return map[string]string{"OSSRESUMABLE_CHECKPOINT_DIR": "from-env"}[name]
	}
	if opts, _, _ := uploadDefaults(providerModel{}, variable, cache); opts.CheckpointDir != "from-env" {
		t.Errorf("checkpoint_dir is %q, want the variable's", opts.CheckpointDir)
	}
	args := providerModel{
		CheckpointDir: types.StringValue("from-arg"), PartSize: types.Int64Value(1 << 20),
		Parallelism: types.Int64Value(7), MultipartThreshold: types.Int64Value(2 << 20), TrafficLimit: types.Int64Value(1 << 20),
	}
	opts, _, _ = uploadDefaults(args, variable, cache)
	if opts.CheckpointDir != "from-arg" || opts.PartSize != 1<<20 || opts.Parallelism != 7 || opts.MultipartThreshold != 2<<20 ||
		opts.TrafficLimit != 1<<20 {
		t.Errorf("arguments did not get through: %+v", opts)
	}

	opts, diags, unusable = uploadDefaults(providerModel{}, none, func() (string, error) { return "", errors.New("$HOME is not defined") })
	expectErrors(t, diags, nil)
	if filepath.Dir(opts.CheckpointDir) != filepath.Clean(os.TempDir()) || unusable == nil {
		t.Errorf("without a home, checkpoint_dir is %q, %v", opts.CheckpointDir, unusable)
	}
}

// Every path argument expands "~" in the same way, before a backslash on Windows too.
func TestExpandHome(t *testing.T) {
	t.Setenv("HOME", "/home/me")
	t.Setenv("USERPROFILE", "/home/me") // Windows
	cases := map[string]string{
		"~": "/home/me", "~/a": "/home/me/a", "~other": "~other", "a/~": "a/~", "": "", "/abs": "/abs",
		"~" + string(os.PathSeparator) + "b": "/home/me" + string(os.PathSeparator) + "b",
	}
	for dir, want := range cases {
		if got := expandHome(dir); got != want {
			t.Errorf("expandHome(%q) = %q, want %q", dir, got, want)
		}
		if got := (&objectModel{CheckpointDir: types.StringValue(dir)}).options(resumable.Options{}).CheckpointDir; got != want {
			t.Errorf("checkpoint_dir %q of a resource is %q, want %q", dir, got, want)
		}
	}
}

func TestCheckpointDir_noHome(t *testing.T) {
	t.Setenv("HOME", "")
	t.Setenv("USERPROFILE", "")
	none := func(string) string { return "" }
	cache := func() (string, error) { return t.TempDir(), nil }
	_, diags, _ := uploadDefaults(providerModel{CheckpointDir: types.StringValue("~/checkpoints")}, none, cache)
	expectErrors(t, diags, []string{"does not begin with"})
	_, diags, _ = uploadDefaults(providerModel{CheckpointDir: types.StringValue("checkpoints")}, none, cache)
	expectErrors(t, diags, nil)

	w := newWorld(t)
	s := w.serve(nil)
	config := objectConfig(w.write("file", "hello"))
	config["checkpoint_dir"] = text("~/checkpoints")
	s.expectDiagnostic(s.planCreate(config).Diagnostics, tfprotov6.DiagnosticSeverityError, "No checkpoint directory", "checkpoint_dir", "HOME")
}

// expectErrors expects one error for each text, in order, with the text in its summary or
// detail.
func expectErrors(t *testing.T, diags diag.Diagnostics, texts []string) {
	t.Helper()
	found := diags.Errors()
	if len(found) != len(texts) {
		t.Fatalf("got %d errors, want %d: %v", len(found), len(texts), found)
	}
	for i, text := range texts {
		if !strings.Contains(found[i].Summary()+"\n"+found[i].Detail(), text) {
			t.Errorf("error %d does not say %q: %s: %s", i, text, found[i].Summary(), found[i].Detail())
		}
	}
}
