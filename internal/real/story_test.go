// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"hash/crc64"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

const (
	kib          = 1 << 10
	realParts    = 32
	realPartSize = 256 * kib
	realAddress  = "ossresumable_object.real"
)

// askTerraform checks OSS with Terraform.
func (w *world) askTerraform() {
	w.ask("T1", "Terraform plans no change after it has created HTML, an image, an APK and an object with every header, nor after a rename and new headers", "No changes", func(p *probe) {
		w.tellHeaders(p)
	})
	w.ask("T2", "An upload of 8 MiB is killed and resumed; the object is updated, gets other headers, is imported and destroyed", "success", func(p *probe) {
		before := w.served()
		p.check(p.t.Run("life", func(t *testing.T) { w.tellLife(t) }), "success")
		w.terraformRequests += w.served() - before
	})
}

// tellLife kills and resumes the upload of an object, updates it, changes its headers,
// imports and destroys it.
func (w *world) tellLife(t *testing.T) {
	r := w.newStory(t)

	// 800 Kbit/s is the minimum of OSS, which leaves time for the kill.
	r.configure(`traffic_limit = 819200`)
	kept := r.killedMidway()
	r.configure("")
	out := r.must("apply", "-auto-approve", "-input=false", "-no-color")
	resumed := regexp.MustCompile(`resuming: .*parts_kept=(\d+)`).FindStringSubmatch(out.Text)
	if resumed == nil {
		t.Fatalf("nothing was resumed:\n%s", out.Text)
	}
	if n, _ := strconv.Atoi(resumed[1]); n < kept {
		t.Errorf("%d parts were kept, but %d were stored", n, kept)
	}
	r.checkHolds()

	r.write()
	r.must("apply", "-auto-approve", "-input=false", "-no-color")
	r.checkHolds()

	r.configure(`
  cache_control = "no-cache"
  metadata      = { made-by = "a test" }
  tags          = { test = "yes" }`)
	out = r.must("apply", "-auto-approve", "-input=false", "-no-color")
	if strings.Contains(out.Text, "upload initiated") {
		t.Errorf("a change of headers sent the file:\n%s", out.Text)
	}
	r.checkHolds()

	r.must("state", "rm", realAddress)
	r.must("import", "-input=false", "-no-color", realAddress, r.bucket+"/"+r.key)
	out = r.must("apply", "-auto-approve", "-input=false", "-no-color") // an import does not set source
	if strings.Contains(out.Text, "upload initiated") {
		t.Errorf("an import sent the file:\n%s", out.Text)
	}
	r.checkHolds()

	r.must("destroy", "-auto-approve", "-input=false", "-no-color")
	r.checkGone()
}

// story is the state of the Terraform test with one object.
type story struct {
	*terraform.Workspace
	t      *testing.T
	ctx    context.Context
	server *osstest.Server // nil for OSS
	bucket string
	key    string
	source string
	dir    string // checkpoint directory
	crc64  string // of the current file
}

func (w *world) newStory(t *testing.T) *story {
	t.Helper()
	r := &story{
		t: t, ctx: w.ctx, server: w.server, bucket: w.buckets[plain], key: w.prefix + "disk.img",
		source: filepath.Join(t.TempDir(), "disk.img"), dir: filepath.Join(t.TempDir(), "checkpoints"),
	}
	r.write()
	workspace, err := installation.Workspace(w.ctx, t.TempDir(), r.config(""), w.terraformEnv(r.dir)...)
	if err != nil {
		t.Fatal(err)
	}
	r.Workspace = workspace
	return r
}

func (r *story) config(more string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    ossresumable = {
      source = "ossresumable/ossresumable"
    }
  }
}

resource "ossresumable_object" "real" {
  bucket              = %q
  key                 = %q
  source              = %q
  part_size           = %d
  parallelism         = 2
  multipart_threshold = 102400
  deletion_policy     = "delete_all_versions"
  %s
}

