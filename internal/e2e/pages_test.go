// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"os"
	"regexp"
	"testing"
)

// Every configuration on the provider's page is one that the provider takes.
func TestIndex_configurations(t *testing.T) {
	page, err := os.ReadFile("../../templates/index.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllSubmatch(page, -1)
	if len(blocks) < 7 {
		t.Fatalf("the page has %d configurations", len(blocks))
	}
	w := newWorld(t)
	const needs = "terraform {\n  required_providers {\n    ossresumable = {\n      source = \"ossresumable/ossresumable\"\n    }\n  }\n}\n"
	for _, block := range blocks {
		if err := w.Configure(needs + string(block[1])); err != nil {
			t.Fatal(err)
		}
		if out := w.run("validate", "-no-color"); out.ExitCode != 0 {
			t.Errorf("%s\n%s", block[1], out.Text)
		}
	}
}
