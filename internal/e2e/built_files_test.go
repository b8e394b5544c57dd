// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

const builtFilesGuide = "../../templates/guides/files-that-the-same-apply-builds.md"

// builders stand in for the programs that the guide runs. What they build has the content
// of their input.
var builders = map[string]string{
	"go":     `mkdir -p "$(dirname "$4")" && cp main.go "$4"`,
	"packer": `mkdir -p build && cp "$3" build/appliance.qcow2`,
	"docker": `case $1 in build) cp Dockerfile image ;; save) mv image "$3" ;; esac`,
}

// TestBuiltFiles applies each configuration of the guide with two builds. The second one
// meets the file of the first.
func TestBuiltFiles(t *testing.T) {
	if err := installation.Add(t.Context(), "hashicorp/archive", "./internal/e2e/testdata/archive"); err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile(builtFilesGuide)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		input, output, object string
		packed                string // the entry of a zip file, which each plan writes again
		exports               bool   // the hash, which a plan without the file changes
	}{
		"Compile a program":              {input: "main.go", output: "build/app", object: "my-builds/app"},
		"Build an image with Packer":     {input: "image.pkr.hcl", output: "build/appliance.qcow2", object: "my-images/appliance.qcow2"},
		"Save an image of Docker":        {input: "Dockerfile", output: "app.tar", object: "my-images/app.tar"},
		"Pack files with `archive_file`": {input: "main.go", object: "my-functions/function.zip", packed: "bootstrap"},
		"Use the hash elsewhere":         {input: "main.go", output: "build/app", object: "my-builds/app", exports: true},
	}
	sections := regexp.MustCompile("(?s)\n## ([^\n]*)\n(.*?)```terraform\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	if len(sections) != len(tests) {
		t.Fatalf("the guide has %d configurations, and there are tests for %d", len(sections), len(tests))
	}
	for _, section := range sections {
		test, known := tests[section[1]]
		if !known {
			t.Fatalf("there is no test for the section %q", section[1])
		}
		t.Run(section[1], func(t *testing.T) {
			t.Parallel()
			b := newBuild(t, section[3])
			for _, content := range []string{"first build\n", "second build\n"} {
				b.write(filepath.Join(b.dir, test.input), content)
				b.applied(b.workspace)
				stored := b.stored(test.object)
				if test.packed != "" {
					stored = unpacked(t, stored, test.packed)
				}
				if string(stored) != content {
					t.Errorf("after the %q, OSS has %q", content, stored)
				}
			}
			if test.output != "" { // a machine that did not build
				if err := os.Remove(filepath.Join(b.dir, test.output)); err != nil {
					t.Fatal(err)
				}
			}
			if test.output != "" && !test.exports {
				b.must(b.workspace, "plan", "-input=false", "-no-color", "-detailed-exitcode")
			}
			b.must(b.workspace, "destroy", "-auto-approve", "-input=false", "-no-color")
			if stored := b.stored(test.object); stored != nil {
				t.Errorf("after the destroy, OSS has %q", stored)
			}
		})
	}
}

// build is a workspace in which Terraform builds a file and uploads it.
type build struct {
	*example
	workspace *terraform.Workspace
	dir       string
}

func newBuild(t *testing.T, config string) *build {
	b := &build{example: &example{T: t, server: osstest.Start(t, osstest.Config{})}, dir: t.TempDir()}
	for _, match := range bucketNames.FindAllStringSubmatch(config, -1) {
		b.server.CreateBucket(match[1])
	}
	programs := t.TempDir()
	for name, script := range builders {
		if err := os.WriteFile(filepath.Join(programs, name), []byte("#!/bin/sh -e\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const needs = "terraform {\n  required_providers {\n    ossresumable = {\n      source = \"ossresumable/ossresumable\"\n    }\n  }\n}\n"
	workspace, err := installation.Workspace(ctx, b.dir, needs+config, append(slices.Clip(terraform.Quick),
		"PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"),
		"OSS_ENDPOINT="+b.server.URL(),
		"ALIBABA_CLOUD_REGION=cn-hangzhou",
		"ALIBABA_CLOUD_ACCESS_KEY_ID="+osstest.AccessKeyID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET="+osstest.AccessKeySecret,
		"OSSRESUMABLE_CHECKPOINT_DIR="+filepath.Join(b.dir, "checkpoints"),
	)...)
	if err != nil {
		t.Fatal(err)
	}
	b.workspace = workspace
	return b
}

// stored returns the content of the object "bucket/key", or nil if it does not exist.
func (e *example) stored(object string) []byte {
	e.Helper()
	bucket, key, _ := strings.Cut(object, "/")
	info, exists := e.server.Object(bucket, key)
	if !exists {
		return nil
	}
	r, err := info.Open()
	if err != nil {
		e.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	content, err := io.ReadAll(r)
	if err != nil {
		e.Fatal(err)
	}
	return content
}

func unpacked(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(fmt.Errorf("read the archive: %w", err))
	}
	f, err := r.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
