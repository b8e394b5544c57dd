// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The archive contains the binary of this test, which links modules, too.
func TestDescribe_licenses(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Deps) == 0 {
		t.Fatal("the test links no module")
	}
	whole := "head\nstd " + info.GoVersion + "\n"
	for _, module := range info.Deps {
		whole += module.Path + " " + module.Version + "\n"
	}
	last := info.Deps[len(info.Deps)-1]
	for name, test := range map[string]struct{ notices, want string }{
		"whole":              {whole, ""},
		"no file":            {"", "does not name std"},
		"no module":          {strings.TrimSuffix(whole, last.Path+" "+last.Version+"\n"), "does not name " + last.Path},
		"another version":    {strings.Replace(whole, last.Path+" "+last.Version, last.Path+" v0.0.1", 1), "does not name " + last.Path},
		"begins like module": {strings.Replace(whole, last.Version+"\n", last.Version+"-1\n", 1), "does not name " + last.Path},
	} {
		t.Run(name, func(t *testing.T) {
			archive := filepath.Join(t.TempDir(), "terraform-provider-x_1.2.3_linux_amd64.zip")
			write(t, archive, binary, test.notices)
			bom, err := describe(archive)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want %q", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, want := len(*bom.Components), 1+len(info.Deps); got != want {
				t.Errorf("%d components, want the standard library and %d modules", got, want-1)
			}
		})
	}
}

func write(t *testing.T, archive, binary, notices string) {
	t.Helper()
	whole, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	w := zip.NewWriter(&text)
	for name, content := range map[string][]byte{"terraform-provider-x_v1.2.3": whole, "THIRD-PARTY-NOTICES": []byte(notices)} {
		if len(content) == 0 {
			continue
		}
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(archive, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
