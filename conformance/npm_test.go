// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestNpmClient runs ali-oss with both versions of the signature. It needs Node.js and
// `npm ci` in the directory npm, and is skipped otherwise.
func TestNpmClient(t *testing.T) {
	if _, err := os.Stat(filepath.Join("npm", "node_modules", "ali-oss")); err != nil {
		t.Skip("ali-oss is not installed: run `npm ci` in conformance/npm")
	}
	endpoint := startServer(t, "-sts", "conformance-sts-id:conformance-sts-secret:conformance-sts-token")
	node := exec.Command("node", "--test", "--test-reporter=spec")
	node.Dir = "npm"
	node.Env = append(serverEnv(endpoint),
		"OSS_TEST_STS_ID=conformance-sts-id",
		"OSS_TEST_STS_KEY=conformance-sts-secret",
		"OSS_TEST_STS_TOKEN=conformance-sts-token",
	)
	output, err := node.CombinedOutput()
	t.Logf("%s", output)
	if err != nil {
		t.Fatal(err)
	}
}
