// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Package e2e tests the built provider under real Terraform processes, which real signals
// stop, with an OSS server that records all requests. It contains only tests.
package e2e

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

const (
	kib      = 1 << 10
	bucket   = "bucket"
	key      = "images/disk.img"
	partSize = 128 * kib
	parts    = 64
	parallel = 4
)

var (
	installation *terraform.Installation
	template     *terraform.Workspace // initialized once for all worlds
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	// Under nohup, Terraform would inherit that SIGHUP is ignored.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	dir, err := os.MkdirTemp("", "ossresumable-e2e-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if installation, err = terraform.Install(ctx, dir); err == nil {
		template, err = installation.Workspace(ctx, filepath.Join(dir, "template"), settings, terraform.Quick...)
	}
	if err != nil {
		log.Print(err)
		return 1
	}
	raiseParallelism()
	return m.Run()
}

// raiseParallelism runs more tests at once than there are processors, because most of them
// wait for processes to start and to exit. -parallel takes precedence.
func raiseParallelism() {
	flag.Parse()
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "test.parallel" })
	if !set {
		_ = flag.Set("test.parallel", strconv.Itoa(3*runtime.NumCPU()))
	}
}

// world is an OSS server, a file, and a workspace that uploads the file.
type world struct {
	*terraform.Workspace
	t       testing.TB
	server  *osstest.Server
	source  string
	dir     string // checkpoint directory
	content []byte
	others  []string // IDs of uploads that must stay open; see forget
}

// forget removes the checkpoints, as on another machine. Open uploads without parts then
// look like those of another process, and stay open.
func (w *world) forget() {
	w.t.Helper()
	if err := os.RemoveAll(w.dir); err != nil {
		w.t.Fatal(err)
	}
	for _, upload := range w.server.OpenUploads(bucket) {
		if len(upload.Parts) == 0 {
			w.others = append(w.others, upload.UploadID)
		}
	}
}

// newWorld returns a world with a file of 64 parts. The server reads slowly, so that a test
// can stop the upload at a certain part.
func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	return newWorldWith(t, osstest.Config{Bandwidth: 4 << 20})
}

func newWorldWith(t testing.TB, cfg osstest.Config) *world {
	t.Helper()
	w := &world{
		t: t, server: osstest.Start(t, cfg),
		source: filepath.Join(t.TempDir(), "disk.img"), dir: filepath.Join(t.TempDir(), "checkpoints"),
	}
	w.server.CreateBucket(bucket)
	w.write(1)
	workspace, err := template.Sibling(t.TempDir(), w.config(""),
		"OSS_ENDPOINT="+w.server.URL(),
		"ALIBABA_CLOUD_REGION=cn-hangzhou",
		"ALIBABA_CLOUD_ACCESS_KEY_ID="+osstest.AccessKeyID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET="+osstest.AccessKeySecret,
		"OSSRESUMABLE_CHECKPOINT_DIR="+w.dir,
	)
	if err != nil {
		t.Fatal(err)
	}
	w.Workspace = workspace
	return w
}

// settings is a configuration without resources.
const settings = `
terraform {
  required_providers {
    ossresumable = {
      source = "ossresumable/ossresumable"
    }
  }
}

provider "ossresumable" {}
`

// config returns the configuration, with more arguments for the resource.
func (w *world) config(more string) string {
	return settings + fmt.Sprintf(`
resource "ossresumable_object" "disk" {
  bucket              = %q
  key                 = %q
  source              = %q
  part_size           = %d
  parallelism         = %d
  multipart_threshold = 102400
  %s
}
`, bucket, key, w.source, partSize, parallel, more)
}

// write writes the file, with bytes that depend on the seed. Its size is not a multiple of
// the part size.
func (w *world) write(seed byte) {
	w.t.Helper()
	w.content = make([]byte, parts*partSize-333)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(w.content)
	if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	w.t.Cleanup(cancel)
	return ctx
}

func (w *world) run(args ...string) terraform.Output {
	w.t.Helper()
	return w.Run(w.ctx(), args...)
}

func (w *world) apply() terraform.Output {
	w.t.Helper()
	return w.run("apply", "-auto-approve", "-input=false", "-no-color")
}

// serve starts the provider once for all commands until stop. It does not where it matters
// that Terraform starts and ends the provider: under a tracer or other limits, for its log, and
// with aliases, each of which has a process.
func (w *world) serve() (stop func()) {
	w.t.Helper()
	config, err := os.ReadFile(filepath.Join(w.Dir, "main.tf"))
	if err != nil {
		w.t.Fatal(err)
	}
	matters := func(variable string) bool {
		return strings.HasPrefix(variable, "TF_LOG") || strings.HasPrefix(variable, "TF_REATTACH_PROVIDERS=")
	}
	if w.Via != nil || slices.ContainsFunc(w.Env, matters) || strings.Contains(string(config), "alias ") {
		return func() {}
	}
	stop, err = w.Serve()
	if err != nil {
		w.t.Fatal(err)
	}
	return stop
}

// mustApply checks that an apply succeeds and that the next plan is empty.
func (w *world) mustApply() terraform.Output {
	w.t.Helper()
	defer w.serve()()
	out := w.apply()
	if out.ExitCode != 0 {
		w.t.Fatalf("apply: exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.checkNoChanges()
	return out
}
