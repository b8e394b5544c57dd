// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// The secrets in all credentials appear nowhere: not in the output and TRACE logs of
// Terraform, and not in state, plan or checkpoint. The apply succeeds, fails or is killed.
func TestSecrets_stayInTheEnvironment(t *testing.T) {
	canaries := map[string]string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID":     "canary-id-c0ffee01",
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "canary-secret-c0ffee02",
		"ALIBABA_CLOUD_SECURITY_TOKEN":    "canary-token-c0ffee03",
	}
	for _, signVersion := range []string{"v1", "v4"} {
		t.Run(signVersion, func(t *testing.T) {
			w := newWorld(t)
			t.Log("FAULT F85: canary credentials, TF_LOG=TRACE, apply that fails, is interrupted, killed and ends")
			w.server.AddCredential(osstest.Credential{
				AccessKeyID:     canaries["ALIBABA_CLOUD_ACCESS_KEY_ID"],
				AccessKeySecret: canaries["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
				SecurityToken:   canaries["ALIBABA_CLOUD_SECURITY_TOKEN"],
			})
			for name, value := range canaries {
				w.Env = append(w.Env, name+"="+value)
			}
			logs := filepath.Join(w.Dir, "trace.log")
			w.Env = append(w.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+logs)
			config := bytes.Replace([]byte(w.config("")), []byte(`provider "ossresumable" {}`), []byte(`provider "ossresumable" {
  sign_version = "`+signVersion+`"
}`), 1)
			if err := w.Configure(string(config)); err != nil {
				t.Fatal(err)
			}

			var printed bytes.Buffer
			w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: 5, Times: 1, Fault: osstest.Refuse(403, "SignatureDoesNotMatch")})
			printed.WriteString(w.apply().Text)
			p := w.startPausing(5)
			p.SignalGroup(syscall.SIGINT)
			printed.WriteString(p.Wait().Text)
			p = w.startPausing(5)
			p.SignalGroup(syscall.SIGKILL)
			printed.WriteString(p.Wait().Text)
			w.settle()
			w.checkNowhere(canaries, printed.Bytes()) // now there is a checkpoint
			printed.WriteString(w.run("plan", "-input=false", "-no-color", "-out=saved.tfplan").Text)
			printed.WriteString(w.mustApply().Text)
			w.checkDone()
			w.checkNowhere(canaries, printed.Bytes())
			if log, err := os.ReadFile(logs); err != nil || !bytes.Contains(log, []byte("UploadPart")) && !bytes.Contains(log, []byte("upload initiated")) {
				t.Errorf("the log does not even have our own lines: %v", err)
			}
		})
	}
}

func (w *world) checkNowhere(canaries map[string]string, printed []byte) {
	w.t.Helper()
	files := map[string][]byte{"what Terraform printed": printed}
	for _, root := range []string{w.Dir, w.dir} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() || filepath.Base(filepath.Dir(path)) == "linux_amd64" {
				return err
			}
			text, err := os.ReadFile(path)
			files[path] = text
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	if plan, err := zip.OpenReader(filepath.Join(w.Dir, "saved.tfplan")); err == nil {
		defer func() { _ = plan.Close() }()
		for _, f := range plan.File {
			r, err := f.Open()
			if err != nil {
				w.t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				w.t.Fatal(err)
			}
			files["saved.tfplan/"+f.Name] = text
		}
	}
	if len(files) < 3 {
		w.t.Fatalf("only looked into %d files", len(files))
	}
	for name, text := range files {
		for variable, value := range canaries {
			if bytes.Contains(text, []byte(value)) {
				w.t.Errorf("%s is found in %s", variable, name)
			}
		}
	}
}
