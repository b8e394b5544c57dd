// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// manyFiles writes n files with different bytes, large enough for the hash cache, to the
// directory w.source, and configures an object for each. for_each has a map, because
// Terraform needs quadratic time for a set.
func (w *world) manyFiles(n int) {
	w.t.Helper()
	w.source = w.t.TempDir()
	for i := range n {
		if err := os.WriteFile(filepath.Join(w.source, fmt.Sprint(i)), manyContent(i), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.Configure(fmt.Sprintf(`
terraform {
  required_providers {
    ossresumable = {
      source = "ossresumable/ossresumable"
    }
  }
}

locals {
  files = { for i in range(%d) : "many/${i}" => "%s/${i}" }
}

resource "ossresumable_object" "many" {
  for_each = local.files
  bucket   = %q
  key      = each.key
  source   = each.value
}
`, n, w.source, bucket)); err != nil {
		w.t.Fatal(err)
	}
}

func manyKey(i int) string { return fmt.Sprintf("many/%d", i) }

func manyContent(i int) []byte { return []byte(strings.Repeat(fmt.Sprintf("%07d\n", i), 32768)) }
