// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package workflows

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"golang.org/x/mod/modfile"
)

// moduleFiles returns the path of each go.mod of the repository.
func moduleFiles(t *testing.T) []string {
	t.Helper()
	inside, err := filepath.Glob("../../*/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	return append(inside, "../../go.mod")
}

// setup-go reads the go line of the root module, and the go command that of the current
// module. A toolchain line might be ignored.
func TestModules_sameGo(t *testing.T) {
	patch := regexp.MustCompile(`^1\.\d+\.[1-9]\d*$`)
	var first string
	for _, name := range moduleFiles(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := modfile.Parse(name, text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = file.Go.Version
		}
		if file.Go.Version != first || !patch.MatchString(file.Go.Version) {
			t.Errorf("%s: go %s; want the same patch release in every module, and not the first, as %s", name, file.Go.Version, first)
		}
		if file.Toolchain != nil {
			t.Errorf("%s: toolchain %s; want no toolchain line", name, file.Toolchain.Name)
		}
	}
}

func TestDependabot(t *testing.T) {
	text, err := os.ReadFile("../../.github/dependabot.yml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directory   string
			Directories []string
			Cooldown    struct {
				Days int `yaml:"default-days"`
			}
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, u := range config.Updates {
		if u.Directory != "" {
			u.Directories = append(u.Directories, u.Directory)
		}
		got[u.Ecosystem] = u.Directories
		if u.Cooldown.Days < 1 {
			t.Errorf("%s: no cooldown", u.Ecosystem)
		}
	}
	var modules []string
	for _, name := range moduleFiles(t) {
		modules = append(modules, "/"+strings.Trim(strings.TrimPrefix(filepath.ToSlash(filepath.Dir(name)), "../.."), "/"))
	}
	slices.Sort(modules)
	for ecosystem, want := range map[string][]string{"gomod": modules, "npm": {"/conformance/npm"}, "github-actions": {"/"}} {
		if !slices.Equal(got[ecosystem], want) {
			t.Errorf("%s: directories %v, want %v", ecosystem, got[ecosystem], want)
		}
	}
}
