// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	accessKeyID     = "conformance-id"
	accessKeySecret = "conformance-secret"
	region          = "cn-hangzhou"
)

// startServer builds and starts ossserver, and returns its URL.
func startServer(t *testing.T, flags ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "ossserver.exe")
	goTool(t, "build", "-C", "..", "-o", binary, "./internal/osstest/cmd/ossserver")

	flags = append(flags, "-region", region, "-access-key", accessKeyID, "-secret-key", accessKeySecret, "-dir", t.TempDir())
	server := exec.Command(binary, flags...)
	server.Stderr = os.Stderr
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if url, ok := strings.CutPrefix(lines.Text(), "endpoint:"); ok {
			return strings.TrimSpace(url)
		}
	}
	t.Fatal("ossserver did not print its URL")
	return ""
}

// serverEnv returns the environment variables with which the SDK tests find the server.
func serverEnv(endpoint string) []string {
	return append(os.Environ(),
		"OSS_TEST_ENDPOINT="+endpoint,
		"OSS_TEST_ACCESS_KEY_ID="+accessKeyID,
		"OSS_TEST_ACCESS_KEY_SECRET="+accessKeySecret,
		"OSS_TEST_REGION="+region,
	)
}

// goTool runs the go command and returns its output.
func goTool(t *testing.T, args ...string) string {
	t.Helper()
	output, err := exec.Command("go", args...).Output()
	if err != nil {
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Logf("%s", failed.Stderr)
		}
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(output))
}
