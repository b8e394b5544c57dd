// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// plans measures `terraform plan` without changes: for one small file, for one large file,
// for many objects, and for as many resources that are built into Terraform.
func (b *bench) plans(ctx context.Context) error {
	objects, large := 1000, 4*gib
	if b.short {
		objects, large = 100, 256*mib
	}
	install, err := terraform.Install(ctx, b.dir)
	if errors.Is(err, terraform.ErrNotFound) {
		fmt.Fprintln(os.Stderr, "skipping the measurement of plans:", err)
		return nil
	}
	if err != nil {
		return err
	}
	server, err := b.start(osstest.Config{})
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()

	result := table{
		title:  "Plan without changes",
		note:   "All processes of `terraform plan`. `terraform_data` is built into Terraform, and shows the cost of Terraform itself.",
		header: []string{"resources", "wall s", "CPU s"},
	}
	for _, one := range []struct {
		name, resource string
		size           int64
	}{
		{"1 terraform_data", dataResource(1), 0},
		{"1 object of 1 KiB", sourceResource, kib},
		{"1 object of " + sizeText(large), sourceResource, large},
		{fmt.Sprintf("%d terraform_data", objects), dataResource(objects), 0},
		{fmt.Sprintf("%d objects", objects), contentResource(objects), 0},
	} {
		c, err := b.plan(ctx, install, server, one.resource, one.size)
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		result.add(one.name, format("%.2f", c.Wall), format("%.2f", c.CPU))
	}
	b.tables = append(b.tables, result)
	return nil
}

const sourceResource = `
resource "ossresumable_object" "it" {
  bucket = "` + bucketName + `"
  key    = "file"
  source = var.file
}
`

// The map is a local value: Terraform needs n² time for an inline map.
func contentResource(n int) string {
	return fmt.Sprintf(`
locals {
  all = { for i in range(%d) : "key-${i}" => "content ${i}" }
}
resource "ossresumable_object" "it" {
  for_each = local.all
  bucket   = %q
  key      = each.key
  content  = each.value
}
`, n, bucketName)
}

func dataResource(n int) string {
	return fmt.Sprintf(`
locals {
  all = { for i in range(%d) : "key-${i}" => "content ${i}" }
}
resource "terraform_data" "it" {
  for_each = local.all
  input    = each.value
}
`, n)
}

// plan applies a configuration, and measures plans afterwards.
func (b *bench) plan(ctx context.Context, install *terraform.Installation, server *server, resource string, size int64) (cost, error) {
	path := ""
	if size > 0 {
		var err error
		if path, err = b.file(ctx, size); err != nil {
			return cost{}, err
		}
	}
	config := fmt.Sprintf(`
terraform {
  required_providers {
    ossresumable = { source = "ossresumable/ossresumable" }
  }
}
variable "file" { default = %q }
provider "ossresumable" {
  endpoint       = %q
  region         = %q
  access_key     = %q
  secret_key     = %q
  checkpoint_dir = %q
}
`, path, server.url, region, osstest.AccessKeyID, osstest.AccessKeySecret, b.checkpoints())
	dir := filepath.Join(b.dir, "workspace")
	if err := os.RemoveAll(dir); err != nil {
		return cost{}, err
	}
	w, err := install.Workspace(ctx, dir, config+resource)
	if err != nil {
		return cost{}, err
	}
	if out := w.Run(ctx, "apply", "-auto-approve", "-input=false", "-no-color"); out.ExitCode != 0 {
		return cost{}, errors.New(out.Text)
	}
	var costs []cost
	for range b.rounds {
		cmd := exec.CommandContext(ctx, w.CLI(), "plan", "-input=false", "-no-color", "-detailed-exitcode")
		cmd.Dir, cmd.Env = w.Dir, w.Environ()
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			return cost{}, fmt.Errorf("%w: %s", err, out)
		}
		costs = append(costs, cost{Wall: time.Since(began).Seconds(), CPU: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()})
	}
	return cost{
		Wall: median(costs, func(c cost) float64 { return c.Wall }),
		CPU:  median(costs, func(c cost) float64 { return c.CPU }),
	}, nil
}
