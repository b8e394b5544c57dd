// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"context"
	"fmt"
	"io/fs"
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

const examples = "../../examples"

// releases is the bucket with retention in the examples.
const releases = "my-releases"

// since contains the first version of Terraform that accepts a file. The examples of the
// resource have a moved block from another provider.
var since = map[string]string{
	"function.tf":               "1.8.0",
	"resource.tf":               "1.8.0",
	"resource_secret.tf":        writeOnlyArguments,
	"import-by-identity.tf":     "1.12.0",
	"test.tftest.hcl":           "1.7.0",
	"action.tf":                 queriesAndActions,
	"list-resource.tfquery.hcl": queriesAndActions,
}

// TestExamples runs every file of the examples under Terraform. The files of a
// folder share a workspace and one run of each command.
func TestExamples(t *testing.T) {
	if err := installation.Add(t.Context(), "hashicorp/local", "./internal/e2e/testdata/local"); err != nil {
		t.Fatal(err)
	}
	applied := map[string][]string{} // file names by folder
	err := filepath.WalkDir(examples, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		folder, name := filepath.Split(path)
		kind, _, _ := strings.Cut(name, "_")
		kind, _, _ = strings.Cut(kind, ".")
		switch kind {
		case "import", "import-by-identity", "import-by-string-id":
			runExample(t, folder, name, func(e *example) { e.imported(name) })
		case "test":
			runExample(t, folder, name, func(e *example) { e.tested(name) })
		case "list-resource":
			runExample(t, folder, name, func(e *example) { e.must(e.workspace(name), "query", "-no-color") })
		case "action", "data-source", "function", "provider", "resource":
			if name == "resource_secret.tf" && unsupported(t, since[name]) != "" {
				return nil // the other files of its folder do not need that version
			}
			applied[folder] = append(applied[folder], name)
		default:
			t.Errorf("%s: no test runs a file of this name", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, names := range applied {
		runExample(t, folder, names[0], func(e *example) {
			w := e.workspace(names...)
			e.applied(w)
			e.must(w, "destroy", "-auto-approve", "-input=false", "-no-color")
		})
	}
}

// runExample runs a test of the files in folder, of which first needs the newest
// Terraform.
func runExample(t *testing.T, folder, first string, run func(*example)) {
	t.Run(strings.TrimPrefix(folder, examples+"/")+first, func(t *testing.T) {
		t.Parallel()
		if least := since[first]; least != "" {
			needsTerraform(t, least)
		}
		run(&example{T: t, server: osstest.Start(t, osstest.Config{}), folder: folder})
	})
}

// TestExamples_renamed applies the example with the old for_each key and then as
// it is. The second apply writes nothing.
func TestExamples_renamed(t *testing.T) {
	t.Parallel()
	e := &example{T: t, server: osstest.Start(t, osstest.Config{}), folder: filepath.Join(examples, "resources", "ossresumable_object")}
	const name = "resource_renamed.tf"
	w := e.workspace(name)
	now := e.text(name)
	before, _, _ := strings.Cut(strings.Replace(now, `"debian-12" =`, `"debian" =`, 1), "moved {")
	e.write(filepath.Join(w.Dir, name), before)
	e.applied(w)
	e.server.ResetLog()
	e.write(filepath.Join(w.Dir, name), now)
	out := e.applied(w)
	for _, r := range e.server.Requests() {
		if r.Op.Writes() {
			t.Errorf("sent %s", r)
		}
	}
	if !strings.Contains(out.Text, `has moved to ossresumable_object.disk["debian-12"]`) {
		t.Error(out.Text)
	}
}

// example is a folder of the examples, and a server that has the buckets they name.
type example struct {
	*testing.T
	server *osstest.Server
	folder string
}

// imported applies the resources of the example, and imports the objects in a new
// workspace, which must send no data.
func (e *example) imported(name string) {
	const resources = "resource.tf"
	e.applied(e.workspace(resources))
	e.server.ResetLog()
	if name == "import.sh" {
		w := e.workspace(resources)
		for command := range strings.Lines(e.text(name)) {
			if args, ok := strings.CutPrefix(strings.TrimSpace(command), "terraform import "); ok {
				address, id, _ := strings.Cut(args, " ")
				e.must(w, "import", "-input=false", "-no-color", address, strings.Trim(id, "'"))
				e.must(w, "state", "rm", address)
			}
		}
		return
	}
	out := e.applied(e.workspace(resources, name))
	if sent := e.server.Count(osstest.PutObject) + e.server.Count(osstest.UploadPart); sent > 0 || !strings.Contains(out.Text, "1 imported") {
		e.Errorf("objects and parts sent: %d\n%s", sent, out.Text)
	}
}

// tested runs the tests of the example for the resource. They send nothing.
func (e *example) tested(name string) {
	out := e.must(e.workspace("resource.tf", name), "test", "-no-color")
	runs := strings.Count(e.text(name), "\nrun \"")
	if !strings.Contains(out.Text, fmt.Sprintf("Success! %d passed, 0 failed.", runs)) {
		e.Errorf("%d runs\n%s", runs, out.Text)
	}
	if requests := e.server.Requests(); len(requests) != 0 {
		e.Errorf("sent %v", requests)
	}
}

var (
	bucketNames = regexp.MustCompile(`bucket\s*=\s*"([^"]+)"`)
	dataSources = regexp.MustCompile(`data "ossresumable_object" "\w+" \{\s*bucket\s*=\s*"([^"]+)"\s*key\s*=\s*"([^"]+)"`)
	sourceFiles = regexp.MustCompile(`"\$\{path\.module\}/([\w./-]+\.\w+)"`)
)

// workspace is a folder with files of the example and everything that they refer
// to but do not create.
func (e *example) workspace(names ...string) *terraform.Workspace {
	e.Helper()
	dir := e.TempDir()
	config := "terraform {\n  required_providers {\n    ossresumable = {\n      source = \"ossresumable/ossresumable\"\n    }\n  }\n}\n"
	e.write(filepath.Join(dir, "public", "index.html"), "<!doctype html>\n")
	for _, name := range names {
		text := e.text(name)
		e.write(filepath.Join(dir, name), text)
		if strings.Contains(text, "required_providers") {
			config = ""
		}
		for _, match := range bucketNames.FindAllStringSubmatch(text, -1) {
			e.server.CreateBucket(match[1])
			if match[1] == releases {
				e.server.EnableObjectWorm(releases, "COMPLIANCE", 0)
			}
		}
		for _, match := range dataSources.FindAllStringSubmatch(text, -1) {
			e.server.PutObject(match[1], match[2], []byte("published elsewhere"), nil)
		}
		for _, match := range sourceFiles.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(text, "filename = "+match[0]) {
				e.write(filepath.Join(dir, match[1]), strings.Repeat(match[1], 4096))
			}
		}
	}
	ctx, cancel := context.WithTimeout(e.Context(), time.Minute)
	defer cancel()
	w, err := installation.Workspace(ctx, dir, config, append(slices.Clip(terraform.Quick),
		"OSS_ENDPOINT="+e.server.URL(),
		"ALIBABA_CLOUD_REGION=cn-hangzhou",
		"ALIBABA_CLOUD_ACCESS_KEY_ID="+osstest.AccessKeyID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET="+osstest.AccessKeySecret,
		"OSSRESUMABLE_CHECKPOINT_DIR="+filepath.Join(dir, "checkpoints"),
		"TF_VAR_token=secret",
	)...)
	if err != nil {
		e.Fatal(err)
	}
	stop, err := w.Serve()
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup(stop)
	return w
}

func (e *example) applied(w *terraform.Workspace) terraform.Output {
	e.Helper()
	out := e.must(w, "apply", "-auto-approve", "-input=false", "-no-color")
	e.must(w, "plan", "-input=false", "-no-color", "-detailed-exitcode") // 2 if there are changes
	return out
}

func (e *example) must(w *terraform.Workspace, args ...string) terraform.Output {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), 2*time.Minute)
	defer cancel()
	out := w.Run(ctx, args...)
	if out.ExitCode != 0 {
		e.Fatalf("terraform %s: exit status %d\n%s", strings.Join(args, " "), out.ExitCode, out.Text)
	}
	return out
}

func (e *example) text(name string) string {
	e.Helper()
	text, err := os.ReadFile(filepath.Join(e.folder, name))
	if err != nil {
		e.Fatal(err)
	}
	return string(text)
}

func (e *example) write(path, text string) {
	e.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		e.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		e.Fatal(err)
	}
}
