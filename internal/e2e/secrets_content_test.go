// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"crypto/md5" // the ETag of an object that is sent in one request
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/crc64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// The text of content_wo, and each checksum by which a short one can be guessed, is
// found nowhere: not in plan, state, checkpoint directory, output, or the log at TRACE.
func TestSecrets_content(t *testing.T) {
	w := newWorld(t)
	needsTerraform(t, writeOnlyArguments)
	if err := os.Mkdir(w.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	const secret, second = "hunter2-c0ffee06", "hunter3-c0ffee07"
	canaries := map[string]string{}
	for _, text := range []string{secret, second} {
		sum := md5.Sum([]byte(text))
		canaries["the text "+text] = text
		canaries["the base64 of "+text] = base64.StdEncoding.EncodeToString([]byte(text))
		canaries["the ETag of "+text] = fmt.Sprintf("%X", sum)
		canaries["the MD5 of "+text] = fmt.Sprintf("%x", sum)
		canaries["the Content-MD5 of "+text] = base64.StdEncoding.EncodeToString(sum[:])
		canaries["the SHA-256 of "+text] = fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
		canaries["the CRC-64 of "+text] = fmt.Sprint(crc64.Checksum([]byte(text), crc64.MakeTable(crc64.ECMA)))
	}
	w.Env = append(w.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(w.Dir, "trace.log"))
	config := func(version int, more string) {
		t.Helper()
		text := strings.Replace(w.config(more), fmt.Sprintf("source              = %q", w.source),
			fmt.Sprintf("content_wo = var.secret\n  content_wo_version = %d", version), 1)
		if err := w.Configure(text + "variable \"secret\" {\n  ephemeral = true\n}\n"); err != nil {
			t.Fatal(err)
		}
	}
	printed := ""
	run := func(want int, args ...string) {
		t.Helper()
		out := w.run(append([]string{args[0], "-input=false", "-no-color"}, args[1:]...)...)
		printed += out.Text
		if out.ExitCode != want {
			t.Errorf("%v: exit status %d\n%s", args, out.ExitCode, out.Text)
		}
		w.checkNowhere(canaries, []byte(printed))
	}

	w.Env = append(w.Env, "TF_VAR_secret="+secret)
	config(1, "")
	run(0, "plan", "-out=saved.tfplan")
	w.server.AddRule(osstest.Rule{Op: osstest.PutObject, Times: 1, Fault: osstest.Refuse(403, "AccessDenied")})
	run(1, "apply", "saved.tfplan")
	run(0, "apply", "-auto-approve")
	w.server.PutObject(bucket, key, []byte(secret), nil) // by another program
	run(0, "plan", "-out=saved.tfplan")
	run(0, "apply", "-refresh-only", "-auto-approve")
	w.Env = append(w.Env, "TF_VAR_secret="+second)
	config(2, `cache_control = "no-store"`)
	run(0, "plan", "-out=saved.tfplan")
	run(0, "apply", "saved.tfplan")
	run(0, "plan", "-detailed-exitcode")
	if got := string(w.object()); got != second {
		t.Errorf("the object holds %q", got)
	}
	w.checkDirEmpty()
}
