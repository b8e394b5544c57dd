// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"context"
	"crypto/rand"
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

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// realBucketVariable names the bucket of TestRealBucket.
const realBucketVariable = "OSSRESUMABLE_TEST_BUCKET"

const (
	realParts    = 32
	realPartSize = 256 * kib
	realAddress  = "ossresumable_object.real"
)

// TestRealBucket takes one object through its life in a bucket that exists:
// killed while it is uploaded, resumed, updated, given other headers, imported,
// destroyed. It runs only when it is asked to, because it costs money;
// CONTRIBUTING.md says what it needs and makes.
func TestRealBucket(t *testing.T) {
	name := os.Getenv(realBucketVariable)
	if os.Getenv("TF_ACC") == "" || name == "" {
		t.Skipf("set TF_ACC=1, %s to a bucket that may be written to, and region and credentials as for the provider", realBucketVariable)
	}
	r := newRealBucket(t, name)

	// 800 Kbit/s is the least that OSS accepts: there is time for a kill.
	r.configure(`traffic_limit = 819200`)
	kept := r.killedMidway()
	r.configure("")
	out := r.must("apply", "-auto-approve", "-input=false", "-no-color")
	resumed := regexp.MustCompile(`resuming: .*parts_kept=(\d+)`).FindStringSubmatch(out.Text)
	if resumed == nil {
		t.Fatalf("nothing was resumed:\n%s", out.Text)
	}
	if n, _ := strconv.Atoi(resumed[1]); n < kept {
		t.Errorf("%d parts kept of %d that were stored", n, kept)
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
	r.must("import", "-input=false", "-no-color", realAddress, name+"/"+r.key)
	out = r.must("apply", "-auto-approve", "-input=false", "-no-color") // source is in no bucket
	if strings.Contains(out.Text, "upload initiated") {
		t.Errorf("an import sent the file:\n%s", out.Text)
	}
	r.checkHolds()

	r.must("destroy", "-auto-approve", "-input=false", "-no-color")
	r.checkGone()
}

// realBucket is an object of a bucket that is not ours alone.
type realBucket struct {
	*terraform.Workspace
	t      *testing.T
	bucket string
	key    string
	source string
	dir    string // checkpoint directory
	crc64  string // of the file now
}

func newRealBucket(t *testing.T, bucket string) *realBucket {
	t.Helper()
	r := &realBucket{
		t: t, bucket: bucket, key: "ossresumable-test/" + rand.Text() + "/disk.img",
		source: filepath.Join(t.TempDir(), "disk.img"), dir: filepath.Join(t.TempDir(), "checkpoints"),
	}
	r.write()
	env := []string{"OSSRESUMABLE_CHECKPOINT_DIR=" + r.dir, "TF_LOG_PROVIDER=INFO"}
	for _, variable := range os.Environ() {
		for _, family := range []string{"ALICLOUD_", "ALIBABA_CLOUD_", "ALIBABACLOUD_", "OSS_"} {
			if strings.HasPrefix(variable, family) {
				env = append(env, variable)
			}
		}
	}
	workspace, err := installation.Workspace(t.Context(), t.TempDir(), r.config(""), env...)
	if err != nil {
		t.Fatal(err)
	}
	r.Workspace = workspace
	t.Cleanup(r.cleanUp)
	return r
}

func (r *realBucket) config(more string) string {
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

func (r *realBucket) configure(more string) {
	r.t.Helper()
	if err := r.Configure(r.config(more)); err != nil {
		r.t.Fatal(err)
	}
}

// write gives the file new bytes.
func (r *realBucket) write() {
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

func (r *realBucket) must(args ...string) terraform.Output {
	r.t.Helper()
	out := r.Run(r.t.Context(), args...)
	if out.ExitCode != 0 {
		r.t.Fatalf("terraform %s: exit status %d\n%s", args[0], out.ExitCode, out.Text)
	}
	return out
}

// killedMidway kills an apply when some parts are in OSS, and says how many.
func (r *realBucket) killedMidway() (stored int) {
	r.t.Helper()
	p, err := r.Start(nil, "apply", "-auto-approve", "-input=false", "-no-color")
	if err != nil {
		r.t.Fatal(err)
	}
	for r.stored() < 3 {
		select {
		case <-p.Done():
			r.t.Fatalf("it ended before it could be killed:\n%s", p.Text())
		case <-r.t.Context().Done():
			r.t.Fatal("no parts in time")
		case <-time.After(50 * time.Millisecond): // nobody tells when OSS has a part
		}
	}
	p.SignalGroup(syscall.SIGKILL)
	p.Wait()
	return r.stored()
}

// stored is how many parts the checkpoint has.
func (r *realBucket) stored() int {
	entries, err := checkpoint.List(r.dir)
	if err != nil || len(entries) != 1 {
		return 0
	}
	return len(entries[0].State.Parts)
}

// checkHolds looks at what OSS itself has computed, and for drift.
func (r *realBucket) checkHolds() {
	r.t.Helper()
	r.must("apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color")
	if out := r.must("output", "-raw", "crc64"); !strings.Contains(out.Text, r.crc64) {
		r.t.Errorf("crc64 is %s, the file's is %s", out.Text, r.crc64)
	}
	r.must("plan", "-input=false", "-no-color", "-detailed-exitcode") // 2 if there are changes
}

// checkGone finds neither the object nor parts of it.
func (r *realBucket) checkGone() {
	r.t.Helper()
	config, _, _ := strings.Cut(r.config(""), "resource ")
	err := r.Configure(config + fmt.Sprintf(`
data "ossresumable_incomplete_uploads" "left" {
  bucket = %q
  prefix = %q
}

output "left" {
  value = "uploads left: ${length(data.ossresumable_incomplete_uploads.left.uploads)}"
}
`, r.bucket, r.key))
	if err != nil {
		r.t.Fatal(err)
	}
	out := r.must("apply", "-auto-approve", "-input=false", "-no-color")
	if !strings.Contains(out.Text, "uploads left: 0") {
		r.t.Error(out.Text)
	}
	err = r.Configure(config + fmt.Sprintf("data \"ossresumable_object\" \"gone\" {\n  bucket = %q\n  key    = %q\n}\n", r.bucket, r.key))
	if err != nil {
		r.t.Fatal(err)
	}
	if out := r.Run(r.t.Context(), "plan", "-input=false", "-no-color"); out.ExitCode == 0 || !strings.Contains(out.Text, "Object does not exist") {
		r.t.Errorf("it is still there:\n%s", out.Text)
	}
}

// cleanUp finishes and destroys what a failed test has left, because it costs money.
func (r *realBucket) cleanUp() {
	if !r.t.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	r.configure("")
	r.Run(ctx, "apply", "-auto-approve", "-input=false", "-no-color")
	if out := r.Run(ctx, "destroy", "-auto-approve", "-input=false", "-no-color"); out.ExitCode != 0 {
		r.t.Logf("this may be left, or parts of it: oss://%s/%s\n%s", r.bucket, r.key, out.Text)
	}
}
