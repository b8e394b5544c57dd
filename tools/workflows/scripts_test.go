// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package workflows

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The test runs the scripts of release.yml one after the other, with the files of a fake
// release, a temporary key, and a fake gh that records its arguments.
func TestRelease_scripts(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the scripts are written for the Linux of GitHub's runners")
	}
	if _, err := exec.LookPath("gpg"); err != nil {
		t.Skip("needs gpg")
	}
	release := newScripts(t)
	release.write("dist/p_1.2.3_linux_amd64.zip", "archive")
	release.write("dist/p_1.2.3_linux_amd64.zip.sbom.json", "bill of materials")
	release.write("dist/artifacts.json", "not of the release")
	release.write("terraform-registry-manifest.json", "manifest")
	var sums strings.Builder
	for name, content := range map[string]string{"linux_amd64.zip": "archive", "linux_amd64.zip.sbom.json": "bill of materials", "manifest.json": "manifest"} {
		fmt.Fprintf(&sums, "%x  p_1.2.3_%s\n", sha256.Sum256([]byte(content)), name)
	}
	release.write("dist/p_1.2.3_SHA256SUMS", sums.String())

	output := filepath.Join(release.dir, "output")
	release.must("build", release.dir, "GITHUB_OUTPUT="+output)
	text, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	release.sums = strings.TrimSuffix(strings.TrimPrefix(string(text), "sums="), "\n")
	files := filepath.Join(release.dir, "release")

	release.must("attest", files, "GITHUB_OUTPUT="+filepath.Join(release.dir, "output-of-attest"))
	release.must("sign", files, "GPG_PRIVATE_KEY="+release.key(), "PASSPHRASE=open sesame")
	if out, err := release.command(files, "gpg", "--batch", "--verify", "p_1.2.3_SHA256SUMS.sig", "p_1.2.3_SHA256SUMS").CombinedOutput(); err != nil {
		t.Errorf("the signature is not that of the key: %v\n%s", err, out)
	}

	release.write("bin/gh", "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$GH_ARGUMENTS\"\n")
	arguments := filepath.Join(release.dir, "arguments")
	publish := []string{"GITHUB_REF_NAME=v1.2.3", "GH_REPO=owner/name", "GH_ARGUMENTS=" + arguments}
	release.must("publish", files, publish...)
	noted, err := os.ReadFile(arguments)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"v1.2.3", "--verify-tag", "p_1.2.3_linux_amd64.zip", "p_1.2.3_linux_amd64.zip.sbom.json", "p_1.2.3_manifest.json", "p_1.2.3_SHA256SUMS", "p_1.2.3_SHA256SUMS.sig"} {
		if !strings.Contains("\n"+string(noted), "\n"+want+"\n") {
			t.Errorf("gh was called without %s:\n%s", want, noted)
		}
	}

	// If another job has replaced an archive, each later job fails, even if SHA256SUMS
	// has the new checksum.
	release.write("release/p_1.2.3_linux_amd64.zip", "another archive")
	jobs := map[string][]string{"attest": nil, "sign": {"GPG_PRIVATE_KEY=", "PASSPHRASE="}, "publish": publish}
	for name, env := range jobs {
		if out, err := release.run(name, files, env...); err == nil || !strings.Contains(out, "p_1.2.3_linux_amd64.zip: FAILED") {
			t.Errorf("%s accepted a replaced archive: %v\n%s", name, err, out)
		}
	}
	release.write("release/p_1.2.3_SHA256SUMS", fmt.Sprintf("%x  p_1.2.3_linux_amd64.zip\n", sha256.Sum256([]byte("another archive"))))
	for name, env := range jobs {
		if out, err := release.run(name, files, env...); err == nil || !strings.Contains(out, "p_1.2.3_SHA256SUMS: FAILED") {
			t.Errorf("%s accepted replaced checksums: %v\n%s", name, err, out)
		}
	}
}

// scripts runs the script of each job of release.yml, below dir.
type scripts struct {
	t         *testing.T
	dir, sums string
	of        map[string]string
}

func newScripts(t *testing.T) *scripts {
	t.Helper()
	workflows, err := parse(read(t))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "release") //nolint:usetesting // the path of gpg's socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	s := &scripts{t: t, dir: dir, of: map[string]string{}}
	t.Cleanup(func() {
		_ = s.command(dir, "gpgconf", "--kill", "gpg-agent").Run()
		_ = os.RemoveAll(dir)
	})
	if err := os.Mkdir(filepath.Join(dir, "gnupg"), 0o700); err != nil {
		t.Fatal(err)
	}
	// Without this, the agent spends a second on calibration.
	s.write("gnupg/gpg-agent.conf", "s2k-count 65536\n")
	for name, j := range workflows["release.yml"].Jobs {
		for _, step := range j.Steps {
			if step.Run != "" && step.Shell == "bash" {
				s.of[name] = step.Run
			}
		}
	}
	return s
}

func (s *scripts) write(name, content string) {
	s.t.Helper()
	name = filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o700); err != nil {
		s.t.Fatal(err)
	}
}

// key creates a key with a passphrase, and returns it in the format of the secret.
func (s *scripts) key() string {
	s.t.Helper()
	for _, arguments := range [][]string{
		{"--quick-generate-key", "test <test@example.com>", "ed25519", "sign", "1d"},
		{"--armor", "--export-secret-keys"},
	} {
		arguments = append([]string{"--batch", "--pinentry-mode", "loopback", "--passphrase", "open sesame"}, arguments...)
		out, err := s.command(s.dir, "gpg", arguments...).Output()
		if err != nil {
			s.t.Fatalf("gpg %q: %v", arguments, err)
		}
		if len(out) > 0 {
			return string(out)
		}
	}
	s.t.Fatal("gpg exported no key")
	return ""
}

func (s *scripts) command(dir, name string, arguments ...string) *exec.Cmd {
	cmd := exec.Command(name, arguments...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GNUPGHOME="+filepath.Join(s.dir, "gnupg"), "PATH="+filepath.Join(s.dir, "bin")+":"+os.Getenv("PATH"))
	return cmd
}

// run runs the script of a job in dir, as a GitHub runner does.
func (s *scripts) run(job, dir string, env ...string) (string, error) {
	cmd := s.command(dir, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.of[job])
	cmd.Env = append(append(cmd.Env, "SUMS="+s.sums), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (s *scripts) must(job, dir string, env ...string) {
	s.t.Helper()
	if out, err := s.run(job, dir, env...); err != nil {
		s.t.Fatalf("%s: %v\n%s", job, err, out)
	}
}
