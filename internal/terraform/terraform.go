// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Package terraform runs real Terraform or OpenTofu processes with the provider of this
// checkout, for tests and the demo. It builds the provider with go build, and "terraform
// init" installs it from a local mirror. It needs no network.
package terraform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// ErrNotFound reports that neither Terraform nor OpenTofu is installed.
var ErrNotFound = errors.New("neither terraform nor tofu is on PATH, and TF_ACC_TERRAFORM_PATH is not set; \"make test\" and \"make demo\" download Terraform")

// Find returns the path of the CLI to run: TF_ACC_TERRAFORM_PATH, or terraform or tofu on
// PATH.
func Find() (string, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNotFound
}

// version is the version of the installed provider. It must not be a prerelease, which
// Terraform selects only if the configuration requires exactly that version.
const version = "0.0.1"

// Installation is a CLI and a provider mirror. Workspaces share it.
type Installation struct {
	cli    string
	mirror string
	config string // path of a CLI configuration that uses only the mirror
}

// Install builds the provider and installs it in a mirror below dir.
func Install(ctx context.Context, dir string) (*Installation, error) {
	cli, err := Find()
	if err != nil {
		return nil, err
	}
	i := &Installation{cli: cli, mirror: filepath.Join(dir, "mirror"), config: filepath.Join(dir, "cli.tfrc")}
	if err := i.Add(ctx, "ossresumable/ossresumable", "."); err != nil {
		return nil, err
	}
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", i.mirror)
	return i, os.WriteFile(i.config, []byte(text), 0o600)
}

// Add builds a provider from pkg, the path of a package relative to the module root, and
// installs it in the mirror under address, such as "hashicorp/local".
func (i *Installation) Add(ctx context.Context, address, pkg string) error {
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	binary := i.binary(address)
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-X main.version="+version, "-o", binary, pkg)
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", address, err, out)
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		platform := filepath.Join(i.mirror, host, filepath.FromSlash(address), version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(platform, 0o755); err != nil {
			return err
		}
		if err := os.Link(binary, filepath.Join(platform, filepath.Base(binary)+"_v"+version)); err != nil {
			return err
		}
	}
	return nil
}

func (i *Installation) binary(address string) string {
	return filepath.Join(filepath.Dir(i.mirror), "terraform-provider-"+filepath.Base(address))
}

func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}

// CLI returns the path of Terraform or OpenTofu.
func (i *Installation) CLI() string { return i.cli }

// Provider returns the path of the provider, to run its commands.
func (i *Installation) Provider() string { return i.binary("ossresumable/ossresumable") }

// Quick are environment variables for tests that run Terraform often. Without the
// certificates that Terraform and the provider make for each other at every start of the
// provider, an apply takes three quarters of the time. Collecting less garbage in short runs
// saves another tenth.
var Quick = []string{"TF_DISABLE_PLUGIN_TLS=1", "GOGC=400"}

// Usual are variables that undo Quick.
var Usual = []string{"TF_DISABLE_PLUGIN_TLS=", "GOGC="}

// Workspace is a directory with a configuration and its state.
type Workspace struct {
	*Installation
	Dir string
	Env []string // "NAME=value", added to the environment of every command
	Via []string // a command that runs Terraform, such as a shell that sets limits, or a tracer
}

// Workspace creates the directory dir with config as main.tf, and runs terraform init.
func (i *Installation) Workspace(ctx context.Context, dir, config string, env ...string) (*Workspace, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	w := &Workspace{Installation: i, Dir: dir, Env: env}
	if err := w.Configure(config); err != nil {
		return nil, err
	}
	if out := w.Run(ctx, "init", "-input=false"); out.ExitCode != 0 {
		return nil, fmt.Errorf("terraform init: %s", out.Text)
	}
	return w, nil
}

// Sibling creates the directory dir with config as main.tf, and the environment of w followed
// by env. It shares the .terraform directory of w, so terraform init does not run.
func (w *Workspace) Sibling(dir, config string, env ...string) (*Workspace, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.Symlink(filepath.Join(w.Dir, ".terraform"), filepath.Join(dir, ".terraform")); err != nil {
		return nil, err
	}
	const lock = ".terraform.lock.hcl"
	text, err := os.ReadFile(filepath.Join(w.Dir, lock))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, lock), text, 0o600); err != nil {
		return nil, err
	}
	s := &Workspace{Installation: w.Installation, Dir: dir, Env: slices.Concat(w.Env, env)}
	return s, s.Configure(config)
}

// Configure replaces main.tf. It must not require another provider.
func (w *Workspace) Configure(config string) error {
	return os.WriteFile(filepath.Join(w.Dir, "main.tf"), []byte(config), 0o600)
}

// Environ returns the environment of the workspace's commands: that of the caller without
// settings of Terraform and credentials, followed by Env.
func (w *Workspace) Environ() []string {
	var env []string
	for _, e := range os.Environ() {
		excluded := false
		for _, prefix := range []string{"TF_", "ALICLOUD_", "ALIBABA_CLOUD_", "ALIBABACLOUD_", "OSS_", "OSSRESUMABLE_"} {
			excluded = excluded || strings.HasPrefix(e, prefix)
		}
		if !excluded {
			env = append(env, e)
		}
	}
	return append(append(env, "TF_CLI_CONFIG_FILE="+w.config, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1"), w.Env...)
}
