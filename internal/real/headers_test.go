// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// tellHeaders creates objects with Terraform for which OSS might return other headers than
// requested. Users would then get a plan with changes after each apply.
func (w *world) tellHeaders(p *probe) {
	before := w.served()
	workspace, err := installation.Workspace(p.ctx, p.t.TempDir(), w.headersConfig("all headers", "no-cache"), w.terraformEnv(filepath.Join(p.t.TempDir(), "checkpoints"))...)
	p.must(err)
	run := func(what, want string, args ...string) {
		out := workspace.Run(p.ctx, append(args, "-input=false", "-no-color")...)
		p.check(out.ExitCode == 0 && strings.Contains(out.Text, want), "%s: exit status %d", what, out.ExitCode)
		if out.ExitCode != 0 {
			p.t.Log(out.Text)
			p.saw("%s", problem(out))
		}
	}
	run("create", "4 added", "apply", "-auto-approve")
	run("plan", "No changes", "plan", "-detailed-exitcode")
	p.must(workspace.Configure(w.headersConfig("renamed to +%20 中", "max-age=60")))
	run("change", "0 added, 4 changed, 0 destroyed", "apply", "-auto-approve")
	run("plan", "No changes", "plan", "-detailed-exitcode")
	run("destroy", "4 destroyed", "destroy", "-auto-approve")
	w.terraformRequests += w.served() - before
}

// problem returns the first line of Terraform's error.
func problem(out terraform.Output) string {
	_, text, _ := strings.Cut(out.Text, "Error: ")
	text, _, _ = strings.Cut(text, "\n")
	return text
}

func (w *world) headersConfig(name, cacheControl string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    ossresumable = {
      source = "ossresumable/ossresumable"
    }
  }
}

locals {
  bucket = %q
  prefix = %q
  cache  = %q
}

resource "ossresumable_object" "typed" {
  for_each = {
    "page.html" = "text/html"
    "image.png" = "image/png"
    "app.apk"   = "application/vnd.android.package-archive"
  }

  bucket        = local.bucket
  key           = "${local.prefix}terraform/${each.key}"
  content       = "text"
  content_type  = each.value
  cache_control = local.cache
}

resource "ossresumable_object" "all" {
  bucket              = local.bucket
  key                 = "${local.prefix}terraform/%s"
  content             = "text"
  content_type        = "text/plain; charset=utf-8"
  content_language    = "de-AT, en"
  content_encoding    = "gzip"
  content_disposition = "attachment; filename=\"a b.txt\""
  expires             = "Wed, 21 Oct 2037 07:28:00 GMT"
  cache_control       = local.cache
  acl                 = "private"
  metadata            = { made-by = "a  test", odd = "a=b;c" }
  tags                = { "a key" = "a value", empty = "" }
}
`, w.buckets[plain], w.prefix, cacheControl, name)
}
