// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// Invalid arguments, and failures outside of the provider: each gives one clear error
// within seconds, which names the object and the next step. Nothing is sent that must not
// be.
func TestErrors(t *testing.T) {
	cases := []struct {
		name   string
		spoil  func(w *world)
		says   []string
		writes bool // requests that write may have been tried
		fault  string
	}{
		{"checkpoint directory cannot be written", func(w *world) {
			w.Env = append(w.Env, "OSSRESUMABLE_CHECKPOINT_DIR="+filepath.Join(w.source, "sub"))
		}, []string{"Checkpoint directory cannot be used", "Nothing was sent", "set checkpoint_dir to another"}, false, "FAULT F29: checkpoint directory that cannot be made"},

		{
			"source is missing", func(w *world) { _ = os.Remove(w.source) },
			[]string{"Source file does not exist", "Nothing was sent"},
			false, "",
		},

		{
			"source is a directory", func(w *world) { _ = os.Remove(w.source); _ = os.Mkdir(w.source, 0o700) },
			[]string{"Source is not a regular file", "is a directory"},
			false, "FAULT F46: source is a directory",
		},

		{
			"source is a FIFO", func(w *world) { _ = os.Remove(w.source); _ = syscall.Mkfifo(w.source, 0o600) },
			[]string{"Source is not a regular file", "FIFO"},
			false, "FAULT F46: source is a FIFO",
		},

		{
			"source is a device", func(w *world) { w.source = "/dev/zero"; _ = w.Configure(w.config("")) },
			[]string{"Source is not a regular file", "device"},
			false, "FAULT F46: source is a device",
		},

		{
			"source is a dangling link", func(w *world) { _ = os.Remove(w.source); _ = os.Symlink("nowhere", w.source) },
			[]string{"Source file does not exist", "Nothing was sent"},
			false, "FAULT F46: source is a dangling link",
		},

		{"bucket is missing", func(w *world) {
			_ = w.Configure(strings.Replace(w.config(""), `"`+bucket+`"`, `"no-such-bucket"`, 1))
		}, []string{"Bucket does not exist", "oss://no-such-bucket/" + key, "request ID", "Check the name of the bucket"}, false, "FAULT F76: no such bucket"},

		{
			"wrong access key", func(w *world) { w.Env = append(w.Env, "ALIBABA_CLOUD_ACCESS_KEY_ID=unknown") },
			[]string{"Credentials refused", "InvalidAccessKeyId", "Check access_key"},
			false, "FAULT F76: wrong AccessKey ID",
		},

		{
			"wrong secret key", func(w *world) { w.Env = append(w.Env, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=wrong") },
			[]string{"Credentials refused", "SignatureDoesNotMatch"},
			false, "FAULT F76: wrong AccessKey secret",
		},

		{"expired token", func(w *world) {
			w.server.AddCredential(osstest.Credential{AccessKeyID: "sts", AccessKeySecret: "sts-secret", SecurityToken: "old-token", Expires: time.Now().Add(-time.Minute)})
			w.Env = append(w.Env, "ALIBABA_CLOUD_ACCESS_KEY_ID=sts", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=sts-secret", "ALIBABA_CLOUD_SECURITY_TOKEN=old-token")
		}, []string{"Credentials expired", "Renew the credentials"}, false, "FAULT F74: security token expired before the apply"},

		{"endpoint is unreachable", func(w *world) {
			l, _ := net.Listen("tcp", "127.0.0.1:0")
			_ = l.Close() // the port is closed now
			w.Env = append(w.Env, "OSS_ENDPOINT=http://"+l.Addr().String())
		}, []string{"OSS cannot be reached", "oss://" + bucket + "/" + key, "Check the network"}, false, "FAULT F58: the port of the endpoint is closed"},

		{
			"endpoint does not resolve", func(w *world) { w.Env = append(w.Env, "OSS_ENDPOINT=http://oss.invalid") },
			[]string{"OSS cannot be reached", "Check the network"},
			false, "FAULT F58: endpoint does not resolve",
		},

		{"access to parts is denied", func(w *world) {
			w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Fault: osstest.Refuse(403, "AccessDenied")})
		}, []string{"Access denied", "oss:PutObject", "request ID"}, true, ""},

		{"object exists and must not be overwritten", func(w *world) {
			w.server.PutObject(bucket, key, []byte("precious"), nil)
			_ = w.Configure(w.config("forbid_overwrite = true"))
		}, []string{"Object already exists", "terraform import"}, false, "FAULT F67: object exists and must not be overwritten"},

		{"part size is too small", func(w *world) {
			_ = os.Truncate(w.source, 10_000*102_400+1)
			_ = w.Configure(strings.Replace(w.config(""), fmt.Sprintf("part_size           = %d", partSize), "part_size = 102400", 1))
		}, []string{"Part size too small", "part_size"}, false, "FAULT F66: part_size too small for the file"},

		{
			"region is missing", func(w *world) { w.Env = append(w.Env, "ALIBABA_CLOUD_REGION=") },
			[]string{"region"},
			false, "",
		},

		{
			"secret key is missing", func(w *world) { w.Env = append(w.Env, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=") },
			[]string{"ALIBABA_CLOUD_ACCESS_KEY_SECRET"},
			false, "",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if c.fault != "" {
				t.Log(c.fault)
			}
			c.spoil(w)
			defer w.serve()()
			out := w.apply()
			if out.ExitCode != 1 || out.Elapsed > time.Minute {
				t.Errorf("exit status %d after %v", out.ExitCode, out.Elapsed)
			}
			for _, want := range c.says {
				if !says(out.Text, want) {
					t.Errorf("%q is missing", want)
				}
			}
			if n := strings.Count(out.Text, "Error: "); n != 1 {
				t.Errorf("%d errors", n)
			}
			for _, r := range w.server.Requests() {
				if r.Op.Writes() && !c.writes {
					t.Errorf("sent %s", r)
				}
			}
			if _, found, _ := w.stateOf(); found {
				t.Error("the state has a resource")
			}
			if t.Failed() {
				t.Log(out.Text)
			}
		})
	}
}

// Credentials expire during the upload. The parts are kept, and the next apply
// continues with other credentials.
func TestErrors_tokenExpiresWhileUploading(t *testing.T) {
	w := newWorld(t)
	defer func() {
		t.Logf("FAULT F74: security token expires during the upload, which continues with another AccessKey; %d parts sent again", w.sentAgain())
	}()
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: 21, Fault: osstest.Refuse(403, "SecurityTokenExpired")})
	out := w.apply()
	for _, want := range []string{"Credentials expired", "are stored in OSS and will not be sent again", "Renew the credentials"} {
		if !says(out.Text, want) {
			t.Errorf("%q is missing:\n%s", want, out.Text)
		}
	}
	w.server.ClearRules()
	w.server.AddCredential(osstest.Credential{AccessKeyID: "other", AccessKeySecret: "other-secret", SecurityToken: "token"})
	w.Env = append(w.Env, "ALIBABA_CLOUD_ACCESS_KEY_ID=other", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=other-secret", "ALIBABA_CLOUD_SECURITY_TOKEN=token")
	w.mustApply()
	w.checkDone()
}
