// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"os/exec"
	"strings"
)

// configureOpenTofu sets the default registry of the testing module to that of OpenTofu if
// TF_ACC_TERRAFORM_PATH is an OpenTofu CLI. The module expects Terraform.
func configureOpenTofu() {
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if path == "" {
		return
	}
	if out, err := exec.Command(path, "version").Output(); err == nil && strings.HasPrefix(string(out), "OpenTofu ") {
		_ = os.Setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org")
		_ = os.Setenv("TF_ACC_PROVIDER_NAMESPACE", "hashicorp")
	}
}
