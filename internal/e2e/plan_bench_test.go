// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// BenchmarkPlan_thousandObjects compares the plan of 1,000 unchanged objects with plans of
// 1,000 resources of a provider that does nothing, one with as many attributes and one with
// three. Most of the time is spent in Terraform and the plugin framework, and grows with
// the number of attributes.
func BenchmarkPlan_thousandObjects(b *testing.B) {
	const thousand = 1000
	w := newWorldWith(b, osstest.Config{})
	w.manyFiles(thousand)
	w.mustApply()
	objects := w.Workspace
	if err := installation.Add(b.Context(), "ossresumable/noop", "./internal/e2e/testdata/noop"); err != nil {
		b.Fatal(err)
	}
	noop := func(resource string) *terraform.Workspace {
		var err error
		if w.Workspace, err = installation.Workspace(b.Context(), b.TempDir(), fmt.Sprintf(thousandOf, thousand, resource)); err != nil {
			b.Fatal(err)
		}
		w.mustApply()
		return w.Workspace
	}
	many, few := noop("noop_many"), noop("noop_few")

	var ours, manys, fews terraform.Output // sums
	for b.Loop() {
		addPlan(b, objects, &ours)
		addPlan(b, many, &manys)
		addPlan(b, few, &fews)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.Elapsed.Seconds()/float64(b.N), "s/plan")
	b.ReportMetric(ours.Elapsed.Seconds()/manys.Elapsed.Seconds(), "wall/noop")
	b.ReportMetric(ours.CPU.Seconds()/manys.CPU.Seconds(), "cpu/noop")
	b.ReportMetric(ours.Elapsed.Seconds()/fews.Elapsed.Seconds(), "wall/noop-of-3-attributes")
	b.ReportMetric(ours.CPU.Seconds()/fews.CPU.Seconds(), "cpu/noop-of-3-attributes")
}

func addPlan(b *testing.B, w *terraform.Workspace, sum *terraform.Output) {
	b.Helper()
	out := w.Run(b.Context(), "plan", "-input=false", "-no-color", "-detailed-exitcode")
	if out.ExitCode != 0 {
		b.Fatalf("plan: exit status %d\n%s", out.ExitCode, out.Text)
	}
	b.Logf("%s: %v, CPU %v", w.Dir, out.Elapsed.Round(time.Millisecond), out.CPU.Round(time.Millisecond))
	sum.Elapsed += out.Elapsed
	sum.CPU += out.CPU
}

const thousandOf = `
terraform {
  required_providers {
    noop = {
      source = "ossresumable/noop"
    }
  }
}

locals {
  files = { for i in range(%d) : "many/${i}" => "/where/the/files/are/${i}" }
}

resource %q "many" {
  for_each               = local.files
  configurable_attribute = each.value
}
`
