// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main_test

import (
	"errors"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ossresumable/terraform-provider-ossresumable"

// mayImport is the house: what each package may import besides the standard
// library. Paths without a host are ours. A trailing dash or slash stands for
// everything that begins so.
var mayImport = map[string][]string{
	"": {"internal/provider", "internal/status"},

	"internal/provider": {"internal/resumable", "internal/resumable/source", "internal/ossclient", "internal/ossclient/credentials", "internal/address", "internal/escape", "github.com/hashicorp/terraform-plugin-"},
	"internal/ossclient": {
		"internal/resumable", "internal/address", "internal/bounded", "internal/escape",
		"github.com/aliyun/aliyun-oss-go-sdk/", "github.com/hashicorp/go-retryablehttp",
	},
	"internal/ossclient/credentials": {
		"internal/resumable", "internal/ossclient", "internal/address", "internal/bounded", "internal/owner", "golang.org/x/sync/", "gopkg.in/ini.v1",
	},

	"internal/status": {
		"internal/resumable", "internal/resumable/checkpoint", "internal/resumable/partplan", "internal/escape",
		"charm.land/", "github.com/charmbracelet/x/",
	},
	"internal/address": {},
	"internal/bounded": {},
	"internal/escape":  {"github.com/charmbracelet/x/ansi"},
	"internal/owner":   {},

	"internal/resumable": {
		"internal/resumable/checkpoint", "internal/resumable/chunks", "internal/resumable/crc64", "internal/resumable/partplan",
		"internal/resumable/private", "internal/resumable/source", "golang.org/x/sync/",
	},
	"internal/resumable/checkpoint": {
		"internal/resumable/durable", "internal/resumable/private", "internal/resumable/record", "github.com/gofrs/flock",
	},
	"internal/resumable/source": {
		"internal/resumable/chunks", "internal/resumable/crc64", "internal/resumable/durable", "internal/resumable/private",
		"internal/resumable/record", "golang.org/x/sys/", "golang.org/x/text/",
	},
	"internal/resumable/private":  {"internal/resumable/durable", "internal/owner", "golang.org/x/sys/"},
	"internal/resumable/durable":  {},
	"internal/resumable/crc64":    {"golang.org/x/sys/cpu"},
	"internal/resumable/chunks":   {"internal/resumable/crc64", "github.com/cespare/xxhash/v2"},
	"internal/resumable/partplan": {"internal/resumable/chunks"},
	"internal/resumable/record":   {},

	// The test server shares no code with what it tests, so it shares no bug.
	"internal/osstest":               {},
	"internal/osstest/cmd/ossserver": {"internal/osstest"},
	"internal/ststest":               {},
	"internal/recorded":              {},

	// Tests and the demo run real Terraform processes.
	"internal/terraform": {},
	"internal/demo":      {"internal/osstest", "internal/terraform"},
	"internal/e2e":       {},
	"internal/explore":   {},
	"internal/real":      {},
}

// onlyImporter names libraries with one home, in tests too. Otherwise tests
// may import what they like.
var onlyImporter = map[string]string{
	"github.com/aliyun/":                     "internal/ossclient",
	"github.com/hashicorp/terraform-plugin-": "internal/provider",
}

// runsPrograms are the packages that may start processes. In the provider, only
// the package credentials may, for the process_command of a profile.
var runsPrograms = []string{"internal/terraform", "internal/demo", "internal/ossclient/credentials"}

var startsProcesses = []string{"os/exec", "plugin"}

// TestImports reads the imports for every system we build for: a rule broken in
// a _windows.go file alone is broken.
func TestImports(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "freebsd", "windows"} {
		for _, pkg := range packages(t, goos) {
			allowed, ok := mayImport[pkg.ImportPath]
			if !ok {
				t.Errorf("%s: the package %q is not in mayImport: say what it may import", goos, pkg.ImportPath)
			}
			for _, imported := range pkg.Imports {
				if slices.Contains(startsProcesses, imported) && !slices.Contains(runsPrograms, pkg.ImportPath) {
					t.Errorf("%s: the package %q may not import %s", goos, pkg.ImportPath, imported)
				}
				imported = shorten(imported)
				if !standard(imported) && !slices.ContainsFunc(allowed, covers(imported)) {
					t.Errorf("%s: the package %q may not import %s", goos, pkg.ImportPath, imported)
				}
			}
			for _, imported := range slices.Concat(pkg.TestImports, pkg.XTestImports) {
				for library, home := range onlyImporter {
					if strings.HasPrefix(imported, library) && pkg.ImportPath != home {
						t.Errorf("%s: a test of %q may not import %s: only %s may", goos, pkg.ImportPath, imported, home)
					}
				}
			}
		}
		if t.Failed() {
			return // The other systems would repeat it.
		}
	}
}

// TestNamedTests finds pages that name a test that does not exist, in any module.
func TestNamedTests(t *testing.T) {
	defined := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (file == "dist" || strings.HasPrefix(entry.Name(), ".") && file != ".") {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := os.ReadFile(file)
		for _, match := range function.FindAllSubmatch(source, -1) {
			defined[string(match[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	inBackquotes := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)\\w+)`")
	for pattern, atLeast := range map[string]int{"SECURITY.md": 30, "CONTRIBUTING.md": 7, "DESIGN.md": 3, "design/*.md": 90} {
		pages, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		named := 0
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range inBackquotes.FindAllSubmatch(text, -1) {
				named++
				if !defined[string(match[1])] {
					t.Errorf("%s names %s, which does not exist", page, match[1])
				}
			}
		}
		if named < atLeast {
			t.Errorf("%s: %d tests are named, want at least %d", pattern, named, atLeast)
		}
	}
}

// packages parses this module's packages, each with its folder as import path.
func packages(t *testing.T, goos string) []*build.Package {
	t.Helper()
	system := build.Default
	system.GOOS = goos
	var pkgs []*build.Package
	err := filepath.WalkDir(".", func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if otherModule(dir) || entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && dir != "." {
			return filepath.SkipDir
		}
		pkg, err := system.ImportDir(dir, 0)
		if _, empty := errors.AsType[*build.NoGoError](err); empty {
			return nil
		}
		pkg.ImportPath = strings.TrimPrefix(filepath.ToSlash(dir), ".")
		pkgs = append(pkgs, pkg)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pkgs
}

func otherModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil && dir != "."
}

func shorten(path string) string {
	return strings.TrimPrefix(path, module+"/")
}

// standard goes by the go command's own rule: outside the standard library the
// first element of a path has a dot. Our shortened paths have none.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != "internal"
}

func covers(imported string) func(rule string) bool {
	return func(rule string) bool {
		if strings.HasSuffix(rule, "-") || strings.HasSuffix(rule, "/") {
			return strings.HasPrefix(imported, rule)
		}
		return imported == rule
	}
}
