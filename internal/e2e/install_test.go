// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// make install puts the provider where both Terraform and OpenTofu find it by its
// source address, without a CLI configuration. It can be repeated while the
// provider runs.
func TestInstall(t *testing.T) {
	w := newWorld(t)
	home := t.TempDir()
	install := func() {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "make", "-s", "install", "PLUGINS="+filepath.Join(home, ".terraform.d", "plugins"))
		cmd.Dir = filepath.Join("..", "..")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("make install: %v\n%s", err, out)
		}
	}
	install()
	const name = "terraform-provider-ossresumable_v0.0.1"
	platform := filepath.Join("ossresumable", "ossresumable", "0.0.1", runtime.GOOS+"_"+runtime.GOARCH, name)
	if err := os.Mkdir(w.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		running := exec.CommandContext(ctx, filepath.Join(home, ".terraform.d", "plugins", host, platform), "status", "-watch", w.dir)
		if err := running.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { stop(); _ = running.Wait() }()

		config := strings.Replace(w.config(""), `"ossresumable/ossresumable"`, `"`+host+`/ossresumable/ossresumable"`, 1)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		user := &terraform.Workspace{Installation: installation, Dir: dir, Env: append(w.Env, "HOME="+home, "TF_CLI_CONFIG_FILE="+os.DevNull)}
		if out := user.Run(w.ctx(), "init", "-input=false", "-no-color"); out.ExitCode != 0 || !strings.Contains(out.Text, "v0.0.1 (unauthenticated)") {
			t.Errorf("%s: exit status %d\n%s", host, out.ExitCode, out.Text)
		}
	}
	install()
	if left, _ := filepath.Glob(filepath.Join(home, ".terraform.d", "plugins", "*", filepath.Dir(platform), "*")); len(left) != 2 {
		t.Errorf("installed %v", left)
	}
}
