// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// systems returns the GOOS/GOARCH pairs of the builds in .goreleaser.yml.
func systems(repository string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(repository, ".goreleaser.yml"))
	if err != nil {
		return nil, err
	}
	var config struct {
		Builds []struct {
			Goos, Goarch []string
			Ignore       []struct{ Goos, Goarch string }
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf(".goreleaser.yml: %w", err)
	}
	var systems []string
	for _, build := range config.Builds {
		for _, goos := range build.Goos {
			for _, goarch := range build.Goarch {
				if !slices.Contains(build.Ignore, struct{ Goos, Goarch string }{goos, goarch}) {
					systems = append(systems, goos+"/"+goarch)
				}
			}
		}
	}
	if len(systems) == 0 {
		return nil, errors.New(".goreleaser.yml has no build targets")
	}
	return systems, nil
}

// A module is the standard library, or a module that the provider links. Its name is
// "path version", as in the output of go version -m.
type module struct {
	name  string
	files []licenseFile
}

// linked returns the modules that the provider links on any of the systems, sorted by
// name. The standard library comes first.
func linked(repository string, systems []string) ([]module, error) {
	std, err := standardLibrary(repository)
	if err != nil {
		return nil, err
	}
	folders := map[string]map[string]bool{} // of packages, by module
	roots := map[string]string{}
	for _, system := range systems {
		packages, err := dependencies(repository, system)
		if err != nil {
			return nil, err
		}
		for _, p := range packages {
			if p.Module == nil || p.Module.Main {
				continue
			}
			name := p.Module.Path + " " + p.Module.Version
			if folders[name] == nil {
				folders[name] = map[string]bool{}
			}
			folders[name][p.Dir] = true
			roots[name] = p.Module.Dir
		}
	}
	var modules []module
	for name, root := range roots {
		files, err := licenseFiles(root, folders[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		modules = append(modules, module{name: name, files: files})
	}
	slices.SortFunc(modules, func(a, b module) int { return strings.Compare(a.name, b.name) })
	return append([]module{std}, modules...), nil
}

func standardLibrary(repository string) (module, error) {
	out, err := goCommand(repository, "", "env", "GOROOT", "GOVERSION")
	if err != nil {
		return module{}, err
	}
	root, version, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	files, err := licenseFiles(root, map[string]bool{root: true})
	return module{name: "std " + version, files: files}, err
}

// A goPackage is a package in the output of "go list -json". Packages of the standard
// library have no module.
type goPackage struct {
	Dir    string
	Module *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// dependencies returns all packages that the provider imports directly or indirectly.
// system is GOOS/GOARCH.
func dependencies(repository, system string) ([]goPackage, error) {
	out, err := goCommand(repository, system, "list", "-deps", "-json=Dir,Module", ".")
	if err != nil {
		return nil, err
	}
	var packages []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", system, err)
		}
		packages = append(packages, p)
	}
}

func goCommand(repository, system string, arguments ...string) ([]byte, error) {
	cmd := exec.CommandContext(context.Background(), "go", arguments...)
	cmd.Dir = repository
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if goos, goarch, ok := strings.Cut(system, "/"); ok {
		cmd.Env = append(cmd.Env, "GOOS="+goos, "GOARCH="+goarch)
	}
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w", strings.Join(arguments, " "), err)
	}
	return out, nil
}
