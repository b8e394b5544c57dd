// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Package e2e tests what a user lives through: the provider as it is
// installed, under real Terraform processes, stopped by real signals, against
// an OSS server that counts what it receives. It holds tests only.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

const (
	kib      = 1 << 10
	bucket   = "bucket"
	key      = "images/disk.img"
	partSize = 256 * kib
	parts    = 64
	parallel = 4
)

var installation *terraform.Installation

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "ossresumable-e2e-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if installation, err = terraform.Install(ctx, dir); err != nil {
		log.Print(err)
		return 1
	}
	return m.Run()
}

// world is a server, a file to keep there, and the workspace that says so.
type world struct {
	*terraform.Workspace
	t       *testing.T
	server  *osstest.Server
	source  string
	dir     string // checkpoint directory
	content []byte
}

// newWorld makes a world whose file has 64 parts. The server reads slowly
// enough for a test to stop an upload where it wants to.
func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	w := &world{
		t: t, server: osstest.Start(t, osstest.Config{Bandwidth: 4 << 20}),
		source: filepath.Join(t.TempDir(), "disk.img"), dir: filepath.Join(t.TempDir(), "checkpoints"),
	}
	w.server.CreateBucket(bucket)
	w.write(1)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	workspace, err := installation.Workspace(ctx, t.TempDir(), w.config(""),
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

// config is the configuration with more arguments for the resource.
func (w *world) config(more string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    ossresumable = {
      source = "ossresumable/ossresumable"
    }
  }
}

provider "ossresumable" {}

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

// write fills the file with bytes that depend on the seed. It is not a whole
// number of parts.
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

func (w *world) mustApply() terraform.Output {
	w.t.Helper()
	out := w.apply()
	if out.ExitCode != 0 {
		w.t.Fatalf("apply: exit status %d\n%s", out.ExitCode, out.Text)
	}
	return out
}

// startApply starts an apply and waits until the server has acknowledged n
// parts that it had not acknowledged before.
func (w *world) startApply(n int) *terraform.Process {
	w.t.Helper()
	before := len(w.acked())
	p, err := w.Start(nil, "apply", "-auto-approve", "-input=false", "-no-color")
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.ctx(), time.Minute)
	defer cancel()
	go func() {
		select {
		case <-p.Done():
			cancel()
		case <-ctx.Done():
		}
	}()
	err = w.server.WaitFor(ctx, func(requests []osstest.Request) bool {
		if n == 0 {
			return countOp(requests, osstest.UploadPart) > 0
		}
		return len(ackedIn(requests)) >= before+n
	})
	if err != nil {
		w.t.Fatalf("no %d parts: %v\n%s", n, err, p.Text())
	}
	return p
}

func countOp(requests []osstest.Request, op osstest.Op) (n int) {
	for _, r := range requests {
		if r.Op == op {
			n++
		}
	}
	return n
}

// ackedIn are the parts that the server has said it holds, by upload and number.
func ackedIn(requests []osstest.Request) map[string]bool {
	acked := map[string]bool{}
	for _, r := range requests {
		if r.Op == osstest.UploadPart && r.Status == 200 {
			acked[fmt.Sprintf("%s/%d", r.UploadID, r.PartNumber)] = true
		}
	}
	return acked
}

func (w *world) acked() map[string]bool { return ackedIn(w.server.Requests()) }

// settle waits until the server is done with every part: after a kill, bytes
// that the kernel had taken from the provider still arrive.
func (w *world) settle() {
	w.t.Helper()
	err := w.server.WaitFor(w.ctx(), func(requests []osstest.Request) bool {
		return !slices.ContainsFunc(requests, func(r osstest.Request) bool {
			return r.Op == osstest.UploadPart && r.Ended.IsZero()
		})
	})
	if err != nil {
		w.t.Fatalf("parts that do not end: %v", err)
	}
}

// checkDone holds every invariant of a finished apply.
func (w *world) checkDone() {
	w.t.Helper()
	if got := w.object(); !bytes.Equal(got, w.content) {
		w.t.Errorf("the object has %d bytes that are not the file's %d", len(got), len(w.content))
	}
	if open := w.server.OpenUploads(bucket); len(open) != 0 {
		w.t.Errorf("uploads left open: %+v", open)
	}
	w.checkSentOnce()
	entries, _ := os.ReadDir(w.dir)
	for _, e := range entries {
		if e.Name() != "fingerprints" {
			w.t.Errorf("left in the checkpoint directory: %s", e.Name())
		}
	}
	w.checkNoChanges()
}

// checkSentOnce finds no part that was sent again although it was known to be
// stored.
func (w *world) checkSentOnce() {
	w.t.Helper()
	for _, r := range w.server.ResentParts() {
		w.t.Errorf("sent again although it was stored: %s", r)
	}
}

// checkNoChanges plans: nothing to do, and nothing sent that writes.
func (w *world) checkNoChanges() {
	w.t.Helper()
	before := w.writes()
	out := w.run("plan", "-input=false", "-no-color", "-detailed-exitcode")
	if out.ExitCode != 0 || !strings.Contains(out.Text, "No changes") {
		w.t.Errorf("plan: exit status %d\n%s", out.ExitCode, out.Text)
	}
	if w.writes() != before {
		w.t.Error("the plan wrote to OSS")
	}
}

func (w *world) writes() (n int) {
	for _, r := range w.server.Requests() {
		if r.Op.Writes() {
			n++
		}
	}
	return n
}

// object is nil when there is none.
func (w *world) object() []byte {
	w.t.Helper()
	object, found := w.server.Object(bucket, key)
	if !found {
		return nil
	}
	r, err := object.Open()
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// stateOf returns the resource in the state: its attributes, and whether it is
// there and tainted.
func (w *world) stateOf() (attributes map[string]any, found, tainted bool) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.Dir, "terraform.tfstate"))
	if os.IsNotExist(err) || err == nil && len(text) == 0 { // empty: killed before the first state was written
		return nil, false, false
	}
	if err != nil {
		w.t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Instances []struct {
				Status     string
				Attributes map[string]any
			}
		}
	}
	if err := json.Unmarshal(text, &state); err != nil {
		w.t.Fatal(err)
	}
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			return i.Attributes, true, i.Status == "tainted"
		}
	}
	return nil, false, false
}

// says reports whether text has the words, in spite of the frame that
// Terraform draws around a diagnostic and of where it breaks lines.
func says(text, words string) bool {
	return strings.Contains(unwrap(text), unwrap(words))
}

func unwrap(text string) string {
	text = strings.NewReplacer("│", " ", "╷", " ", "╵", " ", "\n", " ").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}
