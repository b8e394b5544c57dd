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

// vendorSuites are the suites of the SDK that need nothing but the service
// itself: no image processing, no DNS, no other endpoint. The suites' number of
// tests is part of the claim: none may be skipped.
const (
	vendorSuites = "OssBucketMultipartSuite|OssUploadSuite|OssCopySuite|OssCrcSuite|OssProgressSuite|OssDownloadSuite"
	vendorTests  = 69
)

// TestVendorSuites compiles the SDK's tests straight from its module and runs
// them against ossserver.
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

// copyVendorFiles makes a writable copy of the folders the tests read from and
// write to: the module cache is read-only. It returns the tests' own folder.
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
