// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every module that a release links on any system has an allowed license.
func TestLinked(t *testing.T) {
	systems, err := systems("../..")
	if err != nil {
		t.Fatal(err)
	}
	modules, err := linked("../..", systems)
	if err != nil {
		t.Fatal(err)
	}
	if len(modules) < 20 || !strings.HasPrefix(modules[0].name, "std go1.") {
		t.Errorf("%d modules, the first is %q; want the standard library and the modules of go.mod", len(modules), modules[0].name)
	}
	for _, m := range modules {
		kinds, err := m.kinds()
		if err != nil {
			t.Error(err)
		}
		t.Log(m.name, kinds)
	}
}

func TestKinds(t *testing.T) {
	mpl, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	const gpl = "This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version."
	for name, test := range map[string]struct {
		files map[string]string
		want  string // part of the error; "" for success
	}{
		"allowed":     {map[string]string{"LICENSE": string(mpl)}, ""},
		"none":        {map[string]string{"README.md": string(mpl), "license.go": string(mpl)}, "no license found"},
		"notice only": {map[string]string{"NOTICE": "Copyright"}, "no license found"},
		"unknown":     {map[string]string{"LICENSE.txt": "Do what you like, but never on a Sunday."}, "LICENSE.txt is not a known license"},
		"not allowed": {map[string]string{"COPYING": gpl}, "COPYING contains the license"},
		"below":       {map[string]string{"LICENSE": string(mpl), "a/LICENSE": gpl}, "a/LICENSE contains the license"},
		"not linked":  {map[string]string{"LICENSE": string(mpl), "other/LICENSE": gpl}, ""},
		"only below":  {map[string]string{"a/LICENSE": string(mpl)}, "no license found"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			linked := filepath.Join(root, "a", "b")
			if err := os.MkdirAll(linked, 0o700); err != nil {
				t.Fatal(err)
			}
			for name, text := range test.files {
				path := filepath.Join(root, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			files, err := licenseFiles(root, map[string]bool{linked: true})
			if err != nil {
				t.Fatal(err)
			}
			_, err = module{"example.com/m v1.0.0", files}.kinds()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
