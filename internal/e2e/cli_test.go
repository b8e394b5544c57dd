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

// queriesAndActions is the first version of Terraform that supports both. OpenTofu supports
// neither.
const queriesAndActions = "1.14.0"

// needsTerraform skips a test of a feature that an older Terraform does not support.
// OpenTofu has its own version numbers; its maintained versions support everything except
// queries and actions.
func needsTerraform(t *testing.T, least string) {
	t.Helper()
	if why := unsupported(t, least); why != "" {
		t.Skip(why)
	}
}

// unsupported says why the program cannot do what Terraform can since a version, or "".
func unsupported(t *testing.T, least string) string {
	t.Helper()
	product, v := cli(t)
	older := v.LessThan(version.Must(version.NewVersion(least)))
	switch {
	case product == "OpenTofu" && least == queriesAndActions:
		return "OpenTofu has neither queries nor actions"
	case older && (product == "Terraform" || least == writeOnlyArguments): // which came with the same version of OpenTofu
		return "it needs " + product + " " + least
	}
	return ""
}

// writeOnlyArguments is the first Terraform with them.
const writeOnlyArguments = "1.11.0"

// cli returns "Terraform" or "OpenTofu", and its version. With -json, neither prints its
// name.
func cli(t *testing.T) (product string, v *version.Version) {
	t.Helper()
	out := (&terraform.Workspace{Installation: installation, Dir: t.TempDir()}).Run(t.Context(), "version")
	match := regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)`).FindStringSubmatch(out.Text)
	if match == nil {
		t.Fatal("no version: ", out.Text)
	}
	return match[1], version.Must(version.NewVersion(match[2])).Core() // also of what is about to be 1.14.0
}
