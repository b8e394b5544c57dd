// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const scarceVariable = "OSSRESUMABLE_TEST_SCARCE_FILES"

// An upload runs in a process that can open 0, 1, 2 and so on more files. Wherever it
// reaches the limit, the error names the limit. It is another process, because the limit
// would affect other tests.
func TestDiagnose_filesRunOut(t *testing.T) {
	if endpoint := os.Getenv(scarceVariable); endpoint != "" {
		uploadWithFewFiles(t, endpoint)
		return
	}
	server := osstest.Start(t, osstest.Config{})
	server.CreateBucket(testBucket)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, self, "-test.run=^TestDiagnose_filesRunOut$", "-test.v")
	child.Env = append(os.Environ(), scarceVariable+"="+server.URL())
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, met := range []string{"met by: source", "met by: checkpoint", "met by: connection", "met by: nothing"} {
		if !strings.Contains(string(out), met) {
			t.Errorf("not %s:\n%s", met, out)
		}
	}
}

func uploadWithFewFiles(t *testing.T, endpoint string) {
	svc, diags := configure(t, map[string]tftypes.Value{
		"endpoint": text(endpoint), "access_key": text(osstest.AccessKeyID), "secret_key": text(osstest.AccessKeySecret), "max_retries": number(0),
	})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	source := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(source, make([]byte, 300_000), 0o600); err != nil {
		t.Fatal(err)
	}
	limit := syscall.Rlimit{Cur: 100, Max: 100}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	for free := range 30 {
		held := exhaustFiles(t, free)
		_, err := svc.uploader.Upload(t.Context(), resumable.Request{
			Source:      source,
			Destination: resumable.Destination{Object: resumable.Object{Bucket: testBucket, Key: fmt.Sprint("key", free)}},
			Options:     resumable.Options{CheckpointDir: filepath.Join(filepath.Dir(source), fmt.Sprint("dir", free)), PartSize: 102_400, Parallelism: 1, MultipartThreshold: 102_400},
		})
		for _, file := range held {
			_ = file.Close()
		}
		if err == nil {
			t.Log("met by: nothing")
			return
		}
		if got := testAttempt().diagnose(t.Context(), err); got.Summary() != "Too many open files" {
			t.Errorf("%d files: %s\n%s", free, got.Summary(), got.Detail())
		}
		met := "source"
		if strings.Contains(err.Error(), "dir") {
			met = "checkpoint"
		}
		if strings.Contains(err.Error(), "no answer from OSS") {
			met = "connection"
		}
		t.Logf("%d files, met by: %s: %v", free, met, err)
	}
	t.Error("30 files are not enough for an upload")
}

// exhaustFiles opens files until the process can open only free more.
func exhaustFiles(t *testing.T, free int) (held []*os.File) {
	t.Helper()
	for {
		file, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		held = append(held, file)
	}
	if len(held) < free {
		t.Fatalf("only %d files", len(held))
	}
	for _, file := range held[len(held)-free:] {
		_ = file.Close()
	}
	return held[:len(held)-free]
}
