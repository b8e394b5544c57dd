// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var terraformBlock = regexp.MustCompile("(?s)```terraform\n(.*?)```")

// TestPages_configurations validates every configuration in the provider page and in the
// guides. TestExamples applies those of the other pages.
func TestPages_configurations(t *testing.T) {
	pages, err := filepath.Glob("../../templates/guides/*.md")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	defer w.serve()()
	validated := 0
	pages = slices.DeleteFunc(pages, func(page string) bool { return page == builtFilesGuide })
	for _, page := range append(pages, "../../templates/index.md.tmpl") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range terraformBlock.FindAllStringSubmatch(string(text), -1) {
			w.mustValidate(page, block[1])
			validated++
		}
	}
	if validated < 15 {
		t.Errorf("found %d configurations in %d pages", validated, len(pages)+1)
	}
}

func (w *world) mustValidate(page, config string) {
	w.t.Helper()
	const needs = "terraform {\n  required_providers {\n    ossresumable = {\n      source = \"ossresumable/ossresumable\"\n    }\n  }\n}\n"
	if err := w.Configure(needs + config); err != nil {
		w.t.Fatal(err)
	}
	if out := w.run("validate", "-no-color"); out.ExitCode != 0 {
		w.t.Errorf("%s:\n%s\n%s", strings.TrimPrefix(page, "../../"), config, out.Text)
	}
}
