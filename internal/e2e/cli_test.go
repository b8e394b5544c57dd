// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"regexp"
	"testing"

	"github.com/hashicorp/go-version"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// identityInImport is also in OpenTofu, since this version of it.
const identityInImport = "1.12.0"

// needsTerraform skips a test of what only a Terraform of some age knows.
// OpenTofu's versions are numbers of its own, and it has neither queries nor
// actions.
func needsTerraform(t *testing.T, least string) {
	t.Helper()
	product, v := cli(t)
	if product == "OpenTofu" && least != identityInImport {
		t.Skipf("OpenTofu has not what Terraform %s brought", least)
	}
	if v.LessThan(version.Must(version.NewVersion(least))) {
		t.Skipf("it needs %s %s", product, least)
	}
}

// cli is "Terraform" or "OpenTofu", and its version. With -json neither says
// which of them it is.
func cli(t *testing.T) (product string, v *version.Version) {
	t.Helper()
	out := (&terraform.Workspace{Installation: installation, Dir: t.TempDir()}).Run(t.Context(), "version")
	match := regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)`).FindStringSubmatch(out.Text)
	if match == nil {
		t.Fatal("no version: ", out.Text)
	}
	return match[1], version.Must(version.NewVersion(match[2])).Core() // also of what is about to be 1.14.0
}
