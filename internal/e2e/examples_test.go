// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

const examples = "../../examples"

// releases is the examples' bucket for objects that nobody can delete.
const releases = "my-releases"

// since names the files that an older Terraform cannot read.
var since = map[string]string{
	"function.tf":               "1.8.0",
	"resource_moved.tf":         "1.8.0",
	"import-by-identity.tf":     "1.12.0",
	"action.tf":                 queriesAndActions,
	"list-resource.tfquery.hcl": queriesAndActions,
}

// TestExamples does with every file of the examples what a user does who
// copies it. A file of a kind that it does not know fails it.
func TestExamples(t *testing.T) {
	if err := installation.Add(t.Context(), "hashicorp/local", "./internal/e2e/testdata/local"); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(examples, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		t.Run(strings.TrimPrefix(path, examples+"/"), func(t *testing.T) {
			t.Parallel()
			folder, name := filepath.Split(path)
			if least := since[name]; least != "" {
				needsTerraform(t, least)
			}
			e := &example{T: t, server: osstest.Start(t, osstest.Config{}), folder: folder}
			switch {
			case strings.HasPrefix(name, "import"):
				e.imported(name)
			case strings.HasSuffix(name, ".tf"):
				w := e.workspace(name)
				e.applied(w)
				e.must(w, "destroy", "-auto-approve", "-input=false", "-no-color")
			case strings.HasSuffix(name, ".tfquery.hcl"):
				e.must(e.workspace(name), "query", "-no-color")
			default:
				t.Fatal("no test knows what to do with this file")
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The example of new for_each keys touches nothing in OSS when the instances had
// the old keys before.
func TestExamples_renamed(t *testing.T) {
	t.Parallel()
	e := &example{T: t, server: osstest.Start(t, osstest.Config{}), folder: filepath.Join(examples, "resources", "ossresumable_object")}
	const name = "resource_renamed.tf"
	w := e.workspace(name)
	now := e.text(name)
	before, _, _ := strings.Cut(strings.NewReplacer(`"debian-12" =`, `"debian" =`, `"alpine-3" `, `"alpine"`).Replace(now), "moved {")
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
	if !strings.Contains(out.Text, `has moved to ossresumable_object.image["debian-12"]`) {
		t.Error(out.Text)
	}
}

// example is a folder of the examples, and a server that has the buckets they name.
type example struct {
	*testing.T
	server *osstest.Server
	folder string
}

// imported applies the example's resources once, forgets the state, and takes
// the objects over again, which must send none of their bytes.
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

var (
	bucketNames = regexp.MustCompile(`bucket\s*=\s*"([^"]+)"`)
	dataSources = regexp.MustCompile(`data "ossresumable_object" "\w+" \{\s*bucket\s*=\s*"([^"]+)"\s*key\s*=\s*"([^"]+)"`)
	sourceFiles = regexp.MustCompile(`"\$\{path\.module\}/([\w./-]+\.\w+)"`)
)

// workspace is a folder with files of the example and with all that these
// refer to, as far as they do not make it themselves.
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
			e.server.PutObject(match[1], match[2], []byte("published by somebody else"), nil)
		}
		for _, match := range sourceFiles.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(text, "filename = "+match[0]) {
				e.write(filepath.Join(dir, match[1]), strings.Repeat(match[1], 4096))
			}
		}
	}
	ctx, cancel := context.WithTimeout(e.Context(), time.Minute)
	defer cancel()
	w, err := installation.Workspace(ctx, dir, config,
		"OSS_ENDPOINT="+e.server.URL(),
		"ALIBABA_CLOUD_REGION=cn-hangzhou",
		"ALIBABA_CLOUD_ACCESS_KEY_ID="+osstest.AccessKeyID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET="+osstest.AccessKeySecret,
		"OSSRESUMABLE_CHECKPOINT_DIR="+filepath.Join(dir, "checkpoints"),
	)
	if err != nil {
		e.Fatal(err)
	}
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
