// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"os/exec"
	"strings"
)

// knowOpenTofu tells the testing module where OpenTofu looks for providers, if
// that is what TF_ACC_TERRAFORM_PATH names: it takes every CLI for Terraform.
func knowOpenTofu() {
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if path == "" {
		return
	}
	if out, err := exec.Command(path, "version").Output(); err == nil && strings.HasPrefix(string(out), "OpenTofu ") {
		_ = os.Setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org")
		_ = os.Setenv("TF_ACC_PROVIDER_NAMESPACE", "hashicorp")
	}
}
