// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
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
	validated := 0
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

var (
	usesAction = regexp.MustCompile(`(?m)^ *-? *uses: +(\S+)@(.*)\n(.*)`)
	pinned     = regexp.MustCompile(`^[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
)

// Pages pin the actions of CI, and save the cache in a canceled job, too.
func TestPages_actions(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../templates/guides/*.md")
	if err != nil {
		t.Fatal(err)
	}
	used := 0
	for _, page := range append(pages, "../../README.md", "../../templates/index.md.tmpl") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range usesAction.FindAllStringSubmatch(string(text), -1) {
			used++
			name, version, next := step[1], step[2], step[3]
			if !pinned.MatchString(version) {
				t.Errorf("%s: %s@%s is not pinned", page, name, version)
			}
			if strings.HasSuffix(name, "/save") && !strings.Contains(next, "if: always()") {
				t.Errorf("%s: %s does not run in a canceled job", page, name)
			}
			if name == "actions/cache" {
				t.Errorf("%s: %s saves nothing if the job fails or is canceled", page, name)
			}
		}
	}
	if used < 2 {
		t.Errorf("found %d actions", used)
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
