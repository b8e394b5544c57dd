// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// allowed are the licenses of modules that the provider may link: licenses that require
// a notice, and the Mozilla Public License, which is that of the provider.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "MPL-2.0-no-copyleft-exception"}

// A licenseFile is a license, or a notice that a license requires to distribute. Its
// name is relative to the module, with slashes.
type licenseFile struct {
	name, text string
}

var (
	license = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([.-].*)?$`)
	notice  = regexp.MustCompile(`(?i)^(notice|patents|copyright)([.-].*)?$`)
)

// licenseFiles returns the license files for the packages in folders: those in the
// directory of each package and in its parents, up to the root of the module.
func licenseFiles(root string, folders map[string]bool) ([]licenseFile, error) {
	all := map[string]bool{}
	for folder := range folders {
		for ; folder != root; folder = filepath.Dir(folder) {
			if len(folder) <= len(root) {
				return nil, fmt.Errorf("package %s is outside of %s", folder, root)
			}
			all[folder] = true
		}
		all[root] = true
	}
	var files []licenseFile
	for folder := range all {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			name := entry.Name()
			if !entry.Type().IsRegular() || strings.HasSuffix(name, ".go") || !license.MatchString(name) && !notice.MatchString(name) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				return nil, err
			}
			relative, err := filepath.Rel(root, filepath.Join(folder, name))
			if err != nil {
				return nil, err
			}
			files = append(files, licenseFile{filepath.ToSlash(relative), strings.ReplaceAll(string(text), "\r\n", "\n")})
		}
	}
	slices.SortFunc(files, func(a, b licenseFile) int { return strings.Compare(a.name, b.name) })
	return files, nil
}

// kinds returns the SPDX identifiers of the licenses of a module. It returns an error if
// the root has no license, or if a license is unknown or not allowed.
func (m module) kinds() ([]string, error) {
	var kinds []string
	atRoot := false
	for _, file := range m.files {
		if !license.MatchString(filepath.Base(file.name)) {
			continue
		}
		atRoot = atRoot || !strings.Contains(file.name, "/")
		found := licensecheck.Scan([]byte(file.text))
		if found.Percent < 75 { // as pkg.go.dev requires
			return nil, fmt.Errorf("%s: %s is not a known license", m.name, file.name)
		}
		for _, match := range found.Match {
			if !slices.Contains(allowed, match.ID) {
				return nil, fmt.Errorf("%s: %s contains the license %s, which is not allowed", m.name, file.name, match.ID)
			}
			kinds = append(kinds, match.ID)
		}
	}
	if !atRoot {
		return nil, errors.New(m.name + ": no license found")
	}
	slices.Sort(kinds)
	return slices.Compact(kinds), nil
}
