// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

const vendorModule = "github.com/aliyun/aliyun-oss-go-sdk"

// vendorSuites are the test suites of the SDK that need only the service: no image
// processing, no DNS and no other endpoint. They contain the number of tests, because none
// may be skipped.
const (
	vendorSuites = "OssBucketMultipartSuite|OssUploadSuite|OssCopySuite|OssCrcSuite|OssProgressSuite|OssDownloadSuite"
	vendorTests  = 69
)

// TestVendorSuites compiles the tests of the SDK directly from its module, and runs them
// against ossserver.
func TestVendorSuites(t *testing.T) {
	endpoint := startServer(t)
	suites := exec.Command(compileTests(t, vendorModule+"/oss"), "-check.v", "-check.f", vendorSuites)
	suites.Dir = copyVendorFiles(t)
	suites.Env = serverEnv(endpoint)
	output, err := suites.CombinedOutput()
	summary := regexp.MustCompile(`(?m)^(OK|OOPS): .*$`).FindString(string(output))
	if want := fmt.Sprintf("OK: %d passed", vendorTests); err != nil || summary != want {
		t.Fatalf("%s\ngot %q (%v), want %q", output, summary, err, want)
	}
	t.Log(summary)
}

func compileTests(t *testing.T, of string, flags ...string) string {
	binary := filepath.Join(t.TempDir(), "vendor.test.exe")
	goTool(t, slices.Concat([]string{"test", "-vet=off", "-c", "-o", binary}, flags, []string{of})...)
	return binary
}

// copyVendorFiles copies the directories that the tests read and write, because the module
// cache is read-only. It returns the directory of the tests.
func copyVendorFiles(t *testing.T) string {
	module := goTool(t, "list", "-m", "-f", "{{.Dir}}", vendorModule)
	dir := t.TempDir()
	for _, folder := range []string{"oss", "sample"} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join(module, folder))); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "oss")
}
