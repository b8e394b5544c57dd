// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// unboundedReads are functions that read or decode without a limit.
// internal/bounded and private.ReadFile have one.
var unboundedReads = map[string][]string{
	"io":                    {"ReadAll", "Copy"},
	"os":                    {"ReadFile", "ReadDir"},
	"io/fs":                 {"ReadFile", "ReadDir"},
	"io/ioutil":             {"ReadAll", "ReadFile", "ReadDir"},
	"bufio":                 {"NewReader", "NewReaderSize", "NewScanner"},
	"encoding/json":         {"NewDecoder"},
	"encoding/xml":          {"NewDecoder", "Unmarshal"},
	"gopkg.in/ini.v1":       {"Load", "LoadSources"},
	"net/http/httputil":     {"DumpResponse"},
	"encoding/csv":          {"NewReader"},
	"encoding/gob":          {"NewDecoder"},
	"compress/gzip":         {"NewReader"},
	"archive/zip":           {"OpenReader"},
	"net/textproto":         {"NewReader"},
	"net/http":              {"Get", "Post", "PostForm", "Head", "DefaultClient"},
	"text/template":         {"ParseFiles"},
	"golang.org/x/net/html": {"Parse"},
}

// boundedElsewhere are the places whose reads have a limit all the same.
var boundedElsewhere = map[string]string{
	"internal/bounded/bounded.go: io.ReadAll":                  "of a reader that ends at the limit",
	"internal/ossclient/document_shape.go: xml.Unmarshal":      "of an answer whose shape has been checked",
	"internal/ossclient/credentials/oauth.go: json.NewDecoder": "of bytes that bounded.ReadFile has read",
	"internal/ossclient/credentials/profile.go: ini.Load":      "of bytes that bounded.ReadFile has read",
	"internal/resumable/upload.go: io.Copy":                    "of a source into checksums, which keep nothing of it",
	"internal/resumable/checkpoint/journal.go: os.ReadDir":     "of the checkpoint directory, whose owner is this user",
	"internal/resumable/checkpoint/list.go: os.ReadDir":        "of the checkpoint directory, whose owner is this user",
	"internal/resumable/checkpoint/stale.go: os.ReadDir":       "of the checkpoint directory, whose owner is this user",
	"internal/resumable/source/cache_sweep.go: os.ReadDir":     "of the checkpoint directory, whose owner is this user",
	"internal/status/abort.go: bufio.NewReader":                "of the answers that the user types",
}

// TestReads_areBounded fails where the provider reads without a limit, and where
// an exception is of no use any more. Packages for tests are not part of it.
func TestReads_areBounded(t *testing.T) {
	tests := []string{"internal/osstest", "internal/ststest", "internal/terraform", "internal/demo", "internal/explore", "internal/real", "internal/recorded", "internal/e2e"}
	used := map[string]bool{}
	for _, goos := range []string{"linux", "darwin", "freebsd", "windows"} {
		for _, pkg := range packages(t, goos) {
			if slices.ContainsFunc(tests, func(dir string) bool { return strings.HasPrefix(pkg.ImportPath+"/", dir+"/") }) {
				continue
			}
			for _, file := range pkg.GoFiles {
				name := filepath.ToSlash(filepath.Join(pkg.Dir, file))
				for _, found := range unboundedIn(t, name) {
					place := name + ": " + found
					if boundedElsewhere[place] == "" {
						t.Errorf("%s reads without a limit: use internal/bounded", place)
					}
					used[place] = true
				}
			}
		}
	}
	for place := range boundedElsewhere {
		if !used[place] {
			t.Errorf("%s is an exception and not there any more", place)
		}
	}
}

// unboundedIn are the uses of unboundedReads in a file, and the methods of
// [os/exec.Cmd] that keep all output.
func unboundedIn(t *testing.T, name string) (found []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	imports := map[string]string{}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		base := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".v1")
		if spec.Name != nil {
			base = spec.Name.Name
		}
		imports[base] = path
	}
	ast.Inspect(file, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if pkg, ok := selector.X.(*ast.Ident); ok && slices.Contains(unboundedReads[imports[pkg.Name]], selector.Sel.Name) {
			found = append(found, pkg.Name+"."+selector.Sel.Name)
		}
		if _, runs := imports["exec"]; runs && (selector.Sel.Name == "Output" || selector.Sel.Name == "CombinedOutput") {
			found = append(found, "exec."+selector.Sel.Name)
		}
		return true
	})
	return found
}