output "crc64" {
  value = ossresumable_object.real.crc64
}
`, r.bucket, r.key, r.source, realPartSize, more)
}

func (r *story) configure(more string) {
	r.t.Helper()
	if err := r.Configure(r.config(more)); err != nil {
		r.t.Fatal(err)
	}
}

// write writes new bytes to the file.
func (r *story) write() {
	r.t.Helper()
	content := make([]byte, realParts*realPartSize-333)
	var seed [32]byte
	_, _ = rand.Read(seed[:])
	_, _ = mathrand.NewChaCha8(seed).Read(content)
	if err := os.WriteFile(r.source, content, 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.crc64 = strconv.FormatUint(crc64.Checksum(content, crc64.MakeTable(crc64.ECMA)), 10)
}

func (r *story) must(args ...string) terraform.Output {
	r.t.Helper()
	out := r.Run(r.ctx, args...)
	if out.ExitCode != 0 {
		r.t.Fatalf("terraform %s: exit status %d\n%s", args[0], out.ExitCode, out.Text)
	}
	return out
}

// killedMidway kills an apply when OSS has stored some parts, and returns their number.
func (r *story) killedMidway() (stored int) {
	r.t.Helper()
	release := r.hold(6)
	defer release()
	p, err := r.Start(nil, "apply", "-auto-approve", "-input=false", "-no-color")
	if err != nil {
		r.t.Fatal(err)
	}
	for r.stored() < 3 {
		select {
		case <-p.Done():
			r.t.Fatalf("it exited before it was killed:\n%s", p.Text())
		case <-r.ctx.Done():
			r.t.Fatal("timed out waiting for parts")
		case <-time.After(50 * time.Millisecond): // OSS sends no events
		}
	}
	p.SignalGroup(syscall.SIGKILL)
	p.Wait()
	return r.stored()
}

// hold makes the test server, which has no traffic limit, accept at most n parts until
// release is called.
func (r *story) hold(n int) (release func()) {
	if r.server == nil {
		return func() {}
	}
	gate := make(chan struct{})
	remove := r.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: n + 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		<-gate
		return osstest.Fault{}
	})})
	return func() {
		close(gate)
		remove()
	}
}

// stored returns the number of parts in the checkpoint.
func (r *story) stored() int {
	entries, err := checkpoint.List(r.dir)
	if err != nil || len(entries) != 1 {
		return 0
	}
	return len(entries[0].State.Parts)
}

// checkHolds compares the CRC-64 of the object with that of the file, and checks that a plan
// has no changes.
func (r *story) checkHolds() {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.Dir, "terraform.tfstate"))
	if err != nil {
		r.t.Fatal(err)
	}
	var state struct {
		Outputs struct{ CRC64 struct{ Value string } }
	}
	if err := json.Unmarshal(text, &state); err != nil {
		r.t.Fatal(err)
	}
	if got := state.Outputs.CRC64.Value; got != r.crc64 {
		r.t.Errorf("crc64 is %q, the file's is %s", got, r.crc64)
	}
	r.must("plan", "-input=false", "-no-color", "-detailed-exitcode") // 2 if there are changes
}

// checkGone checks that neither the object nor an upload exists.
func (r *story) checkGone() {
	r.t.Helper()
	config, _, _ := strings.Cut(r.config(""), "resource ")
	err := r.Configure(config + fmt.Sprintf(`
data "ossresumable_incomplete_uploads" "left" {
  bucket = %q
  prefix = %q
}

data "ossresumable_object" "gone" {
  bucket = %q
  key    = %q

  lifecycle {
    precondition {
      condition     = length(data.ossresumable_incomplete_uploads.left.uploads) == 0
      error_message = "Uploads are still open."
    }
  }
}
`, r.bucket, r.key, r.bucket, r.key))
	if err != nil {
		r.t.Fatal(err)
	}
	out := r.Run(r.ctx, "plan", "-input=false", "-no-color")
	if out.ExitCode == 0 || !strings.Contains(out.Text, "Object does not exist") {
		r.t.Errorf("the object or an upload still exists:\n%s", out.Text)
	}
}
